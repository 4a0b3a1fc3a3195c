"""Ranks over tasks: as scipy and scikit-posthocs compute them, bars by hand."""

import numpy as np
import pandas as pd
import pytest
import scikit_posthocs
from scipy import stats

from tnas_bench.config import load_scale
from tnas_bench.exhibits import tnaml_table1
from tnas_bench.exhibits.tnaml_ranks import EXHIBIT, alike, build, mean_ranks

FACTS = {"grade": "exact", "stand_ins": "", "pretrained_on": "A", "top_n": 10, "seeds": 3, "own_bar": False}
METHODS = ("random_search", "naml", "tnaml", "best_first")


def cells(means, measure="accuracy"):
    """The cells of Table 1 that these means are, shape (tasks, methods)."""
    rows = [
        {"task": f"t{task}", "title": f"T{task}", "measure": measure, "variant": variant, "mean": mean} | FACTS
        for task, of_task in enumerate(np.asarray(means, float))
        for variant, mean in zip(METHODS, of_task, strict=False)
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def ranked(monkeypatch):
    """Builds the exhibit of cells."""

    def make(*parts):
        monkeypatch.setattr(tnaml_table1, "build", lambda results, scale: pd.concat(parts, ignore_index=True))
        return build(None, load_scale("tiny"))

    return make


def test_ranks_and_p_are_those_of_scipy_and_scikit_posthocs(ranked):
    means = np.random.default_rng(2).normal([0, 0.3, 1, 2], 1, (13, 4))
    frame = ranked(cells(means), cells(means, "trials"))
    wanted = stats.rankdata(-means, axis=1).mean(axis=0)
    assert mean_ranks(frame, "accuracy") == pytest.approx(dict(zip(METHODS, wanted, strict=True)))
    assert mean_ranks(frame, "trials") == pytest.approx(dict(zip(METHODS, 5 - wanted, strict=True)))  # fewer is better
    long = cells(means)
    theirs = scikit_posthocs.posthoc_wilcoxon(long, "mean", "variant", method="exact", p_adjust="holm")
    pairs = frame[(frame["part"] == "pair") & (frame["measure"] == "accuracy")]
    assert len(pairs) == 6
    for pair in pairs.itertuples():
        assert pair.holm == pytest.approx(theirs.loc[pair.variant, pair.other])
        one, other = (means[:, METHODS.index(variant)] for variant in (pair.variant, pair.other))
        assert pair.p == pytest.approx(stats.wilcoxon(one, other, method="exact").pvalue)


def test_bars_join_neighbours_that_are_not_told_apart(ranked):
    """T-NAML and replay tie; NAML and RS tie, far below: on eleven tasks all others are told apart."""
    noise = np.arange(11)[:, None] - 5
    frame = ranked(cells(np.hstack([0 * noise, 0.1 * noise, 9 + 0.1 * noise, 9 + 0 * noise])))
    assert list(mean_ranks(frame, "accuracy").values()) == [1.5, 1.5, 3.5, 3.5]
    assert [set(bar) for bar in alike(frame, "accuracy")] == [{"tnaml", "best_first"}, {"naml", "random_search"}]
    assert not any("no pair" in note for note in EXHIBIT.notes(frame))


def test_too_few_tasks_are_told_and_a_bar_joins_all(ranked):
    frame = ranked(cells([[1, 2, 3], [2, 3, 4], [1, 3, 5]]))
    assert mean_ranks(frame, "accuracy") == {"tnaml": 1, "naml": 2, "random_search": 3}
    assert alike(frame, "accuracy") == [("tnaml", "random_search")]
    assert "On 3 tasks no pair of so many can be told apart (least p: 0.75)." in EXHIBIT.notes(frame)


def test_a_method_without_all_tasks_is_left_out(ranked):
    means = cells(np.eye(4))
    frame = ranked(means[(means["variant"] != "naml") | (means["task"] != "t0")])
    assert set(mean_ranks(frame, "accuracy")) == {"random_search", "tnaml", "best_first"}


def test_a_measure_without_values_is_left_out(ranked):
    """Of fewer than N trials there is no accuracy-topN."""
    frame = ranked(cells(np.full((4, 3), np.nan)), cells(np.eye(4)[:, :3], "trials"))
    assert mean_ranks(frame, "accuracy") == {} and len(mean_ranks(frame, "trials")) == 3
    assert len(EXHIBIT.draw(frame).axes) == 1


def test_a_picture_has_all_methods_and_its_bars(ranked):
    frame = ranked(cells([[1, 2, 3], [2, 3, 4], [1, 3, 5]]))
    (axes,) = EXHIBIT.draw(frame).axes
    assert [text.get_text().split() for text in axes.texts if "." in text.get_text()] == [
        ["T-NAML", "1.00"],
        ["NAML", "2.00"],
        ["3.00", "RS"],
    ]
    (bar,) = [line for line in axes.lines if line.get_linewidth() == 3]
    assert bar.get_xdata() == pytest.approx([0.97, 3.03])
