"""Ranks of all methods over the tasks of transfer: a critical-difference diagram [Demšar 2006, JMLR 7, figure 1]."""

from itertools import combinations

import numpy as np
from matplotlib.figure import Figure
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.exhibits import beyond, numerals, tnaml, tnaml_ranks_picture, tnaml_table1
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.stats import holm, signed_rank

NAME = "tnaml_ranks"
LEVEL = 0.05  # below which two methods are told apart
MEASURES = {"accuracy": "Test accuracy-topN after the fixed budget", "trials": "Trials to RS's best"}
LOWER = ("trials",)  # is better
FACTS = ("task", "title", "grade", "stand_ins", "pretrained_on", "top_n", "seeds", "own_bar")


def build(results: DataFrame, scale: Scale) -> DataFrame:
    """One row a number, of the methods that have all tasks.

    Columns: those of :mod:`tnas_bench.exhibits.tnaml_table1` that say what a task's numbers rest on; part, measure,
    variant. Part "task": mean (over seeds), rank (1: best; ties share one), mean_rank (over tasks). Part "pair", with
    other: difference (median over tasks of variant minus other), p (Wilcoxon's signed-rank test over tasks, exact,
    two-sided) and holm (corrected for all pairs of the measure).
    """
    cells = tnaml_table1.build(results, scale)[[*FACTS, "measure", "variant", "mean"]].dropna(subset="mean")
    there = cells.groupby(["measure", "variant"])["task"].transform("nunique")
    cells = cells[there == cells.groupby("measure")["task"].transform("nunique")]
    signs = 1 - 2 * cells["measure"].isin(LOWER)
    ranks = (signs * cells["mean"]).groupby([cells["measure"], cells["task"]]).rank(ascending=False)
    means = ranks.groupby([cells["measure"], cells["variant"]]).transform("mean")
    pairs = [pair for measure, of in cells.groupby("measure", sort=False) for pair in _pairs(measure, of)]
    facts = cells[list(FACTS)].iloc[:1].to_dict("records")[0] | dict.fromkeys(("task", "title", "grade"), "")
    rows = cells.assign(part="task", other="", rank=ranks, mean_rank=means).to_dict("records")
    return DataFrame(rows + [facts | {"part": "pair"} | pair for pair in pairs])


def _pairs(measure: str, cells: DataFrame) -> list[dict]:
    means = cells.pivot(index="task", columns="variant", values="mean")[list(dict.fromkeys(cells["variant"]))]
    pairs = list(combinations(means, 2))
    differences = [(means[one] - means[other]).to_numpy() for one, other in pairs]
    p = [min(1.0, 2 * min(signed_rank(difference))) for difference in differences]
    found = DataFrame(pairs, columns=["variant", "other"]).assign(measure=measure, p=p, holm=holm(p))
    return found.assign(difference=[np.median(each) for each in differences]).to_dict("records")


def mean_ranks(frame: DataFrame, measure: str) -> dict[str, float]:
    """Mean rank of each variant, the best first."""
    rows = frame[(frame["part"] == "task") & (frame["measure"] == measure)].drop_duplicates("variant")
    return rows.sort_values("mean_rank", kind="stable").set_index("variant")["mean_rank"].to_dict()


def alike(frame: DataFrame, measure: str) -> list[tuple[str, str]]:
    """First and last of each longest run of neighbours in rank of which no two are told apart."""
    rows = frame[(frame["part"] == "pair") & (frame["measure"] == measure) & (frame["holm"] > LEVEL)]
    same = {frozenset(pair) for pair in zip(rows["variant"], rows["other"], strict=True)}
    order = list(mean_ranks(frame, measure))
    ends = []
    for first in range(len(order)):
        last = first
        while last + 1 < len(order) and all({order[last + 1], each} in same for each in order[first : last + 1]):
            last += 1
        if last > (ends[-1][1] if ends else first):
            ends.append((first, last))
    return [(order[first], order[last]) for first, last in ends]


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """Mean ranks, and p of all pairs."""
    shown, names = [measure for measure in MEASURES if mean_ranks(frame, measure)], beyond.methods(frame)
    ranks = {measure: mean_ranks(frame, measure) for measure in shown}
    rows = [
        {("Method", ""): name} | {(MEASURES[m], ""): numerals.number(ranks[m].get(variant, np.nan)) for m in shown}
        for variant, name in names.items()
        if any(variant in of for of in ranks.values())
    ]
    return {f"Mean rank over {_tasks(frame)} tasks (1: best)": numerals.table(rows)} | _compared(frame, shown, names)


def _compared(frame: DataFrame, shown: list[str], names: dict[str, str]) -> dict[str, DataFrame]:
    pairs, rows = frame[frame["part"] == "pair"], []
    for (one, other), cells in pairs.groupby(["variant", "other"], sort=False):
        row, of = {("Pair", ""): f"{names[one]}, {names[other]}"}, cells.set_index("measure")
        for measure in shown:
            found = of.reindex([measure]).iloc[0]
            row[MEASURES[measure], "median difference"] = numerals.signed(found["difference"])
            row[MEASURES[measure], "p"] = numerals.significant(found["holm"], 2)
        rows.append(row)
    return {"Pairs: Wilcoxon's signed-rank test over tasks, corrected by Holm": numerals.table(rows)} if rows else {}


def _tasks(frame: DataFrame) -> int:
    return frame.loc[frame["part"] == "task", "task"].nunique()


def draw(frame: DataFrame) -> Figure:
    """A line of ranks a measure, with bars over those that are not told apart."""
    lines = {measure: (mean_ranks(frame, measure), alike(frame, measure)) for measure in MEASURES}
    titled = {MEASURES[measure]: line for measure, line in lines.items() if line[0]}
    return tnaml_ranks_picture.draw(titled, beyond.methods(frame))


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the figure."""
    tasks, pairs = _tasks(frame), frame[frame["part"] == "pair"].groupby("measure").size().max()
    least = 2 * 0.5**tasks * pairs
    few = f"On {tasks} tasks no pair of so many can be told apart (least p: {numerals.significant(least, 2)})."
    return [
        *tnaml.notes(frame[frame["part"] == "task"]),
        "Ranks are of means over seeds; those that tie share one. A bar joins neighbours of which no two are told "
        f"apart at {100 * LEVEL:g}% by Wilcoxon's signed-rank test over tasks, with Holm's correction for all pairs.",
        *([few] if least > LEVEL else []),
        *tnaml_table1.bar_notes(frame),
        "The tasks are the units: what all tasks of a seed share, as its pretraining, is not in p.",
        "A search that missed the bar counts as B trials.",
        *beyond.notes(frame),
    ]


EXHIBIT = Exhibit(
    name=NAME,
    title="Ranks over tasks (not in the paper). Transfer Learning with Neural AutoML",
    caption="Mean rank of each method over the tasks of transfer, and which methods these tasks tell apart. The paper "
    "has no such figure; its cells are those of Table 1.",
    build=build,
    tables=tables,
    notes=notes,
    draw=draw,
)
