"""Measures: what claims are about, one number a task, variant and seed, from the sealed results that an exhibit reads.

A measure of (results, scale) is a frame with the columns task, variant, seed, value, and censored where a value is a
bound from below.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial, wraps

from pandas import DataFrame

from tnas_bench.config import Scale

Row = tuple[str, str, int, float]  # task, variant, seed, value
Rows = Callable[[DataFrame, Scale], Iterable[Row]]
COLUMNS = ["task", "variant", "seed", "value"]
WHOLE = "all"  # the task of what is one number for all tasks
OURS = "tnaml"  # the variant that Transfer Learning with Neural AutoML proposes
SETUP, DATA = "setup", "data"  # the variants of what is as it is, and needs no seeds


@dataclass(frozen=True)
class Measure:
    """A measure, and which runs it reads besides those of the variants that a claim names.

    ``beside``: the variants that it compares with; ``experiments``: the only ones that it reads, all if none is named.
    """

    build: Callable[[DataFrame, Scale], DataFrame]
    beside: tuple[str, ...] = ()
    experiments: tuple[str, ...] = ()

    def __call__(self, results: DataFrame, scale: Scale) -> DataFrame:
        return self.build(results, scale)


def measure(rows: Rows | None = None, **reads: tuple[str, ...]) -> Measure | Callable[[Rows], Measure]:
    """Makes a measure of a generator of its rows; ``reads`` as :class:`Measure` has them."""
    if rows is None:
        return partial(measure, **reads)

    @wraps(rows)
    def build(results: DataFrame, scale: Scale) -> DataFrame:
        return DataFrame(list(rows(results, scale)), columns=COLUMNS).assign(censored=False)

    return Measure(build, **reads)


def tasks(results: DataFrame) -> Iterator[tuple[str, DataFrame]]:
    """The trials of each task."""
    yield from results.groupby("task", sort=False)
