"""Picture of ranks: methods along a line, the best at the left, and bars over those that are not told apart."""

from collections.abc import Mapping, Sequence

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tnas_bench.exhibits.curves import LINES, THIN
from tnas_bench.exhibits.style import PICTURE

COLOURS = {variant: line["color"] for variant, line in (LINES | THIN).items()}
INK = "#333333"
Line = tuple[Mapping[str, float], Sequence[tuple[str, str]]]  # mean ranks, the best first; ends of each bar


def draw(lines: Mapping[str, Line], names: Mapping[str, str]) -> Figure:
    """A panel a measure, by its title; ``names`` of the variants."""
    deepest = max(_depth(*line) for line in lines.values())
    with rc_context(PICTURE):
        figure = Figure(figsize=(6, len(lines) * (0.85 + 0.19 * deepest)), layout="constrained")
        for (title, line), axes in zip(lines.items(), figure.subplots(len(lines), squeeze=False).ravel(), strict=True):
            axes.set_title(title, pad=9)
            _panel(axes, *line, names, deepest)
    return figure


def _depth(ranks: Mapping[str, float], bars: Sequence[tuple[str, str]]) -> int:
    """Rows below the axis: bars, then the names of one side."""
    return len(bars) + (len(ranks) + 1) // 2 + 1


def _panel(
    axes: Axes, ranks: Mapping[str, float], bars: Sequence[tuple[str, str]], names: Mapping[str, str], deepest: int
) -> None:
    last = max(len(ranks), 2)
    axes.set_xlim(1 - 0.45 * (last - 1), last + 0.45 * (last - 1))  # names stand at both sides
    axes.set_ylim(deepest, -0.2)
    axes.set_axis_off()
    axes.plot([1, last], [0, 0], color=INK, lw=0.8, clip_on=False)
    for rank in range(1, last + 1):
        axes.plot([rank, rank], [0, 0.25], color=INK, lw=0.8)
        axes.annotate(f"{rank}", (rank, 0), (0, 2), textcoords="offset points", ha="center", va="bottom", color=INK)
    for row, (first, final) in enumerate(bars, 1):
        axes.plot([ranks[first] - 0.03, ranks[final] + 0.03], [row, row], color=INK, lw=3, solid_capstyle="butt")
    half = (len(ranks) + 1) // 2
    for place, (variant, rank) in enumerate(ranks.items()):
        left = place < half
        row = len(bars) + 1 + (place if left else len(ranks) - 1 - place)
        end = 1 - 0.05 * (last - 1) if left else last + 0.05 * (last - 1)
        axes.plot([rank, rank, end], [0, row, row], color=COLOURS[variant], lw=1)
        axes.plot([rank], [0], "o", color=COLOURS[variant], ms=4, clip_on=False)
        words = f"{names[variant]}  {rank:.2f}" if left else f"{rank:.2f}  {names[variant]}"
        axes.text(end, row, f" {words} ", ha="right" if left else "left", va="center", color=COLOURS[variant])
