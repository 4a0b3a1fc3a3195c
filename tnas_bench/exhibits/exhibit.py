"""What every exhibit has: one table or figure of a paper, as pure functions of sealed results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure
from pandas import DataFrame

from tnas_bench.exhibits.results import load


@dataclass(frozen=True)
class Exhibit:
    """One table or figure of a paper.

    ``reads(studies, pretraining)`` reads sealed studies, given by their folders, and those that taught them (LD-NAS:
    :func:`tnas_bench.exhibits.steps.load_steps`); ``build(results, scale)`` gives the numbers, one a row, from that.
    ``tables(frame)`` gives what a reader sees: titled tables of text whose columns have two levels, the first column
    naming the row. ``notes(frame)`` gives the sentences below it. ``draw(frame)`` is there where it is a figure.
    """

    name: str
    title: str
    caption: str
    build: Callable[..., DataFrame]
    tables: Callable[[DataFrame], dict[str, DataFrame]]
    notes: Callable[[DataFrame], list[str]]
    draw: Callable[[DataFrame], Figure] | None = None
    reads: Callable[[Sequence[Path], Sequence[Path]], object] = load
