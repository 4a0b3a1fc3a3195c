"""What the exhibits of Multitask Neural Model Search share: studies, learning curves, table of accuracies, notes."""

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
import pandas as pd
from pandas import DataFrame

from tnas_bench.errors import UserError
from tnas_bench.exhibits import curves, numerals, tnaml
from tnas_bench.stats import mean_interval

WORDS = ("variant", "measure", "decision", "choice")
BOUNDS = ["mean", "low", "high"]
MEASURES = ("validation", "test")
DESIGNED = "Designed by people: as Transfer Learning with Neural AutoML (section 4.1) cites them; –: no value is known."


def studies(results: DataFrame, experiment: str) -> DataFrame:
    """The trials of one experiment."""
    chosen = results[(results["paper"] == "mnms") & (results["experiment"] == experiment)]
    if chosen.empty:
        raise UserError(f"results: no study of mnms/{experiment} among them; run the studies of the exhibit first")
    return chosen


def task_curves(trials: DataFrame, task: str, top_n: int) -> tnaml.Curves:
    """Accuracy-topN over the trials of a task, validation and test, by variant and seed.

    A study on several tasks draws the task of each trial, so that numbers of trials differ by chance: all curves are
    as long as the shortest.
    """
    of_task = trials[trials["task"] == task].sort_values("trial").groupby(["variant", "seed"])
    searches = pd.MultiIndex.from_frame(trials[["variant", "seed"]].drop_duplicates())
    shortest = of_task.size().reindex(searches, fill_value=0).min()
    if shortest < top_n:
        raise UserError(f"a study of mnms has {shortest} trials of {task}, fewer than top_n ({top_n}): give it more")
    found: tnaml.Curves = {}
    for (variant, seed), study in of_task:
        found.setdefault(variant, {})[seed] = tnaml.study_curves(study.head(shortest), top_n)
    return found


def length(found: tnaml.Curves) -> int:
    """The trials that all curves of a task have."""
    seeds = next(iter(found.values()))
    return len(next(iter(seeds.values()))[0])


def learning(found: tnaml.Curves, top_n: int) -> DataFrame:
    """The points of a task's curves (part "curve") and their ends in percent, with 95% interval (part "accuracy")."""
    return pd.concat(
        rows.assign(variant=variant, measure=measure)
        for variant, seeds in found.items()
        for measure, heights in zip(MEASURES, zip(*seeds.values(), strict=True), strict=True)
        for rows in (_points(heights, top_n), _end(heights))
    )


def _points(heights: tuple[np.ndarray, ...], top_n: int) -> DataFrame:
    return curves.points(heights, top_n, len(heights[0])).assign(part="curve")


def _end(heights: tuple[np.ndarray, ...]) -> DataFrame:
    estimate = asdict(mean_interval([100 * curve[-1] for curve in heights], 0, 100))
    return DataFrame([estimate]).drop(columns="censored").assign(part="accuracy", trial=len(heights[0]))


def marked(rows: DataFrame, trials: DataFrame, titles: Mapping[str, str], top_n: int) -> DataFrame:
    """The rows with the columns title, grade, stand_ins, pretrained_on and top_n; words that a row lacks are empty."""
    facts = DataFrame([{"task": task, "title": titles[task], **tnaml.marks(trials, task)} for task in titles])
    empty = {column: "" for column in WORDS if column in rows}
    return facts.assign(top_n=top_n).merge(rows.fillna(empty), on="task")


def part(frame: DataFrame, name: str) -> DataFrame:
    """The rows of one part of an exhibit."""
    return frame[frame["part"] == name]


def accuracy_table(frame: DataFrame, methods: Mapping[str, str], published: DataFrame) -> DataFrame:
    """The accuracies of each task in which the curves end, beside results of models that people designed.

    ``published``: columns task, reference, value (in percent; none: not known).
    """
    ends = part(frame, "accuracy")
    rows = [
        {("Task", ""): title, **_accuracies(ends[ends["task"] == task], methods)}
        | {("Test", "designed by people"): _designed(published[published["task"] == task])}
        for task, title in tnaml.marked(frame).items()
    ]
    return numerals.table(rows)


def _accuracies(ends: DataFrame, methods: Mapping[str, str]) -> dict[tuple[str, str], str]:
    row = {("Trials", ""): f"{ends['trial'].iloc[0]:.0f}"}
    for measure, cells in ends.groupby("measure", sort=False):
        cells = cells.set_index("variant")
        for variant, method in methods.items():
            here = variant in cells.index
            row[measure.capitalize(), method] = numerals.bracketed(*cells.loc[variant, BOUNDS]) if here else "–"
        row[measure.capitalize(), "paper"] = "–"
    return row


def _designed(published: DataFrame) -> str:
    known = published.dropna(subset="value")
    results = [f"{row.value} ({row.reference})" for row in known.itertuples()]
    return "; ".join(results) or "–"


def words(decision: str) -> str:
    """A decision as a reader sees it."""
    return tnaml.DECISIONS.get(decision, decision)


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read curves and accuracies."""
    sentences = curves.notes(part(frame, "curve"))
    sentences.append("The curves of a task are as long as the shortest: a study on several tasks draws them by chance.")
    sentences += tnaml.notes(frame, "the paper's measure is not known", "MNMS")
    if part(frame, "accuracy")["low"].notna().any():
        sentences.append("In brackets: 95% Student-t interval over seeds.")
    return sentences
