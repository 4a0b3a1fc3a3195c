"""Measures that hold on a task or do not (1 or 0), for counts of tasks; a whole comparison counts as one seed."""

from collections.abc import Iterator

import numpy as np
from pandas import DataFrame

from tnas_bench.claims.measures import OURS, Measure, Row, learning, measure, searches
from tnas_bench.config import Scale
from tnas_bench.exhibits import comparison, tnaml, tnaml_ablation, tnaml_multitask
from tnas_bench.exhibits.comparison import OUTCOMES


def _means(cells: DataFrame) -> DataFrame:
    """Means over seeds: a row a task, a column a variant."""
    return cells.pivot_table(index="task", columns="variant", values="value", sort=False)


@measure(beside=("random_search", "naml"))
def first(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Whether T-NAML attains RS's bar before RS and NAML do [Table 1, left]."""
    for task, cells in _means(searches.trials(results, scale)).iterrows():
        yield task, OURS, 0, float(cells[OURS] < cells.drop(OURS)[["random_search", "naml"]].min())


@measure(beside=(OURS, "random_search"))
def tenfold(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Whether a rival needs ten times the trials of T-NAML, or more."""
    for task, rival, ratio in _ratios(results, scale):
        yield task, rival, 0, float(ratio >= 10)


@measure(beside=(OURS, "random_search"))
def beyond_tenfold(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """By how many orders of magnitude a rival needs more than ten times the trials of T-NAML."""
    for task, rival, ratio in _ratios(results, scale):
        yield task, rival, 0, float(np.log10(ratio) - 1)


def _ratios(results: DataFrame, scale: Scale) -> Iterator[tuple[str, str, float]]:
    for task, cells in _means(searches.trials(results, scale)).iterrows():
        for rival in cells.index.drop(OURS):
            yield task, rival, cells[rival] / cells[OURS]


@measure(beside=("random_search", "naml"))
def best(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Whether T-NAML's test accuracy-topN at the fixed budget is the highest of the three [Table 1, right]."""
    for task, cells in _means(searches.accuracy(results, scale)).iterrows():
        yield task, OURS, 0, float(cells[OURS] >= cells[["random_search", "naml"]].max())


def _transfer(results: DataFrame, scale: Scale) -> Iterator[tuple[str, str, str]]:
    """Task, rival and outcome of T-NAML against it, by the rule of draws."""
    trials = tnaml.trials_of(results, "transfer")
    for task in trials["task"].unique():
        rivals = set(trials.loc[trials["task"] == task, "variant"]) - {OURS}
        children = {
            variant: comparison.by_seed(tnaml_ablation.best_of(trials, scale, task, variant), "test")
            for variant in (OURS, *sorted(rivals))
        }
        for rival in sorted(rivals):
            if children[OURS].keys() & children[rival].keys():
                yield task, rival, comparison.compare(children[OURS], children[rival], scale.draw)["outcome"]


def _together(results: DataFrame, scale: Scale) -> Iterator[tuple[str, str, str]]:
    frame = tnaml_multitask.build(results, scale)
    rows = frame[(frame["part"] == "difference") & (frame["measure"] == "test")]
    yield from rows[["task", "variant", "outcome"]].itertuples(index=False, name=None)


def _outcome(compared, wanted: str, told: str) -> Measure:
    def rows(results: DataFrame, scale: Scale) -> Iterator[Row]:
        for task, rival, outcome in compared(results, scale):
            yield task, rival, 0, float(outcome == wanted)

    rows.__doc__ = told
    return measure(rows, beside=(OURS,))


TRANSFER = {
    names: _outcome(_transfer, name, f"Whether T-NAML against a rival is a {name}, at the fixed budget, by test.")
    for name, names in OUTCOMES.items()
}
TOGETHER = {
    f"pretraining_{names}": _outcome(_together, name, f"Whether multitask training against a rival is a {name}.")
    for name, names in OUTCOMES.items()
}


@measure
def gap_beyond_others(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """How much larger the gap of validation to test is on a task than on the others, in points."""
    cells = learning.gap(results, scale)
    for (variant, seed), gaps in cells.groupby(["variant", "seed"]):
        by_task = gaps.set_index("task")["value"]
        for task, value in by_task.items():
            if len(by_task) > 1:
                yield task, variant, seed, float(value - by_task.drop(task).mean())
