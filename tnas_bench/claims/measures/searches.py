"""Measures of searches: how soon and how well, in percent of accuracy, on texts, images and pairs of tasks."""

from collections.abc import Iterator

import numpy as np
from pandas import DataFrame

from tnas_bench.claims.measures import COLUMNS, Measure, Row, measure, tasks, test_rows
from tnas_bench.config import Scale
from tnas_bench.exhibits import bar, mnms, tnaml
from tnas_bench.exhibits.mnms_simultaneous import Searched
from tnas_bench.exhibits.tnaml_algorithms import LATE
from tnas_bench.metrics import area_under_curve

RETRAINED = "final_child"  # whose trials are the trainings of one configuration


def _trials(results: DataFrame, scale: Scale) -> DataFrame:
    """Trials to RS's best validation accuracy-topN [Transfer NAML, Table 1, left]; a search that missed it counts B."""
    of_transfer, rows = tnaml.trials_of(results, "transfer"), []
    for task in of_transfer["task"].unique():
        budget = scale.trials.trials(task)
        curves = tnaml.task_curves(of_transfer, scale, task)
        for variant, seeds in bar.reached(curves, budget, "random_search").items():
            rows += [(task, variant, seed, count or budget, count is None) for seed, count in seeds.items()]
    return DataFrame(rows, columns=[*COLUMNS, "censored"]).assign(test_rows=np.nan)


trials = Measure(_trials, beside=("random_search",))  # which sets the bar


def _first(study: DataFrame, scale: Scale, budget: int | None = None) -> DataFrame:
    """The trials of a study that its exhibit compares: those of the fixed budget; of one configuration, all."""
    task, variant = study[["task", "variant"]].iloc[0]
    fixed = scale.trials.retrainings if variant == RETRAINED else scale.trials.fixed_trials(task)
    return tnaml.first_trials(study, budget or fixed, f"tnaml/transfer/{variant}/{task}")


def _studies(results: DataFrame) -> Iterator[tuple[tuple[str, str, int], DataFrame]]:
    for (task, variant, seed), study in results.groupby(["task", "variant", "seed"], sort=False):
        yield (task, variant, seed), study.sort_values("trial")


def _top(study: DataFrame, n: int, measured: str = "test") -> float:
    return float(tnaml.best_children(study, n)[measured].mean())


@measure(tested=test_rows)
def accuracy(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Test accuracy-topN at the fixed budget [Table 1, right; section 4.3, ablations]."""
    for names, study in _studies(tnaml.trials_of(results, "transfer")):
        yield *names, _top(_first(study, scale), scale.top_n)


@measure
def start(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Test accuracy of the first N trials: where a search starts [section 4.2, text]."""
    for names, study in _studies(tnaml.trials_of(results, "transfer")):
        yield *names, _top(_first(study, scale, scale.top_n), scale.top_n)


@measure
def gain(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """What the trials after the first N bring, up to the fixed budget, in points of test accuracy-topN."""
    for names, study in _studies(tnaml.trials_of(results, "transfer")):
        n = scale.top_n
        yield *names, _top(_first(study, scale), n) - _top(_first(study, scale, n), n)


@measure
def on_the_way(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Mean height of the test curve up to the fixed budget: better models, earlier."""
    for names, study in _studies(tnaml.trials_of(results, "transfer")):
        yield *names, 100 * area_under_curve(tnaml.study_curves(_first(study, scale), scale.top_n)[1])


@measure
def late(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Mean validation accuracy of the last trials: what a controller has come to propose [section 4.1]."""
    for names, study in _studies(tnaml.trials_of(results, "transfer")):
        yield *names, 100 * study["validation"].tail(LATE).mean()


@measure(tested=test_rows)
def pretraining_accuracy(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Test accuracy-topN on the tasks of pretraining, over as many trials as all searches of a task have."""
    for _, of_task in tasks(tnaml.trials_of(results, "pretraining")):
        shortest = of_task.groupby(["variant", "seed"]).size().min()
        for names, study in _studies(of_task):
            yield *names, _top(study.head(shortest), scale.top_n)


@measure(tested=test_rows)
def image_accuracy(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Test accuracy-topN at the end of an image search [section 4.2, images]."""
    for names, study in _studies(tnaml.trials_of(results, "image_transfer")):
        yield *names, _top(study, scale.top_n)


@measure
def image_on_the_way(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Mean height of the test curve of an image search."""
    for names, study in _studies(tnaml.trials_of(results, "image_transfer")):
        yield *names, 100 * area_under_curve(tnaml.study_curves(study, scale.top_n)[1])


def _pair(results: DataFrame, scale: Scale, experiment: str) -> Iterator[tuple[tuple[str, str, int], np.ndarray]]:
    """The test curve of each search of Multitask Neural Model Search, cut to the shortest of its task."""
    studies = mnms.studies(results, experiment)
    for task in studies["task"].unique():
        for variant, seeds in mnms.task_curves(studies, task, scale.top_n).items():
            for seed, (_, test) in seeds.items():
                yield (task, variant, seed), 100 * test


@measure(tested=test_rows)
def pair_accuracy(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Test accuracy-topN at the end, on a pair of tasks that is transferred to."""
    for names, test in _pair(results, scale, "transfer"):
        yield *names, float(test[-1])


@measure
def pair_on_the_way(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Mean height of the test curve, on a pair of tasks that is transferred to."""
    for names, test in _pair(results, scale, "transfer"):
        yield *names, area_under_curve(test)


@measure(tested=lambda searched: test_rows(searched.trials))
def together_accuracy(results: Searched, scale: Scale) -> Iterator[Row]:
    """Test accuracy-topN at the end of two tasks searched at once, or apart."""
    for names, test in _pair(results.trials, scale, "pretraining"):
        yield *names, float(test[-1])
