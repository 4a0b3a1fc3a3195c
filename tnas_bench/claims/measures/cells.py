"""Measures of LD-NAS: distances between tasks, and the networks and cells that were trained."""

from collections.abc import Callable, Iterator

import numpy as np
from pandas import DataFrame, Series

from tnas_bench.claims.measures import WHOLE, Measure, Row, Tested, measure
from tnas_bench.config import Scale
from tnas_bench.distance import own
from tnas_bench.exhibits import ldnas, ldnas_rows, published

TRAININGS = ("networks", "final")
PROTOCOL = "paper"  # claims are about the paper's equations; what the released code does is beside it in the exhibits
DATASETS = {"mnist": range(4), "cifar10": range(4, 8)}  # tasks of the paper by data set


def _distances(results: DataFrame, scale: Scale) -> DataFrame:
    """Every distance of the protocol's own form: source, target, seed, value."""
    wanted = {"protocol": PROTOCOL, **own(PROTOCOL, scale.ldnas.fisher)._asdict()}
    rows = [
        {"source": run.record["source"], "target": run.task, "seed": run.seed, "value": each["value"]}
        for run in ldnas.runs(results, "distances").itertuples()
        for each in run.record["values"]
        if all(each[key] == value for key, value in wanted.items())
    ]
    return DataFrame(rows, columns=["source", "target", "seed", "value"])


@measure(experiments=("distances",))
def distance(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """The distance of a source (variant) to a target (task) [Figure 1]."""
    yield from _distances(results, scale)[["target", "source", "seed", "value"]].itertuples(index=False, name=None)


@measure(experiments=("distances",))
def closest_margin(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """How much farther the closest of the other sources is than the one that is closest in the paper.

    Which of the others that is, the other seeds say: the least of several numbers is by chance below what they have
    in common.
    """
    figure = published.read("ldnas_fig1")
    figure = figure[figure["source"] != figure["target"]]
    theirs = figure.loc[figure.groupby("target")["mean"].idxmin()].set_index("target")["source"]
    for target, cells in _others(results, scale).groupby("target"):
        matrix = cells.pivot(index="seed", columns="source", values="value")
        rivals = matrix.drop(columns=theirs[target], errors="ignore")
        if theirs[target] in matrix and len(rivals.columns):
            for seed, distances in matrix.iterrows():
                rival = _others_than(seed, rivals).mean().idxmin()
                yield target, "closest", seed, distances[rival] - distances[theirs[target]]


def _others_than(seed: int, by_seed: DataFrame) -> DataFrame:
    """The rows of the other seeds; its own where it is alone."""
    return by_seed.drop(index=seed) if len(by_seed) > 1 else by_seed


def _others(results: DataFrame, scale: Scale) -> DataFrame:
    distances = _distances(results, scale)
    return distances[distances["source"] != distances["target"]]


@measure(experiments=("distances",))
def across_margin(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Mean distance between tasks of different data sets, minus that between tasks of one [section 5]."""
    of = {f"task{number}": name for name, numbers in DATASETS.items() for number in numbers}
    for seed, cells in _others(results, scale).groupby("seed"):
        across = cells["source"].map(of) != cells["target"].map(of)
        if across.any() and not across.all():
            yield WHOLE, "distances", seed, cells.loc[across, "value"].mean() - cells.loc[~across, "value"].mean()


@measure(experiments=("distances",))
def asymmetry(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """How much longer one direction between two tasks is than the other, as a share of all distances.

    Which of the two that is, the other seeds say: what is longer by chance alone comes out at zero.
    """
    cells = _others(results, scale)
    there = cells.set_index(["seed", "source", "target"])["value"]
    back = cells.set_index(["seed", "target", "source"])["value"].rename_axis(there.index.names)
    longer = (there - back).unstack("seed").T  # each pair twice, with opposite signs
    for seed, differences in longer.iterrows():
        expected = np.sign(_others_than(seed, longer).mean())
        yield WHOLE, "distances", seed, float((differences * expected).mean() / there.xs(seed, level="seed").mean())


def _test_images(results: DataFrame) -> Series:
    """Of each task, the fewest that trainings were tested on."""
    trainings = results[results["experiment"].isin(TRAININGS)]
    return trainings.groupby(["task", "experiment"]).apply(ldnas.test_images).groupby("task").min()


def _of_training(read: Callable[[dict], float], told: str, tested: Tested | None = None) -> Measure:
    """Of the last record of every training, by network or by <method>-<space>."""

    def rows(results: DataFrame, scale: Scale) -> Iterator[Row]:
        for experiment in TRAININGS:
            for run in ldnas.last_records(ldnas.runs(results, experiment)).itertuples():
                method, _, protocol = run.variant.rpartition("-")
                if experiment == "networks" or protocol == PROTOCOL:
                    yield run.task, method if experiment == "final" else run.variant, run.seed, read(run.record)

    rows.__doc__ = told
    return measure(rows, tested, experiments=TRAININGS)


network_accuracy = _of_training(
    lambda record: ldnas_rows.PERCENT * record["test"],
    "Test accuracy of a trained network or found cell (%).",
    _test_images,
)
parameters = _of_training(
    lambda record: ldnas_rows.MILLION * record["parameters"], "Parameters of a network or found cell (millions)."
)


@measure(experiments=("search",))
def search_days(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Device-days of a search [Tables 1 and 2]."""
    for run in ldnas.last_records(ldnas.runs(results, "search")).itertuples():
        method, _, protocol = run.variant.rpartition("-")
        if protocol == PROTOCOL:
            yield run.task, method, run.seed, run.seconds / ldnas.DAY
