"""The preliminary experiment of Transfer Learning with Neural AutoML: algorithms that train the controller."""

from dataclasses import asdict

import pandas as pd
from matplotlib.figure import Figure
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.exhibits import curves, numerals, published, tnaml
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.stats import mean_interval

NAME = "tnaml_algorithms"
ALGORITHMS = {"random_search": "RS", "naml": "REINFORCE", "trpo": "TRPO", "urex": "UREX", "ppo": "PPO"}
LATE = 50  # last trials, whose mean is what a controller has come to propose [choice]


def build(results: DataFrame, scale: Scale) -> DataFrame:
    """One row a number, accuracies on validation in [0, 1].

    Columns: task, title, grade, stand_ins, pretrained_on, top_n; part ("curve": of the N best after each trial;
    "late": of the last trials), variant, trial; mean, low, high (curve: lowest and highest seed; late: 95% Student-t
    interval), seeds; rank (of late means on the task; 1: highest), mean_rank (over tasks).
    """
    trials = tnaml.trials_of(results, "transfer")
    titles = published.in_paper_order(trials["task"], published.read("tnaml_table1"))
    shown = [task for task in titles if task in scale.algorithm_tasks]
    frame = pd.concat([_task(trials, scale, task, titles[task]) for task in shown], ignore_index=True)
    late = frame[frame["part"] == "late"]
    ranks = late.groupby("task")["mean"].rank(ascending=False)
    return frame.assign(rank=ranks, mean_rank=ranks.groupby(late["variant"]).transform("mean"))


def _task(trials: DataFrame, scale: Scale, task: str, title: str) -> DataFrame:
    parts = []
    for variant, seeds in tnaml.studies(trials, task, scale.trials.trials(task), ALGORITHMS).items():
        heights = [tnaml.study_curves(study, scale.top_n)[0] for study in seeds.values()]
        late = mean_interval([study["validation"].tail(LATE).mean() for study in seeds.values()], 0, 1)
        end = DataFrame([{"trial": len(heights[0]), **asdict(late)}]).drop(columns="censored")
        parts += [curves.points(heights, scale.top_n, len(heights[0])).assign(part="curve", variant=variant)]
        parts += [end.assign(part="late", variant=variant)]
    return pd.concat(parts).assign(task=task, title=title, **tnaml.marks(trials, task), top_n=scale.top_n)


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """Late means and ranks, beside what the paper says."""
    late = frame[frame["part"] == "late"]
    found = [(variant, name) for variant, name in ALGORITHMS.items() if variant in set(late["variant"])]
    rows = [_row(name, late[late["variant"] == variant], tnaml.marked(late)) for variant, name in found]
    return {f"Mean validation accuracy (%) of the last {LATE} trials, or all if fewer": numerals.table(rows)}


def _row(name: str, cells: DataFrame, titles: dict[str, str]) -> dict[tuple[str, str], str]:
    row, by_task = {("Algorithm", ""): name}, cells.set_index("task")
    for task, title in titles.items():
        cell = by_task.reindex([task]).iloc[0]
        row[title, "ours"] = numerals.bracketed(*(100 * cell[["mean", "low", "high"]].astype(float)))
        row[title, "rank"] = _rank(cell["rank"])
    statements = published.read(NAME).set_index("variant")["statement"]
    row["Mean rank", "ours"] = numerals.number(cells["mean_rank"].iloc[0], 2)
    row["Mean rank", "paper"] = statements.get(cells["variant"].iloc[0], "–")
    return row


def _rank(rank: float) -> str:
    return "–" if pd.isna(rank) else f"{rank:g}"


def draw(frame: DataFrame) -> Figure:
    """A panel a task, with one legend."""
    lines = frame[frame["part"] == "curve"]
    found = {variant: name for variant, name in ALGORITHMS.items() if variant in set(lines["variant"])}
    return curves.draw(lines, tnaml.marked(lines), found, f"Validation accuracy-top{frame['top_n'].iloc[0]}", per_row=4)


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the figure."""
    tasks = frame["task"].nunique()
    several = frame["seeds"].max() > 1
    return [
        *curves.notes(frame),
        *tnaml.notes(frame),
        *(["In brackets: 95% Student-t interval over seeds."] if several else []),
        "All but RS train the same policy from scratch. Ranks are of means over seeds; those that tie share one.",
        f"The paper compared them on four tasks, which it does not name (here: {tasks}); it found REINFORCE and TRPO "
        "among the best, and gives no number.",
    ]


EXHIBIT = Exhibit(
    name=NAME,
    title="Preliminary experiment. Transfer Learning with Neural AutoML",
    caption="Algorithms that train the controller from scratch: validation accuracy of the N best children found up to "
    "each trial, and of those that the controllers propose in the end.",
    build=build,
    tables=tables,
    notes=notes,
    draw=draw,
)
