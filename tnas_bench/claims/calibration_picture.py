"""Operating curves: how likely each verdict is, against the true effect."""

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from tnas_bench.claims.calibration import SEEDS
from tnas_bench.claims.evidence import LEVEL
from tnas_bench.claims.rules import Verdict
from tnas_bench.exhibits.style import CURVES

COLOURS = {Verdict.REPRODUCED: "#009e73", Verdict.DIRECTION: "#e69f00", Verdict.REFUTED: "#d55e00"}
DASHES = dict(zip(SEEDS, ((0, (1, 1)), (0, (2.5, 1)), (0, (6, 1.5)), "-"), strict=True))
PER_ROW = 5


def draw(frame: DataFrame) -> Figure:
    """A panel a kind of claim, with the rows of :func:`tnas_bench.claims.calibration.calibrate`."""
    kinds = list(dict.fromkeys(frame["kind"]))
    rows = -(-len(kinds) // PER_ROW)
    with rc_context(CURVES):
        figure = Figure(figsize=(2.3 * PER_ROW, 2.0 * rows + 0.6), layout="constrained")
        panels = figure.subplots(rows, PER_ROW, sharey=True, squeeze=False).ravel()
        for kind, axes in zip(kinds, panels, strict=False):
            _panel(axes, frame[frame["kind"] == kind], kind)
        for axes in panels[len(kinds) :]:
            axes.set_axis_off()
        for axes in panels[: len(kinds) : PER_ROW]:
            axes.set_ylabel("Probability")
        _legend(figure)
    return figure


def _panel(axes: Axes, rows: DataFrame, kind: str) -> None:
    lines = DASHES if rows["seeds"].nunique() > 1 else {rows["seeds"].iloc[0]: "-"}  # how many may not matter
    for verdict, colour in COLOURS.items():
        for seeds, dashes in lines.items():
            line = rows[rows["seeds"] == seeds].sort_values("effect")
            if line[str(verdict)].any():
                axes.plot(line["effect"], line[str(verdict)], color=colour, linestyle=dashes, linewidth=1)
    null = rows.loc[rows["question"] == "wrong", "effect"].item()
    axes.axvline(null, color="#999999", linewidth=0.6, zorder=1)
    axes.axhline(LEVEL, color="#999999", linewidth=0.6, zorder=1)
    axes.set_title(kind)
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel(f"True effect ({rows['unit'].iloc[0]})")


def _legend(figure: Figure) -> None:
    lines = [figure.axes[0].plot([], [], color=colour)[0] for colour in COLOURS.values()]
    lines += [figure.axes[0].plot([], [], color="#333333", linestyle=dashes)[0] for dashes in DASHES.values()]
    names = [*map(str, COLOURS), *(f"{seeds} seeds" for seeds in DASHES)]
    figure.legend(lines, names, loc="outside upper center", ncols=len(names), frameon=False)
