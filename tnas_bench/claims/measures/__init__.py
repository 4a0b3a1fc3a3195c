"""Measures: what claims are about, one number a task, variant and seed, from the sealed results that an exhibit reads.

A measure is a function of (results, scale). It gives a frame with the columns task, variant, seed, value, and censored
where a value is a bound from below.
"""

from collections.abc import Callable, Iterable, Iterator

from pandas import DataFrame

from tnas_bench.config import Scale

Measure = Callable[[DataFrame, Scale], DataFrame]
Row = tuple[str, str, int, float]  # task, variant, seed, value
COLUMNS = ["task", "variant", "seed", "value"]
WHOLE = "all"  # the task of what is one number for all tasks


def measure(rows: Callable[[DataFrame, Scale], Iterable[Row]]) -> Measure:
    """Makes a measure of a generator of its rows."""

    def build(results: DataFrame, scale: Scale) -> DataFrame:
        return DataFrame(list(rows(results, scale)), columns=COLUMNS).assign(censored=False)

    build.__doc__ = rows.__doc__
    return build


def tasks(results: DataFrame) -> Iterator[tuple[str, DataFrame]]:
    """The trials of each task."""
    yield from results.groupby("task", sort=False)
