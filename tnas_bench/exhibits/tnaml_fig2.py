"""Figure 2 of Transfer Learning with Neural AutoML: learning curves on the tasks transferred to."""

import pandas as pd
from matplotlib.figure import Figure
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.exhibits import beyond, curves, numerals, published, tnaml
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.metrics import area_under_curve

NAME = "tnaml_fig2"
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


def build(results: DataFrame, scale: Scale) -> DataFrame:
    """One row a point: the columns of COLUMNS, with mean, lowest and highest of all seeds.

    Accuracies lie in [0, 1]. Panels come in the order of the paper, then the tasks that it does not show.
    """
    trials = tnaml.trials_of(results, "transfer")
    titles = published.in_paper_order(trials["task"], published.read("tnaml_table1"))
    order = published.in_paper_order(trials["task"], published.read(NAME))
    return pd.concat([_panel(trials, scale, task, titles[task]) for task in order], ignore_index=True)


def _panel(trials: DataFrame, scale: Scale, task: str, title: str) -> DataFrame:
    facts = {"task": task, "title": title, **tnaml.marks(trials, task), "top_n": scale.top_n}
    by_variant = tnaml.task_curves(trials, scale, task, beyond.variants(scale))
    return pd.concat(
        curves.points([test for _, test in seeds.values()], scale.top_n, scale.trials.trials(task)).assign(
            **facts, variant=variant
        )
        for variant, seeds in by_variant.items()
    )[COLUMNS]


def draw(frame: DataFrame) -> Figure:
    """A panel a task, with one legend."""
    return curves.draw(frame, tnaml.marked(frame), beyond.methods(frame), f"Test accuracy-top{frame['top_n'].iloc[0]}")


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """Where the curves end and how high they are on average, as text."""
    by_task = {task: frame[frame["task"] == task] for task in frame["task"].unique()}
    methods = beyond.methods(frame)
    table = numerals.table([_row(title, by_task[task], methods) for task, title in tnaml.marked(frame).items()])
    return {"Test accuracy-topN (%) where the curves end [lowest, highest seed], and their mean height": table}


def _row(title: str, points: DataFrame, methods: dict[str, str]) -> dict[tuple[str, str], str]:
    row = {("Task", ""): title, ("Trials", ""): f"{points['trial'].max()}"}
    for variant, method in methods.items():
        line = points[points["variant"] == variant]
        row[method, "end"] = _end(line.iloc[-1]) if len(line) else "–"
        row[method, "height"] = f"{100 * area_under_curve(line['mean']):.1f}" if len(line) else "–"
    return row


def _end(last: pd.Series) -> str:
    mean, low, high = 100 * last[["mean", "low", "high"]]
    return f"{mean:.1f}" if last["seeds"] == 1 else f"{mean:.1f} [{low:.1f}, {high:.1f}]"


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the figure."""
    pictures = "The paper's curves are pictures; it gives no published value for them."
    return [*curves.notes(frame), *tnaml.notes(frame), *beyond.notes(frame), pictures]


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
