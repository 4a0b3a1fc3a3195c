"""The picture of the tabular benchmark: two panels a task, what there is to be found and what searches find."""

from collections.abc import Mapping

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter, StrMethodFormatter
from pandas import DataFrame

from tnas_bench.exhibits.curves import LINES, STEPS
from tnas_bench.exhibits.style import CURVES

SEARCHES = LINES | {
    "best_first": {"color": "#cc79a7", "linestyle": (0, (3, 1, 1, 1))},
    "optuna_tpe": {"color": "#009e73", "linestyle": (0, (7, 1, 1, 1, 1, 1))},
}
LEVELS = {
    "shared": {"label": "Best over all tasks", "color": "#e69f00", "linestyle": (0, (5, 1.5))},
    "frequent": {"label": "Most frequent class", "color": "#56b4e9", "linestyle": "-"},
}


def draw(frame: DataFrame, titles: Mapping[str, str], methods: Mapping[str, str]) -> Figure:
    """A column a task. ``frame``: as of the exhibit; ``titles`` of its tasks, ``methods``: names of the searches."""
    with rc_context(CURVES):
        figure = Figure(figsize=(max(2.3 * len(titles), 6), 4.6), layout="constrained")
        panels = figure.subplots(2, len(titles), squeeze=False)
        for column, (task, title) in enumerate(titles.items()):
            rows = frame[frame["task"] == task]
            _draw_table(panels[0, column], rows)
            _draw_searches(panels[1, column], rows[rows["measure"] == "regret"], methods)
            panels[0, column].set_title(title)
        panels[0, 0].set_ylabel("True test accuracy (%)")
        panels[1, 0].set_ylabel("Regret (points)")
        figure.legend(*_legend(panels[:, 0]), loc="outside upper center", ncols=4, frameon=False)
    return figure


def _legend(panels: list[Axes]) -> tuple[list, list]:
    above, below = (axes.get_legend_handles_labels() for axes in panels)
    return above[0] + below[0], above[1] + below[1]


def _draw_table(axes: Axes, rows: DataFrame) -> None:
    """True accuracies, the best first, a noise up and down; and what is easily had."""
    line = rows[rows["measure"] == "sorted"]
    axes.plot(line["place"], line["mean"], color="black", label="Configurations")
    axes.fill_between(line["place"], line["low"], line["high"], color="black", alpha=0.18, lw=0)
    for measure, style in LEVELS.items():
        axes.axhline(rows.loc[rows["measure"] == measure, "mean"].iloc[0], lw=1.2, **style)
    axes.set_xlim(1, line["place"].max())
    axes.set_xlabel("Configurations, best first")
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True, steps=STEPS))


def _draw_searches(axes: Axes, rows: DataFrame, methods: Mapping[str, str]) -> None:
    """The mean over the searches of each method, and the band that they fill."""
    for method, name in methods.items():
        line = rows[rows["other"] == method]
        if len(line):
            axes.plot(line["place"], line["mean"], label=name, **SEARCHES[method])
            axes.fill_between(
                line["place"], line["low"], line["high"], color=SEARCHES[method]["color"], alpha=0.1, lw=0
            )
    axes.set_xscale("log")  # what transfer saves, it saves early
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlim(1, rows["place"].max())
    axes.set_ylim(bottom=0)
    axes.set_xlabel("Trials")
