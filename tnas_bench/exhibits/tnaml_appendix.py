"""The appendix of Transfer Learning with Neural AutoML: search space, modules, data sets, all validation curves."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from matplotlib.figure import Figure
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.exhibits import curves, numerals, published, tnaml, tnaml_appendix_inputs
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.exhibits.results import load
from tnas_bench.journal.sealed import read_card

NAME = "tnaml_appendix"
TEXTS = ("item", "measure", "ours", "theirs", "task", "title", "grade", "variant")


class Read(NamedTuple):
    """What the exhibit reads: trials, and the run cards of the studies and of those that taught them."""

    trials: DataFrame
    cards: list[dict]


def reads(studies: Sequence[Path], pretraining: Sequence[Path] = ()) -> Read:
    """Sealed studies, given by their folders."""
    return Read(load(studies, pretraining), [read_card(folder) for folder in (*pretraining, *studies)])


def build(results: Read, scale: Scale) -> DataFrame:
    """One row a cell or a point of a curve.

    Columns: part ("space" | "module" | "data", with item, measure, ours and theirs as of
    :mod:`tnas_bench.exhibits.tnaml_appendix_inputs`; "curve": validation accuracy-topN in [0, 1], with variant, trial,
    mean, low, high (lowest and highest seed), seeds); task, title, grade, stand_ins, pretrained_on, top_n.
    """
    trials = tnaml.trials_of(results.trials, "transfer")
    titles = published.in_paper_order(trials["task"], published.read("tnaml_table1"))
    lines = [_curves(trials, scale, task, title) for task, title in titles.items()]
    frame = pd.concat([tnaml_appendix_inputs.inputs(results.cards), *lines], ignore_index=True)
    facts = trials[["stand_ins", "pretrained_on"]].iloc[0].to_dict()
    return frame.assign(**facts, top_n=scale.top_n).fillna(dict.fromkeys(TEXTS, ""))


def _curves(trials: DataFrame, scale: Scale, task: str, title: str) -> DataFrame:
    found, last = tnaml.task_curves(trials, scale, task), scale.trials.trials(task)
    lines = {
        variant: curves.points([validation for validation, _ in seeds.values()], scale.top_n, last)
        for variant, seeds in found.items()
    }
    grade = tnaml.marks(trials, task)["grade"]
    return pd.concat(line.assign(variant=variant) for variant, line in lines.items()).assign(
        part="curve", task=task, title=title, grade=grade
    )


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """What the searches had at hand, and where their curves end."""
    lines = _lines(frame)
    ends = lines[lines["trial"] == lines.groupby("task")["trial"].transform("max")]
    rows = [_row(title, ends[ends["task"] == task]) for task, title in tnaml.marked(ends).items()]
    last = {"Validation accuracy-topN (%) where the curves end [lowest, highest seed]": numerals.table(rows)}
    return tnaml_appendix_inputs.tables(frame[frame["part"] != "curve"]) | last


def _lines(frame: DataFrame) -> DataFrame:
    return frame[frame["part"] == "curve"].astype({"trial": int, "seeds": int})


def _row(title: str, ends: DataFrame) -> dict[tuple[str, str], str]:
    row, found = {("Task", ""): title, ("Trials", ""): f"{ends['trial'].iloc[0]}"}, ends.set_index("variant")
    for variant, method in tnaml.METHODS.items():
        mean, low, high = 100 * found.reindex([variant])[["mean", "low", "high"]].iloc[0]
        several = variant in found.index and found.loc[variant, "seeds"] > 1
        row[method, ""] = numerals.bracketed(mean, low, high) if several else numerals.number(mean, 1)
    return row


def draw(frame: DataFrame) -> Figure:
    """A panel a task, with one legend."""
    lines = _lines(frame)
    return curves.draw(lines, tnaml.marked(lines), tnaml.METHODS, f"Validation accuracy-top{frame['top_n'].iloc[0]}")


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read tables and figure."""
    lines, others = _lines(frame), frame[frame["part"] != "curve"]
    of_data = others[others["task"] != ""]
    graded = pd.concat([lines, of_data.assign(seeds=lines["seeds"].iloc[0])])
    return [*curves.notes(lines), *tnaml.notes(graded), *tnaml_appendix_inputs.notes(others)]


EXHIBIT = Exhibit(
    name=NAME,
    title="Appendix. Transfer Learning with Neural AutoML",
    caption="The search space, the embedding modules and the data sets of these searches, and validation accuracy of "
    "the N best children found up to each trial, of random search (RS), single-task Neural AutoML (NAML) and transfer "
    "(T-NAML) on every task that is transferred to.",
    build=build,
    tables=tables,
    notes=notes,
    draw=draw,
    reads=reads,
)
