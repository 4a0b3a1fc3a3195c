"""What every exhibit has: one table or figure of a paper, as pure functions of sealed results."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure
from pandas import DataFrame

from tnas_bench.config import Scale


@dataclass(frozen=True)
class Exhibit:
    """One table or figure of a paper.

    ``build(results, scale)`` gives its numbers, one a row, from the frame of :func:`tnas_bench.exhibits.results.load`.
    ``tables(frame)`` gives what a reader sees: titled tables of text whose columns have two levels, the first column
    naming the row. ``notes(frame)`` gives the sentences below it. ``draw(frame)`` is there where it is a figure.
    """

    name: str
    title: str
    caption: str
    build: Callable[[DataFrame, Scale], DataFrame]
    tables: Callable[[DataFrame], dict[str, DataFrame]]
    notes: Callable[[DataFrame], list[str]]
    draw: Callable[[DataFrame], Figure] | None = None
