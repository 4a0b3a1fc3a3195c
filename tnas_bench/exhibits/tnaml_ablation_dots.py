"""Dot plots of differences: a row a task, with its interval over seeds and the margin within which it is a draw."""

from collections.abc import Mapping

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from tnas_bench.exhibits.style import CURVES

MARKS = {  # colours of Okabe and Ito; shapes for print without colour
    "win": {"marker": "o", "color": "#d55e00", "label": "T-NAML wins"},
    "draw": {"marker": "o", "color": "#6b6b6b", "markerfacecolor": "white", "label": "draw"},
    "loss": {"marker": "s", "color": "#0072b2", "label": "T-NAML loses"},
    "": {"marker": "o", "color": "#222222", "label": "mean over tasks"},
}
PAPER = {"marker": "D", "color": "#222222", "markerfacecolor": "white", "label": "mean, paper"}
MARGIN = {"height": 0.7, "color": "#e2e2e2", "label": "margin of a draw", "zorder": 0}
LEGEND = [each["label"] for each in (*MARKS.values(), PAPER, MARGIN)]


def draw_dots(differences: DataFrame, titles: Mapping[str, str], panels: Mapping[str, str]) -> Figure:
    """A panel a variant, in points.

    ``differences``: task, variant, mean, low, high, margin, outcome ("" of a mean over tasks), published; ``titles``
    of the tasks from top to bottom, ``panels`` of the variants.
    """
    with rc_context(CURVES):
        figure = Figure(figsize=(3.1 * len(panels) + 1.2, 0.24 * len(titles) + 1.3), layout="constrained")
        all_axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for axes, (variant, title) in zip(all_axes, panels.items(), strict=True):
            cells = differences[differences["variant"] == variant].set_index("task").reindex(list(titles))
            _draw_panel(axes, cells)
            axes.set_title(title)
            axes.set_xlabel("T-NAML − this (points)")
        all_axes[0].set_yticks(range(len(titles)), titles.values())
        all_axes[0].set_ylim(len(titles) - 0.5, -0.5)
        legends = [axes.get_legend_handles_labels() for axes in all_axes]
        handles = {label: handle for legend in legends for handle, label in zip(*legend, strict=True)}
        shown = [label for label in LEGEND if label in handles]
        figure.legend([handles[label] for label in shown], shown, loc="outside upper center", ncols=3, frameon=False)
    return figure


def _draw_panel(axes: Axes, cells: DataFrame) -> None:
    rows = np.arange(len(cells))
    axes.use_sticky_edges = False
    axes.barh(rows, 2 * cells["margin"], left=-cells["margin"], **MARGIN)
    for outcome, marks in MARKS.items():
        shown = cells[cells["outcome"] == outcome]
        places = rows[cells["outcome"] == outcome]
        spread = [shown["mean"] - shown["low"], shown["high"] - shown["mean"]]
        if len(shown):
            axes.errorbar(shown["mean"], places, xerr=spread, linestyle="none", ms=4.5, elinewidth=1, **marks)
    axes.plot(cells["published"], rows, linestyle="none", ms=4.5, **PAPER)
    axes.axvline(0, color="#222222", lw=0.8, zorder=1.5)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
