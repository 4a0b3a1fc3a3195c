"""Curves: lines over trials with a band over seeds, the same in every exhibit that shows them."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from pandas import DataFrame

from tnas_bench.exhibits.style import CURVES

POINTS = 200  # of a curve: more cannot be told apart in a panel
STEPS = [1, 2, 5, 10]  # between ticks
LINES = {  # by variant: colours of Okabe and Ito, told apart by the colour-blind; dashes for print without colour
    "random_search": {"color": "#6b6b6b", "linestyle": (0, (1, 1))},
    "naml": {"color": "#0072b2", "linestyle": (0, (5, 1.5))},
    "tnaml": {"color": "#d55e00", "linestyle": "-"},
    "apart": {"color": "#0072b2", "linestyle": (0, (5, 1.5))},
    "scratch": {"color": "#0072b2", "linestyle": (0, (5, 1.5))},
    "mnms": {"color": "#d55e00", "linestyle": "-"},
}


def points(heights: Sequence[np.ndarray], first: int, last: int) -> DataFrame:
    """One row a point of a line: trial, mean, low and high (the lowest and the highest seed), seeds.

    ``heights``: a curve a seed, each of shape (trials,), whose entry k - 1 is the height after trial k; the line goes
    from trial ``first`` to ``last``.
    """
    shown = np.unique(np.linspace(first, last, POINTS).round().astype(int))
    seeds = np.stack([curve[shown - 1] for curve in heights])
    spread = {"mean": seeds.mean(axis=0), "low": seeds.min(axis=0), "high": seeds.max(axis=0)}
    return DataFrame({"trial": shown, **spread, "seeds": len(seeds)})


def draw(
    frame: DataFrame, titles: Mapping[str, str], methods: Mapping[str, str], ylabel: str, per_row: int = 5
) -> Figure:
    """A panel a task, with one legend.

    ``frame``: rows of :func:`points` with the columns task and variant; ``titles`` of the tasks, in their order;
    ``methods``: the names of the variants, in the order of the legend.
    """
    rows = math.ceil(len(titles) / per_row)
    columns = math.ceil(len(titles) / rows)
    with rc_context(CURVES):
        figure = Figure(figsize=(max(2.3 * columns, 5), 1.9 * rows + 0.7), layout="constrained")
        panels = figure.subplots(rows, columns, squeeze=False).ravel()
        for (task, title), axes in zip(titles.items(), panels, strict=False):
            draw_panel(axes, frame[frame["task"] == task], methods, title)
        _label(panels, len(titles), columns, ylabel)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)
    return figure


def draw_panel(axes: Axes, frame: DataFrame, methods: Mapping[str, str], title: str) -> None:
    """The line and the band of each method: rows of :func:`points` with the column variant."""
    for variant, method in methods.items():
        line = frame[frame["variant"] == variant]
        axes.plot(line["trial"], line["mean"], label=method, **LINES[variant])
        axes.fill_between(line["trial"], line["low"], line["high"], color=LINES[variant]["color"], alpha=0.18, lw=0)
    axes.set_title(title)
    axes.set_xlim(0, frame["trial"].max())
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True, steps=STEPS))
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=STEPS))


def _label(panels: np.ndarray, drawn: int, columns: int, ylabel: str) -> None:
    """Name the axes of the lowest panel of each column and the first of each row; hide the panels left over."""
    for axes in panels[max(drawn - columns, 0) : drawn]:
        axes.set_xlabel("Trials")
    for axes in panels[:drawn:columns]:
        axes.set_ylabel(ylabel)
    for axes in panels[drawn:]:
        axes.set_axis_off()


def notes(frame: DataFrame) -> list[str]:
    """How to read the lines."""
    band = ["Line: mean over seeds; band: lowest to highest seed."] if frame["seeds"].max() > 1 else []
    return [*band, "A curve starts at trial N: before, there are no N children."]
