"""SVG: curves tell their values where the pointer is, without any script; text stays text, and numbers are short."""

import re
from html import escape
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

TEXT = {  # a browser has one of these, all of about the same widths
    "svg.fonttype": "none",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
}
POINTS = 25  # of a curve that tell their value
SIZE = 40  # of the unseen dot that the pointer meets, in square points
MARK = "hover"  # the dots of a curve are the group hover0, hover1, ...


def add_dots(figure: Figure) -> list[list[str]]:
    """Put unseen dots on every curve that has a name, in a figure that has been laid out; what those of each tell."""
    told = []
    for axes in figure.axes:
        axes.autoscale(False)
        for line in [line for line in axes.lines if _is_curve(axes, line)]:
            points = _points(axes, line)
            axes.scatter(*points.T, SIZE, alpha=0, zorder=5, gid=f"{MARK}{len(told)}")
            told.append([_told(axes, line, *point) for point in points])
    return told


def _is_curve(axes: Axes, line: Line2D) -> bool:
    """Whether it has a name, and is no level across the axes and no markers alone."""
    named = not line.get_label().startswith("_")
    return named and line.get_linestyle() != "None" and line.get_transform() == axes.transData


def _points(axes: Axes, line: Line2D) -> np.ndarray:
    """Some points of a line, shape (points, 2): those in sight, for of others no dot is written."""
    points = np.column_stack(line.get_data()).astype(float)
    points = points[np.unique(np.linspace(0, len(points) - 1, min(POINTS, len(points))).round().astype(int))]
    (left, right), (low, high) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
    x, y = points.T
    return points[(left <= x) & (x <= right) & (low <= y) & (y <= high)]


def _told(axes: Axes, line: Line2D, x: float, y: float) -> str:
    names = (other.get_xlabel() for other in (axes, *reversed(axes.figure.axes)))
    return f"{line.get_label()}: {y:.4g} ({next(filter(None, names), 'x')}: {x:.4g})"


def finish(path: Path, told: list[list[str]]) -> None:
    """Let the dots of an SVG file tell (a title in each, in the order in which they were drawn), and shorten it."""
    group = re.compile(rf'<g id="{MARK}(\d+)">.*?</g>\s*</g>', re.DOTALL)
    text = group.sub(lambda found: _titled(found[0], told[int(found[1])]), path.read_text(encoding="utf-8"))
    text = re.sub(r' (?:d|x|y)="[^"]*"', lambda found: re.sub(r"(\d\.\d)\d+", r"\1", found[0]), text)
    path.write_text(text, encoding="utf-8")


def _titled(group: str, texts: list[str]) -> str:
    """A group of dots as dots with titles; that they cannot be seen is said once."""
    left = iter(texts)
    dot = re.compile(r'(<use [^>]*?)(?: style="[^"]*")?/>')
    told = dot.sub(lambda found: f"{found[1]}><title>{escape(next(left))}</title></use>", group)
    return told.replace("<g ", '<g fill-opacity="0" ', 1)
