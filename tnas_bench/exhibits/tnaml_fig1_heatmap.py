"""Heat map of similarities between tasks, on which their clusters are outlined."""

from collections.abc import Sequence

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tnas_bench.exhibits import numerals
from tnas_bench.exhibits.heatmap import draw_cells, write_cells
from tnas_bench.exhibits.style import PICTURE

SCALE = (-0.8, -0.4, 0, 0.4, 0.8)  # the paper's
COLOURS = {"cmap": "RdBu_r", "vmin": SCALE[0], "vmax": SCALE[-1]}
DARK = 0.55  # similarities beyond are written on in white
LINE = {"color": "#222222", "linewidth": 1.6, "clip_on": False}


def draw_similarities(means: np.ndarray, deviations: np.ndarray, names: Sequence[str], clusters: np.ndarray) -> Figure:
    """``means``, ``deviations`` (NaN: none): shape (tasks, tasks); ``clusters``: the name of each task's."""
    side = max(0.42 * len(means), 1.9)
    with rc_context(PICTURE):
        figure = Figure(figsize=(side + 2.6, side + 1.5), layout="constrained")
        axes = figure.subplots()
        mesh = draw_cells(axes, means, names, **COLOURS)
        write_cells(axes, means, deviations, np.abs(means) > DARK, 2, numerals.number)
        axes.tick_params(axis="x", rotation=90)
        _outline(axes, clusters)
        figure.colorbar(mesh, ax=axes, extend="both", shrink=0.9, ticks=SCALE, label="Cosine similarity")
    return figure


def _outline(axes: Axes, clusters: np.ndarray) -> None:
    """A line around the cells of two tasks of the same cluster, wherever they lie; its name on the diagonal."""
    same = np.pad(np.equal.outer(clusters, clusters), 1)
    for row, column in np.argwhere(same[:-1] != same[1:]):
        axes.plot([column - 1, column], [row, row], **LINE)
    for row, column in np.argwhere(same[:, :-1] != same[:, 1:]):
        axes.plot([column, column], [row - 1, row], **LINE)
    for place, cluster in enumerate(clusters):
        axes.text(place + 0.5, place + 0.5, cluster, ha="center", va="center", weight="bold")
