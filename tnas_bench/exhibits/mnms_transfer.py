"""Transfer of Multitask Neural Model Search: a pretrained controller against one from scratch, on two new tasks."""

import pandas as pd
from matplotlib.figure import Figure
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.exhibits import bar, curves, mnms, numerals, published, tnaml
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.metrics import speed_up

NAME = "mnms_transfer"
METHODS = {"mnms": "pretrained", "scratch": "from scratch"}


def build(results: DataFrame, scale: Scale) -> DataFrame:
    """One row a number; ``part`` tells of what.

    "curve": accuracy-topN in [0, 1] at a trial (mean, lowest and highest seed), by measure and variant; "accuracy": its
    end in percent with 95% interval; "trials": trials to the best validation accuracy-topN of the searches from
    scratch, with 95% interval. Columns: task, title, grade, stand_ins, pretrained_on, top_n, part, variant, measure,
    trial, budget, own_bar, mean, low, high, seeds, censored.
    """
    trials = mnms.studies(results, "transfer")
    titles = mnms.titles(trials, NAME)
    rows = pd.concat(_numbers(mnms.task_curves(trials, task, scale.top_n), scale.top_n, task) for task in titles)
    return mnms.marked(rows, trials, titles, scale.top_n)


def _numbers(found: tnaml.Curves, top_n: int, task: str) -> DataFrame:
    ends = mnms.learning(found, top_n).assign(own_bar=False)
    to_bar = DataFrame(bar.trials_to_bar(found, mnms.length(found), "scratch")).assign(part="trials")
    return pd.concat(rows for rows in (ends, to_bar) if len(rows)).assign(task=task)


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """Accuracies, and how soon each search attains the best of the searches from scratch."""
    accuracies = mnms.accuracy_table(frame, METHODS, published.read(NAME))
    found = {f"Accuracy-top{frame['top_n'].iloc[0]} (%) of a pretrained search, and of one from scratch": accuracies}
    to_bar = mnms.part(frame, "trials")
    rows = [_row(title, to_bar[to_bar["task"] == task]) for task, title in tnaml.marked(to_bar).items()]
    return found | ({"Trials to the best validation accuracy from scratch": numerals.table(rows)} if rows else {})


def _row(title: str, cells: DataFrame) -> dict[tuple[str, str], str]:
    cells = cells.set_index("variant")
    row = {("Task", ""): title, ("B", ""): f"{cells['budget'].iloc[0]:.0f}"}
    row |= {("Trials", method): bar.text(cells.loc[v]) if v in cells.index else "–" for v, method in METHODS.items()}
    return row | {("Speed-up", "ours"): _speed_up(cells), ("Speed-up", "paper"): "–"}


def _speed_up(cells: DataFrame) -> str:
    """A bound where one of the two missed the bar in some seed; neither bound holds where both did."""
    if set(METHODS) - set(cells.index) or (cells["censored"] > 0).all():
        return "–"
    missed = [variant for variant in METHODS if cells.loc[variant, "censored"]]
    bound = {"scratch": "≥ ", "mnms": "≤ "}[missed[0]] if missed else ""
    return f"{bound}{speed_up(cells.loc['mnms', 'mean'], cells.loc['scratch', 'mean']):.1f}"


def draw(frame: DataFrame) -> Figure:
    """A column a task: its validation curves above its test curves."""
    tasks, points = tnaml.marked(frame), mnms.part(frame, "curve")
    panels = {f"{task} {measure}": f"{title}: {measure}" for measure in mnms.MEASURES for task, title in tasks.items()}
    by_panel = points.assign(task=points["task"] + " " + points["measure"])
    return curves.draw(by_panel, panels, METHODS, f"Accuracy-top{frame['top_n'].iloc[0]}", per_row=len(tasks))


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read figure and tables."""
    return [
        "Both tasks are searched at once, by one controller [choice].",
        *mnms.notes(frame),
        *_bars(mnms.part(frame, "trials")),
        mnms.DESIGNED,
        "The paper is at hand as its abstract and summary, without numbers. They find that pretraining speeds up the "
        "search of new tasks and improves what it finds, and that the models found beat those designed by people.",
    ]


def _bars(cells: DataFrame) -> list[str]:
    if cells.empty:
        return []
    whose = "the mean of the best of the other searches from scratch"
    if cells["own_bar"].any():
        whose = "with one seed, the best of that very search from scratch"
    sentences = [f"The bar for a seed: {whose}, seen every five trials."]
    if cells["censored"].any():
        sentences.append("No seed attained the bar: > B. Some did not, and count as B: ≥ (restricted mean).")
    return sentences


EXHIBIT = Exhibit(
    name=NAME,
    title="Transfer to new tasks. Multitask Neural Model Search",
    caption="A controller pretrained on two tasks searches two new ones, beside a controller from scratch: accuracy of "
    "the N children with the highest validation accuracy found up to each trial of the task.",
    build=build,
    tables=tables,
    notes=notes,
    draw=draw,
)
