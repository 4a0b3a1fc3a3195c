"""Closest tasks, ties, ranks and chance, worked out by hand and by scipy."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from ldnas_made import distances, network, scale
from scipy.stats import spearmanr

from tnas_bench.errors import UserError
from tnas_bench.exhibits.ldnas_distances import (
    agreement,
    chance,
    closest,
    digits,
    headline,
    measured,
    paper_figure,
    rank_correlation,
    to_target,
)
from tnas_bench.seeds import stream


def column(means, deviation=0.0, seeds=4, target="t"):
    sources = [f"s{number}" for number in range(len(means))]
    return pd.DataFrame({"source": sources, "target": target, "mean": means, "deviation": deviation, "seeds": seeds})


def test_ties_by_hand():
    """Standard errors of .05 each: sources tie up to a difference of 2 * (.05 + .05) = .2."""
    cells = column([0.5, 0.69, 0.71, 0.9], deviation=0.1)
    assert closest(to_target(cells, "t")) == ["s0", "s1"]
    assert closest(to_target(cells.assign(deviation=0.0), "t")) == ["s0"]
    assert closest(to_target(cells.assign(deviation=np.nan, seeds=1), "t")) == ["s0"]


def test_a_task_is_not_its_own_source():
    cells = column([0.3, 0.2]).assign(target="s1")
    assert closest(to_target(cells, "s1")) == ["s0"]


def test_rank_correlation_against_scipy():
    random = stream("ranks")
    ours, paper = random.integers(0, 5, (2, 7)).astype(float)  # few values: ranks are shared
    expected = spearmanr(ours, paper).statistic
    shuffled = column(paper).sample(frac=1, random_state=2)
    assert rank_correlation(column(ours), shuffled) == pytest.approx(expected)
    assert np.isnan(rank_correlation(column([1, 2]), column([1, 2])))


@pytest.mark.parametrize(("ours", "theirs"), [(1, 1), (2, 1), (2, 2), (5, 3), (7, 1)])
def test_chance_by_counting_all_draws(ours, theirs):
    draws = list(combinations(range(7), ours))
    assert chance(ours, theirs, 7) == pytest.approx(sum(min(draw) < theirs for draw in draws) / len(draws))


def test_agreement_by_hand():
    """a: the same closest. b: the paper's closest, s1, ties with ours, s0. c: s2 alone is not the paper's s0."""
    ours = pd.concat(
        [
            column([1, 2, 3], target="a"),
            column([1.0, 1.1, 3], deviation=0.1, target="b"),
            column([3, 2, 1], target="c"),
        ]
    )
    paper = pd.concat([column([1, 2, 3], target="a"), column([2, 1, 3], target="b"), column([1, 2, 3], target="c")])
    found = agreement(ours, paper)
    assert (found.targets, found.closest, found.tied) == (3, 1, 2)
    assert found.chance == pytest.approx(1 / 3 + 2 / 3 + 1 / 3)
    assert found.correlation == pytest.approx((1 + 0.5 - 1) / 3)  # 1 - 6 * 2 / (3 * 8) for b


def test_means_over_seeds_and_the_headline():
    settings = scale().ldnas.fisher
    results = pd.concat([distances("task3", seed, {"task7": value}) for seed, value in enumerate((1.0, 2.0, 6.0))])
    cells = measured(results)
    shown = cells[headline(cells, settings).all(axis=1)]
    assert shown["protocol"].tolist() == ["paper", "released"]
    assert (shown["mean"] == 3).all() and (shown["seeds"] == 3).all()
    np.testing.assert_allclose(shown["deviation"], np.sqrt(7))  # (4 + 1 + 9) / 2
    others = headline(cells, settings.model_copy(update={"normalised": False, "sigma2": 1e-8}))
    assert cells.loc[others["headline"], "protocol"].unique() == ["released"]  # whose variant is no setting


def test_the_published_figure_is_cut_to_the_tasks_that_are_there():
    cells = measured(pd.concat([distances("task3", 0, {"task3": 0.0, "task7": 1.0, "task1": 2.0})]))
    assert paper_figure(cells)[["source", "target", "mean"]].to_numpy().tolist() == [
        ["task1", "task3", 0.52],
        ["task3", "task3", 0.0],
        ["task7", "task3", 0.23],
    ]


@pytest.mark.parametrize(("means", "expected"), [([0.0, 1.4], 2), ([0, 0.034], 3), ([0, 1e-9], 6), ([0, 0], 2)])
def test_digits(means, expected):
    assert digits(column(means).assign(target="s0")) == expected


def test_results_without_distances():
    with pytest.raises(UserError, match="no run of ldnas/distances"):
        measured(network("task0", 0, 0.9))
