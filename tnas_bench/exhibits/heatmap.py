"""Heat maps: numbers by row and column, each with its spread, the diagonal left blank."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh


def draw_cells(axes: Axes, means: np.ndarray, names: Sequence[str], **colours: object) -> QuadMesh:
    """A square of colours, the first row on top; ``means``: shape (rows, rows), ``colours``: cmap, vmin, vmax."""
    shown = np.where(np.eye(len(means), dtype=bool), np.nan, means)
    mesh = axes.pcolormesh(shown, edgecolors="white", linewidth=0.8, **colours)
    axes.set_aspect("equal")
    axes.invert_yaxis()
    axes.set_xticks(np.arange(len(names)) + 0.5, names)
    axes.set_yticks(np.arange(len(names)) + 0.5, names)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return mesh


def write_cells(
    axes: Axes, means: np.ndarray, spreads: np.ndarray, dark: np.ndarray, places: int, text: Callable[[float, int], str]
) -> None:
    """The mean in the middle of each cell, its spread small below it, where it has one; in white on dark cells."""
    for (row, column), mean in np.ndenumerate(means):
        if row == column:
            continue
        place = {"ha": "center", "va": "center", "color": "white" if dark[row, column] else "#222222"}
        spread = spreads[row, column]
        axes.text(column + 0.5, row + (0.5 if np.isnan(spread) else 0.42), text(mean, places), fontsize=7, **place)
        if not np.isnan(spread):
            axes.text(column + 0.5, row + 0.75, f"±{spread:.{places}f}", fontsize=4.5, **place)
