"""Heat maps of distance matrices."""

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from pandas import DataFrame

from tnas_bench.exhibits import ldnas
from tnas_bench.exhibits import ldnas_distances as distances
from tnas_bench.exhibits.heatmap import draw_cells, write_cells
from tnas_bench.exhibits.style import PICTURE

COLOURS = "YlGnBu"
DARK = 0.55  # of the largest: darker cells are written on in white
FRAMES = {"edgecolor": "#d55e00", "facecolor": "none", "linewidth": 1.6}


def draw_heatmaps(matrices: dict[str, DataFrame]) -> Figure:
    """One panel a matrix, each with colours of its own, since units differ."""
    sizes = [len(distances.targets(matrix)) for matrix in matrices.values()]
    side = max(0.42 * max(sizes), 1.9)
    with rc_context(PICTURE):
        figure = Figure(figsize=((side + 0.35) * len(matrices), side + 0.5), layout="constrained")
        panels = figure.subplots(1, len(matrices), squeeze=False)[0]
        for axes, (title, matrix) in zip(panels, matrices.items(), strict=True):
            _draw(axes, matrix)
            axes.set_title(title)
        panels[0].set_ylabel("Source task")
    return figure


def _draw(axes: Axes, matrix: DataFrame) -> None:
    tasks = distances.targets(matrix)
    means, spreads = (
        matrix.pivot(index="source", columns="target", values=value).loc[tasks, tasks].to_numpy()
        for value in ("mean", "deviation")
    )
    draw_cells(axes, means, [ldnas.short(task) for task in tasks], cmap=COLOURS, vmin=0)
    write_cells(axes, means, spreads, means > DARK * means.max(), distances.digits(matrix), _short)
    _frame(axes, matrix, tasks)
    axes.set_xlabel("Target task")


def _short(mean: float, places: int) -> str:
    """A number of a cell; one that would round to nothing is told to be less than what is shown."""
    least = 10.0**-places
    return f"<{least:.{places}f}" if 0 < mean < least / 2 else f"{mean:.{places}f}"


def _frame(axes: Axes, matrix: DataFrame, tasks: list[str]) -> None:
    for column, target in enumerate(tasks):
        nearest, *tied = distances.closest(distances.to_target(matrix, target))
        axes.add_patch(Rectangle((column + 0.04, tasks.index(nearest) + 0.04), 0.92, 0.92, **FRAMES))
        for source in tied:
            axes.add_patch(Rectangle((column + 0.04, tasks.index(source) + 0.04), 0.92, 0.92, linestyle="--", **FRAMES))
