"""Measures: what claims are about, one number a task, variant and seed, from the sealed results that an exhibit reads.

A measure of (results, scale) is a frame with the columns task, variant, seed, value; censored, where a value is a bound
from below; and test_rows, on which a value was measured that is a test accuracy in percent (NaN where it is none).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial, wraps

import numpy as np
from pandas import DataFrame, Series

from tnas_bench.config import Scale

Row = tuple[str, str, int, float]  # task, variant, seed, value
Rows = Callable[[DataFrame, Scale], Iterable[Row]]
Tested = Callable[[DataFrame], Series]
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


def measure(
    rows: Rows | None = None, tested: Tested | None = None, **reads: tuple[str, ...]
) -> Measure | Callable[[Rows], Measure]:
    """Makes a measure of a generator of its rows; ``reads`` as :class:`Measure` has them.

    ``tested``: of a measure of test accuracy in percent, the test rows of each task.
    """
    if rows is None:
        return partial(measure, tested=tested, **reads)

    @wraps(rows)
    def build(results: DataFrame, scale: Scale) -> DataFrame:
        frame = DataFrame(list(rows(results, scale)), columns=COLUMNS)
        return frame.assign(censored=False, test_rows=frame["task"].map(tested(results)) if tested else np.nan)

    return Measure(build, **reads)


def test_rows(results: DataFrame) -> Series:
    """The test rows of each task."""
    return results.groupby("task")["test_rows"].first()


def tasks(results: DataFrame) -> Iterator[tuple[str, DataFrame]]:
    """The trials of each task."""
    yield from results.groupby("task", sort=False)
