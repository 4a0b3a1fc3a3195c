"""Table 1 of Transfer Learning with Neural AutoML: how soon and how well each controller does on each task."""

from dataclasses import asdict

import numpy as np
import pandas as pd
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.exhibits import bar, beyond, numerals, published, tnaml
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.metrics import speed_up
from tnas_bench.stats import mean_interval

NAME = "tnaml_table1"
HALVES = {
    "trials": "Left half: trials to attain RS's best validation accuracy-topN within B trials",
    "accuracy": "Right half: test accuracy-topN (%) after B trials",
}


def build(results: DataFrame, scale: Scale) -> DataFrame:
    """One row a cell of the table.

    Columns: task, title, grade, stand_ins, pretrained_on, top_n; measure ("trials" | "accuracy", in percent), budget
    (B), variant; mean, low, high (95% Student-t interval), seeds, censored (seeds that missed the bar and count as B),
    own_bar (whether RS's only seed set the bar); published, published_margin (2 s.e.m. over ten children),
    published_budget.
    """
    trials = tnaml.trials_of(results, "transfer")
    paper = published.read(NAME)
    rows = []
    for task, title in published.in_paper_order(trials["task"], paper).items():
        curves = tnaml.task_curves(trials, scale, task, beyond.variants(scale))
        facts = {"task": task, "title": title, **tnaml.marks(trials, task), "top_n": scale.top_n}
        cells = _left(curves, scale.trials.trials(task)) + _right(curves, scale.trials.fixed_trials(task))
        rows += [facts | cell for cell in cells]
    theirs = paper.rename(columns={"value": "published", "margin": "published_margin", "budget": "published_budget"})
    return DataFrame(rows).merge(theirs.drop(columns=["title", "place"]), "left", ["task", "measure", "variant"])


def _left(curves: tnaml.Curves, budget: int) -> list[dict]:
    """Trials to the bar of random search."""
    return [{"measure": "trials", **row} for row in bar.trials_to_bar(curves, budget, "random_search")]


def _right(curves: tnaml.Curves, budget: int) -> list[dict]:
    """Test accuracy-topN at the fixed budget, in percent."""
    return [
        {"measure": "accuracy", "budget": budget, "variant": variant, "own_bar": False}
        | asdict(mean_interval([100 * test[budget - 1] for _, test in seeds.values()], 0, 100))
        for variant, seeds in curves.items()
    ]


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """Both halves as text, our cells beside the published ones."""
    halves = {title: frame[frame["measure"] == measure] for measure, title in HALVES.items()}
    return {title: _half(half, tnaml.marked(frame)) for title, half in halves.items() if len(half)}


def _half(half: DataFrame, titles: dict[str, str]) -> DataFrame:
    methods, by_task = beyond.methods(half), half.groupby("task", sort=False)
    return numerals.table([_row(titles[task], cells.set_index("variant"), methods) for task, cells in by_task])


def _row(title: str, cells: DataFrame, methods: dict[str, str]) -> dict[tuple[str, str], str]:
    row = {("Task", ""): title, ("B", "ours"): f"{cells['budget'].iloc[0]}"}
    row["B", "paper"] = numerals.number(cells["published_budget"].max(), 0)
    for variant, method in methods.items():
        cell = cells.loc[variant] if variant in cells.index else None
        published_too = variant in tnaml.METHODS
        row[method, "ours" if published_too else ""] = "–" if cell is None else _ours(cell)
        if published_too:
            row[method, "paper"] = "–" if cell is None else _paper(cell)
    return row


def _ours(cell: pd.Series) -> str:
    if cell["measure"] == "trials":
        return bar.text(cell)
    return numerals.bracketed(cell["mean"], cell["low"], cell["high"])


def _paper(cell: pd.Series) -> str:
    value = numerals.number(cell["published"], 1 if cell["measure"] == "accuracy" else 0)
    return value if np.isnan(cell["published_margin"]) else f"{value} ± {cell['published_margin']}"


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the table."""
    sentences = tnaml.notes(frame)
    if frame["low"].notna().any():
        sentences.append("In brackets: 95% Student-t interval over seeds.")
    sentences += bar_notes(frame)
    if frame["censored"].any():
        sentences.append("No seed attained the bar: > B. Some did not, and count as B: ≥ (restricted mean).")
    sentences += [*_speed_ups(frame), *beyond.notes(frame)]
    return [*sentences, "The paper's ± is 2 s.e.m. over the ten children of a cell, not over runs."]


def bar_notes(frame: DataFrame) -> list[str]:
    """Which bar trials are counted to."""
    if frame["own_bar"].any():
        return ["With one seed, the bar is the best of that very RS run."]
    others = "The bar for a seed is the mean of the best of the other RS seeds."
    return [others] if (frame["measure"] == "trials").any() else []


def _speed_ups(frame: DataFrame) -> list[str]:
    """S of section 4.1, the median over tasks, ours beside the paper's on the same tasks."""
    left = frame[(frame["measure"] == "trials") & frame["published"].notna()]
    sentences = []
    for variant in ("naml", "random_search"):
        trials = {
            column: left.pivot(index="task", columns="variant", values=column) for column in ("mean", "published")
        }
        if {variant, "tnaml"} <= set(trials["mean"].columns):
            ours, paper = (np.nanmedian(speed_up(each["tnaml"], each[variant])) for each in trials.values())
            rival, least = tnaml.METHODS[variant], "at least " if _censored(left, variant) else ""
            sentences.append(
                f"Median speed-up of T-NAML over {rival}: {least}{ours:.1f} (paper, same tasks: {paper:.1f})."
            )
    return sentences


def _censored(left: DataFrame, variant: str) -> bool:
    """Whether a rival that did not attain the bar counts as B, while T-NAML attained it everywhere."""
    missed = left[left["censored"] > 0]["variant"]
    return variant in set(missed) and "tnaml" not in set(missed)


EXHIBIT = Exhibit(
    name=NAME,
    title="Table 1. Transfer Learning with Neural AutoML",
    caption="Random search (RS), single-task Neural AutoML (NAML) and transfer (T-NAML), ours beside the paper's. "
    "Accuracy-topN is the mean accuracy of the N children with the highest validation accuracy so far, looked at "
    "every five trials.",
    build=build,
    tables=tables,
    notes=notes,
)
