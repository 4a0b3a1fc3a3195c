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

POINTS = 100  # of a curve: more cannot be told apart in a panel
STEPS = [1, 2, 5, 10]  # between ticks
ONE_ROW = 5  # entries of a legend at most; more take two
LINES = {  # by variant: colours of Okabe and Ito, told apart by the colour-blind; dashes for print without colour
    "random_search": {"color": "#6b6b6b", "linestyle": (0, (1, 1))},
    "naml": {"color": "#0072b2", "linestyle": (0, (5, 1.5))},
    "tnaml": {"color": "#d55e00", "linestyle": "-"},
    "trpo": {"color": "#009e73", "linestyle": "-"},
    "urex": {"color": "#cc79a7", "linestyle": (0, (6, 1.5, 1, 1.5))},
    "ppo": {"color": "#e69f00", "linestyle": (0, (2.5, 1))},
    "apart": {"color": "#0072b2", "linestyle": (0, (5, 1.5))},
    "scratch": {"color": "#0072b2", "linestyle": (0, (5, 1.5))},
    "mnms": {"color": "#d55e00", "linestyle": "-"},
}
THIN = {  # of searches that are not in a paper: behind the others, without a band
    variant: {"color": colour, "linestyle": dashes, "linewidth": 0.8, "zorder": 1.8}
    for variant, colour, dashes in (
        ("best_first", "#000000", "-"),
        ("optuna_tpe", "#009e73", "-"),
        ("optuna_nsga2", "#cc79a7", (0, (7, 1.5, 1, 1.5))),
        ("optuna_gp", "#56b4e9", "-"),
        ("optuna_random", "#e69f00", (0, (2.5, 1.5))),
    )
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
        handles, names = panels[0].get_legend_handles_labels()
        per_line = len(names) if len(names) <= ONE_ROW else math.ceil(len(names) / 2)
        figure.legend(handles, names, loc="outside upper center", ncols=per_line, frameon=False)
    return figure


def draw_panel(axes: Axes, frame: DataFrame, methods: Mapping[str, str], title: str) -> None:
    """The line of each method, with its band if it is a paper's: rows of :func:`points` with the column variant."""
    for variant, method in methods.items():
        line = frame[frame["variant"] == variant]
        axes.plot(line["trial"], line["mean"], label=method, **(LINES | THIN)[variant])
        if variant in LINES:
            colour = LINES[variant]["color"]
            axes.fill_between(line["trial"], line["low"], line["high"], color=colour, alpha=0.18, lw=0)
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
    if band and set(frame["variant"]) & THIN.keys():
        band.append("Thin lines: without band.")
    return [*band, "A curve starts at trial N: before, there are no N children."]
