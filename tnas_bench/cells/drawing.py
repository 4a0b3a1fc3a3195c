"""Drawing: a picture of a cell, its nodes from left to right, its operations written on the edges."""

import math

from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyArrowPatch
from matplotlib.path import Path

from tnas_bench.cells import EDGES, Cell

NODES = ("in", "1", "2", "out")
RADIUS = 0.15  # of a node; neighbours are 1 apart
# Height of the middle of an arc, and the angle in degrees at which it leaves its node; it arrives as it left.
ARCS = {(0, 2): (0.62, 60), (1, 3): (-0.62, -60), (0, 3): (1.08, 87)}
STRAIGHT = (0, 0)
ARROW = {"arrowstyle": "-|>,head_length=2.6,head_width=1.5", "shrinkA": 0, "shrinkB": 0, "linewidth": 1}
LABELS = {  # above and below the middle of an edge, short enough for neighbours; kinds in colours of Okabe and Ito
    "skip_connect": ("skip", "connect", "#5f5f5f"),
    "max_pool_3x3": ("max pool", "3 × 3", "#0072b2"),
    "avg_pool_3x3": ("avg pool", "3 × 3", "#0072b2"),
    "sep_conv_3x3": ("sep conv", "3 × 3", "#b84a00"),
    "sep_conv_5x5": ("sep conv", "5 × 5", "#b84a00"),
    "sep_conv_7x7": ("sep conv", "7 × 7", "#b84a00"),
    "dil_conv_3x3": ("dil conv", "3 × 3", "#00785a"),
    "dil_conv_5x5": ("dil conv", "5 × 5", "#00785a"),
    "conv_7x1_1x7": ("conv 7×1", "1×7", "#8f3f71"),
}


def draw_cell(axes: Axes, cell: Cell, title: str) -> None:
    """Draw a cell; an edge without connection is left out. Labels fit from axes of 2.2 x 1.5 inches on."""
    axes.set_title(title, fontsize=8, loc="left")
    axes.set(xlim=(-0.2, 3.2), ylim=(-0.9, 1.3), aspect="equal")
    axes.set_axis_off()
    for edge, name in zip(EDGES, cell.operations, strict=True):
        if name in LABELS:
            _draw_edge(axes, edge, *LABELS[name])
    for number, node in enumerate(NODES):
        axes.add_patch(Circle((number, 0), RADIUS, facecolor="#f2f2f2", edgecolor="#333333", linewidth=0.7))
        axes.text(number, 0, node, ha="center", va="center_baseline", fontsize=6.5, color="#222222")


def _draw_edge(axes: Axes, edge: tuple[int, int], above: str, below: str, colour: str) -> None:
    height, angle = ARCS.get(edge, STRAIGHT)
    axes.add_patch(FancyArrowPatch(path=_curve(*edge, height, math.radians(angle)), color=colour, **ARROW))
    middle, text = (sum(edge) / 2, height), {"ha": "center", "fontsize": 6, "color": colour}
    axes.annotate(above, middle, (0, 1.8), textcoords="offset points", va="bottom", **text)
    axes.annotate(below, middle, (0, -2.2), textcoords="offset points", va="top", **text)


def _curve(start: int, end: int, height: float, angle: float) -> Path:
    """A cubic from rim to rim that leaves and arrives at an angle, its middle at a height.

    The middle of a cubic is (first end + 3 first control + 3 second control + second end) / 8.
    """
    right, up = RADIUS * math.cos(angle), RADIUS * math.sin(angle)
    control = (4 * height - up) / 3
    lean = (control - up) / math.tan(angle) if angle else 0.1  # not 0: an arrow takes its direction from a control
    points = [(start + right, up), (start + right + lean, control), (end - right - lean, control), (end - right, up)]
    return Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
