"""Measures of what searches cost and transfer saves [Transfer NAML, section 4.1], and of what the papers' set-up is."""

from collections.abc import Iterator

import numpy as np
from pandas import DataFrame

from tnas_bench import metrics
from tnas_bench.claims.measures import DATA, OURS, WHOLE, Row, measure, searches
from tnas_bench.config import Scale
from tnas_bench.exhibits import tnaml

HOUR = 3600
SIDES = (OURS, "random_search")  # of a speed-up, besides the rival: RS sets the bar


@measure
def seconds(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Seconds of a trial on one thread: the median over tasks of the median over their trials."""
    studies = tnaml.of_even_seeds(tnaml.trials_of(results, "transfer").drop_duplicates(["task", "variant", "seed"]))
    for seed, of_seed in studies.groupby("seed"):
        yield WHOLE, "all", seed, float(of_seed.groupby("task")["median_seconds"].median().median())


def _savings(results: DataFrame, scale: Scale) -> Iterator[tuple[str, int, np.ndarray, np.ndarray]]:
    """Rival, seed, speed-ups and savings (CPU-hours) of T-NAML over it, by task."""
    costs = tnaml.trials_of(results, "transfer").groupby("task")["median_seconds"].median()
    for seed, cells in tnaml.of_even_seeds(searches.trials(results, scale)).groupby("seed"):
        by_variant = cells.pivot(index="task", columns="variant", values="value")
        budgets = np.array([scale.trials.fixed_trials(task) for task in by_variant.index])
        for rival in by_variant.columns.drop(OURS):
            speed_ups = metrics.speed_up(by_variant[OURS], by_variant[rival]).to_numpy()
            yield rival, seed, speed_ups, metrics.saving(budgets, costs[by_variant.index].to_numpy(), speed_ups)


@measure(beside=SIDES)
def median_saving(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """CPU-hours a task that T-NAML saves at the fixed budget, median over tasks."""
    for rival, seed, _, savings in _savings(results, scale):
        yield WHOLE, rival, seed, float(np.median(savings))


@measure(beside=SIDES)
def mean_saving(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """The same, mean over tasks."""
    for rival, seed, _, savings in _savings(results, scale):
        yield WHOLE, rival, seed, float(np.mean(savings))


@measure(beside=SIDES)
def saving_skew(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Mean minus median saving: a few slow tasks save most."""
    for rival, seed, _, savings in _savings(results, scale):
        yield WHOLE, rival, seed, float(np.mean(savings) - np.median(savings))


@measure(beside=SIDES)
def amortisation(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """New tasks after which pretraining has paid for itself, in multiples of its own tasks; infinite where never."""
    for rival, seed, speed_ups, _ in _savings(results, scale):
        yield WHOLE, rival, seed, metrics.amortisation(float(np.median(speed_ups)))


@measure
def pretraining_hours(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """CPU-hours of the multitask controller's pretraining."""
    studies = tnaml.trials_of(results, "pretraining")
    for seed, study in studies[studies["variant"] == OURS].groupby("seed"):
        yield WHOLE, OURS, seed, float(study["mean_seconds"].iloc[0] * len(study) / HOUR)


@measure
def validation_rows(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Rows of a task's validation set."""
    for task, rows in results.groupby("task")["validation_rows"].first().items():
        yield task, DATA, 0, float(rows)
