"""Figure 2 of Transfer Learning with Neural AutoML: learning curves on the tasks transferred to."""

import math

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.exhibits import published, tnaml
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.exhibits.style import CURVES
from tnas_bench.metrics import area_under_curve

NAME = "tnaml_fig2"
POINTS = 200  # of a curve: more cannot be told apart in a panel
STEPS = [1, 2, 5, 10]  # between ticks
COLUMNS = [
    "task",
    "title",
    "grade",
    "stand_ins",
    "pretrained_on",
    "top_n",
    "variant",
    "trial",
    "mean",
    "low",
    "high",
    "seeds",
]
LINES = {  # colours of Okabe and Ito, told apart by the colour-blind; dashes for print without colour
    "random_search": {"color": "#6b6b6b", "linestyle": (0, (1, 1))},
    "naml": {"color": "#0072b2", "linestyle": (0, (5, 1.5))},
    "tnaml": {"color": "#d55e00", "linestyle": "-"},
}


def build(results: DataFrame, scale: Scale) -> DataFrame:
    """One row a point: the columns of COLUMNS, with mean, lowest and highest of all seeds.

    Accuracies lie in [0, 1]. Panels come in the order of the paper, then the tasks that it does not show.
    """
    trials = tnaml.transfer_trials(results)
    titles = published.in_paper_order(trials["task"], published.read("tnaml_table1"))
    order = published.in_paper_order(trials["task"], published.read(NAME))
    return pd.concat([_panel(trials, scale, task, titles[task]) for task in order], ignore_index=True)


def _panel(trials: DataFrame, scale: Scale, task: str, title: str) -> DataFrame:
    facts = {"task": task, "title": title, **tnaml.marks(trials, task), "top_n": scale.top_n}
    shown = np.unique(np.linspace(scale.top_n, scale.trials.trials(task), POINTS).round().astype(int))
    curves = tnaml.task_curves(trials, scale, task)
    return pd.concat(
        DataFrame(_line([test for _, test in seeds.values()], shown)).assign(**facts, variant=variant)
        for variant, seeds in curves.items()
    )[COLUMNS]


def _line(tests: list[np.ndarray], shown: np.ndarray) -> dict:
    heights = np.stack(tests)[:, shown - 1]
    spread = {"mean": heights.mean(axis=0), "low": heights.min(axis=0), "high": heights.max(axis=0)}
    return {"trial": shown, **spread, "seeds": len(tests)}


def draw(frame: DataFrame) -> Figure:
    """A panel a task, with one legend."""
    titles = tnaml.marked(frame)
    rows = math.ceil(len(titles) / 5)
    columns = math.ceil(len(titles) / rows)
    with rc_context(CURVES):
        figure = Figure(figsize=(max(2.3 * columns, 5), 1.9 * rows + 0.7), layout="constrained")
        panels = figure.subplots(rows, columns, squeeze=False).ravel()
        for (task, title), axes in zip(titles.items(), panels, strict=False):
            _draw_panel(axes, frame[frame["task"] == task], title)
        _label(panels, len(titles), columns, f"Test accuracy-top{frame['top_n'].iloc[0]}")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)
    return figure


def _draw_panel(axes: Axes, points: DataFrame, title: str) -> None:
    for variant, method in tnaml.METHODS.items():
        line = points[points["variant"] == variant]
        axes.plot(line["trial"], line["mean"], label=method, **LINES[variant])
        axes.fill_between(line["trial"], line["low"], line["high"], color=LINES[variant]["color"], alpha=0.18, lw=0)
    axes.set_title(title)
    axes.set_xlim(0, points["trial"].max())
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True, steps=STEPS))
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=STEPS))


def _label(panels: np.ndarray, drawn: int, columns: int, ylabel: str) -> None:
    """Name the axes of the lowest panel of each column and the first of each row; hide the panels left over."""
    for axes in panels[max(drawn - columns, 0) : drawn]:
        axes.set_xlabel("Trials")
    for axes in panels[:drawn:columns]:
        axes.set_ylabel(ylabel)
    for axes in panels[drawn:]:
        axes.set_axis_off()


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """Where the curves end and how high they are on average, as text."""
    by_task = {task: frame[frame["task"] == task] for task in frame["task"]}
    rows = [_row(title, by_task[task]) for task, title in tnaml.marked(frame).items()]
    table = DataFrame(rows, columns=pd.MultiIndex.from_tuples(rows[0]))
    return {"Test accuracy-topN (%) where the curves end [lowest, highest seed], and their mean height": table}


def _row(title: str, points: DataFrame) -> dict[tuple[str, str], str]:
    row = {("Task", ""): title, ("Trials", ""): f"{points['trial'].max()}"}
    for variant, method in tnaml.METHODS.items():
        line = points[points["variant"] == variant]
        row[method, "end"] = _end(line.iloc[-1]) if len(line) else "–"
        row[method, "height"] = f"{100 * area_under_curve(line['mean']):.1f}" if len(line) else "–"
    return row


def _end(last: pd.Series) -> str:
    mean, low, high = 100 * last[["mean", "low", "high"]]
    return f"{mean:.1f}" if last["seeds"] == 1 else f"{mean:.1f} [{low:.1f}, {high:.1f}]"


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the figure."""
    band = ["Line: mean over seeds; band: lowest to highest seed."] if frame["seeds"].max() > 1 else []
    start = "A curve starts at trial N: before, there are no N children."
    return [*band, start, *tnaml.notes(frame), "The paper's curves are pictures; it gives no published value for them."]


EXHIBIT = Exhibit(
    name=NAME,
    title="Figure 2. Transfer Learning with Neural AutoML",
    caption="Learning curves of random search (RS), single-task Neural AutoML (NAML) and transfer (T-NAML): test "
    "accuracy of the N children with the highest validation accuracy found up to each trial.",
    build=build,
    tables=tables,
    notes=notes,
    draw=draw,
)
