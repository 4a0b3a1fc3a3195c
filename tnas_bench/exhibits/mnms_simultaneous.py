"""Simultaneous search of Multitask Neural Model Search: does it work, and do its tasks get different models?"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from matplotlib.figure import Figure
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.exhibits import mnms, mnms_choices, mnms_picture, numerals, published, tnaml
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.exhibits.results import load, load_learnt
from tnas_bench.journal.sealed import read_card

NAME = "mnms_simultaneous"
METHODS = {"mnms": "both at once", "apart": "apart"}
LATE = (
    "Last quarter: of the trials of a study on both. Total variation distance: half the sum of the differences between "
    "the shares of each choice for the first task and for the others "
    "(0: all are equal, 1: no choice is shared), mean over seeds. By chance: the "
    "task labels of those trials permuted, 1,000 times; one decision in twenty exceeds 95% of chance by chance."
)


class Searched(NamedTuple):
    """What the exhibit reads: trials, what controllers learnt, and the choices of each decision in their order."""

    trials: DataFrame
    learnt: DataFrame
    space: mnms_choices.Space


def reads(studies: Sequence[Path], pretraining: Sequence[Path] = ()) -> Searched:
    """Sealed studies, given by their folders."""
    trials, learnt = load(studies, pretraining), load_learnt(studies, pretraining)
    return Searched(trials, learnt, read_card(studies[0])["study"]["settings"]["space"])


def build(results: Searched, scale: Scale) -> DataFrame:
    """One row a number; ``part`` tells of what.

    "curve": accuracy-topN in [0, 1] at a trial (mean, lowest and highest seed), by measure and variant; "accuracy": its
    end in percent with 95% interval; "share": of a choice among the late trials of the study on all tasks; "distance":
    total variation distance between the first task's choices and the others', beside chance; "model": share of the
    seeds in which a choice is a controller's most probable. Columns: task, title, grade, stand_ins, pretrained_on,
    top_n, part, variant, measure, trial, decision, choice, mean, low, high, chance, chance_high, seeds.
    """
    trials = mnms.studies(results.trials, "pretraining")
    titles = mnms.titles(trials, NAME)
    together = trials[trials["variant"] == "mnms"].groupby("seed")
    late = {seed: mnms_choices.late_trials(study) for seed, study in together}
    found = {task: mnms.task_curves(trials, task, scale.top_n) for task in titles}
    parts = [
        *(mnms.learning(found[task], scale.top_n).assign(task=task) for task in titles),
        mnms_choices.shares(late, results.space, list(titles)).assign(part="share"),
        mnms_choices.distances(late, results.space, next(iter(titles))).assign(part="distance"),
        mnms_choices.models(results.learnt, results.space).assign(part="model"),
    ]
    return mnms.marked(pd.concat(rows for rows in parts if len(rows)), trials, titles, scale.top_n)


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """Accuracies, late choices of the simultaneous search, and the models that the controllers learnt."""
    accuracies = mnms.accuracy_table(frame, METHODS, published.read(NAME))
    found = {f"Accuracy-top{frame['top_n'].iloc[0]} (%) of tasks searched at once, and apart": accuracies}
    if len(mnms.part(frame, "distance")):
        found["Choices in the last quarter of the search of both at once"] = _late(frame)
    return found | {"Most probable choices that the controllers had learnt in the end": _models(frame)}


def _late(frame: DataFrame) -> DataFrame:
    shares, rows = mnms.part(frame, "share"), []
    for cell in mnms.part(frame, "distance").to_dict("records"):
        of_decision = shares[shares["decision"] == cell["decision"]]
        row = {("Decision", ""): mnms.words(cell["decision"])}
        for task, title in tnaml.marked(frame).items():
            row["Most frequent", title] = _most_frequent(of_decision[of_decision["task"] == task])
        row["Total variation distance", "ours"] = numerals.number(cell["mean"])
        row["Total variation distance", "by chance"] = numerals.number(cell["chance"])
        row["Total variation distance", "95% of chance below"] = numerals.number(cell["chance_high"])
        rows.append(row)
    return numerals.table(rows)


def _most_frequent(shares: DataFrame) -> str:
    if shares.empty:
        return ""
    first = shares.loc[shares["mean"].idxmax()]
    return f"{first['choice']} ({100 * first['mean']:.0f}%)"


def _models(frame: DataFrame) -> DataFrame:
    learnt, rows = mnms.part(frame, "model"), []
    for decision, cells in learnt.groupby("decision", sort=False):
        row = {("Decision", ""): mnms.words(decision)}
        for variant, method in METHODS.items():
            for task, title in tnaml.marked(frame).items():
                row[method, title] = _named(cells[(cells["variant"] == variant) & (cells["task"] == task)])
        rows.append(row)
    return numerals.table(rows)


def _named(cells: DataFrame) -> str:
    """The choices of all seeds, with their number where they differ."""
    counts = {row.choice: round(row.mean * row.seeds) for row in cells.rename_axis(None).itertuples()}
    return "; ".join(choice if len(counts) == 1 else f"{choice} ({count})" for choice, count in counts.items()) or "–"


def draw(frame: DataFrame) -> Figure:
    """Curves, distances of all decisions, and shares of the choices of the main ones."""
    return mnms_picture.draw(frame, METHODS)


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the figure."""
    sentences = [
        "Searched apart, each task has its share of the trials that both have at once.",
        *mnms.notes(frame),
        mnms.DESIGNED,
        "The paper is at hand as its abstract and summary, without numbers. They find that several tasks can be "
        "searched at once.",
    ]
    if mnms.part(frame, "distance").empty:
        return [*sentences, "No last quarter has trials of both tasks: there is nothing to compare."]
    return [*sentences, LATE]


EXHIBIT = Exhibit(
    name=NAME,
    title="Simultaneous search. Multitask Neural Model Search",
    caption="Two tasks searched at once by one controller, and apart: accuracy of the N children with the highest "
    "validation accuracy found up to each trial of the task; what the search of both at once chose for each of them in "
    "its last quarter, and how far these choices lie apart.",
    build=build,
    tables=tables,
    notes=notes,
    draw=draw,
    reads=reads,
)
