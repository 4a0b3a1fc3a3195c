"""Picture of a simultaneous search: learning curves, and what was chosen for each task late in it."""

import math
from collections.abc import Mapping

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from pandas import DataFrame

from tnas_bench.exhibits import curves, mnms, tnaml
from tnas_bench.exhibits.style import CURVES

DRAWN = (  # decisions [choice]: those by which the later paper tells clusters apart, and one more
    "module",
    "fine_tune",
    "hidden_layers",
    "hidden_size",
    "activation",
    "dropout",
    "deep_learning_rate",
    "wide_learning_rate",
)
COLOURS = ("#3b3b3b", "#e69f00", "#56b4e9", "#009e73")  # of tasks: of Okabe and Ito, none of a method


def draw(frame: DataFrame, methods: Mapping[str, str]) -> Figure:
    """Validation curves, a panel a task; distances of all decisions; shares of the choices of the main ones."""
    titles = tnaml.marked(frame)
    shares, distances = mnms.part(frame, "share"), mnms.part(frame, "distance")
    drawn = [decision for decision in DRAWN if decision in set(shares["decision"])]
    columns = max(4, len(titles) + 2)
    rows = 1 + math.ceil(len(drawn) / columns)
    with rc_context(CURVES):
        figure = Figure(figsize=(2.5 * columns, 2.1 * rows + 0.5), layout="constrained")
        grid = figure.add_gridspec(rows, columns)
        _draw_curves(figure, grid, frame, methods)
        if len(distances):
            _draw_distances(figure.add_subplot(grid[0, len(titles) :]), distances)
        for place, decision in enumerate(drawn):
            axes = figure.add_subplot(grid[1 + place // columns, place % columns])
            _draw_shares(axes, shares[shares["decision"] == decision], titles)
            axes.set_xlabel("Share of late trials" if place >= len(drawn) - columns else "")
        _draw_legend(figure)
    return figure


def _draw_curves(figure: Figure, grid: GridSpec, frame: DataFrame, methods: Mapping[str, str]) -> None:
    shown = mnms.part(frame, "curve").query("measure == 'validation'")
    for place, (task, title) in enumerate(tnaml.marked(frame).items()):
        axes = figure.add_subplot(grid[0, place])
        curves.draw_panel(axes, shown[shown["task"] == task], methods, title)
        axes.set_xlabel("Trials of the task")
    figure.axes[0].set_ylabel(f"Validation accuracy-top{frame['top_n'].iloc[0]}")


def _draw_distances(axes: Axes, distances: DataFrame) -> None:
    """A dot a decision, from the lowest to the highest seed, before what chance gives."""
    places = np.arange(len(distances))
    axes.barh(places, distances["chance_high"], color="#d9d9d9")
    dots = {"linestyle": "none", "marker": "o", "ms": 4, "color": "#d55e00", "elinewidth": 1}
    axes.errorbar(distances["mean"], places, xerr=_seeds(distances), **dots)
    axes.set_yticks(places, map(mnms.words, distances["decision"]), fontsize=7)
    axes.set(xlim=(0, 1), ylim=(len(places) - 0.4, -0.6), title="Distance of their late choices (grey: 95% of chance)")
    axes.set_xlabel("Total variation distance")
    axes.grid(axis="y", visible=False)
    axes.set_axisbelow(True)


def _draw_shares(axes: Axes, shares: DataFrame, titles: Mapping[str, str]) -> None:
    """A bar a task and choice, with the lowest and the highest seed."""
    choices = list(dict.fromkeys(shares["choice"]))
    height = 0.8 / len(titles)
    for place, (task, title) in enumerate(titles.items()):
        bars = shares[shares["task"] == task]
        places = np.arange(len(bars)) + (place - (len(titles) - 1) / 2) * height
        style = {"color": COLOURS[place % len(COLOURS)], "error_kw": {"elinewidth": 0.8, "ecolor": "#8c8c8c"}}
        axes.barh(places, bars["mean"], height, xerr=_seeds(bars), label=title, **style)
    axes.set_yticks(range(len(choices)), choices, fontsize=7)
    axes.set(xlim=(0, 1), ylim=(len(choices) - 0.5, -0.5), title=mnms.words(shares["decision"].iloc[0]))
    axes.grid(axis="y", visible=False)
    axes.set_axisbelow(True)


def _seeds(rows: DataFrame) -> np.ndarray:
    """From the mean to the lowest and to the highest seed, of which rounding may make less than nothing."""
    return np.maximum([rows["mean"] - rows["low"], rows["high"] - rows["mean"]], 0)


def _draw_legend(figure: Figure) -> None:
    """The lines of the first panel, and the bars of the last."""
    named = {
        label: handle
        for axes in (figure.axes[0], figure.axes[-1])
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    figure.legend(named.values(), named.keys(), loc="outside upper center", ncols=len(named), frameon=False)
