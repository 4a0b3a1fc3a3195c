"""Ablations of Transfer Learning with Neural AutoML: without task embeddings, and one architecture alone."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure
from pandas import DataFrame, Series

from tnas_bench.config import Scale
from tnas_bench.exhibits import comparison, numerals, published, tnaml
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.exhibits.tnaml_ablation_dots import draw_dots

NAME = "tnaml_ablation"
RIVALS = {"agnostic": "No task embeddings", "final_child": "One architecture"}
ALL = "all tasks"


def build(results: DataFrame, scale: Scale) -> DataFrame:
    """One row a number.

    Columns: task ("all tasks" in the last rows), title, grade, stand_ins, pretrained_on, top_n; variant ("tnaml" |
    "agnostic" | "final_child"), measure: "validation", "test" (accuracy-topN in percent; trials, children: N),
    "difference" (of T-NAML to the variant, in points of test accuracy; error, margin and outcome as in
    :func:`tnas_bench.exhibits.comparison.compare`); of all tasks "tasks", "wins", "losses", "draws", "sure_wins",
    "sure_losses" (intervals without 0), "mean_difference"; mean, low, high (95% Student-t interval), seeds;
    draw_deviations, draw_points (the rule); published.
    """
    trials = tnaml.trials_of(results, "transfer")
    titles = published.in_paper_order(trials["task"], published.read("tnaml_table1"))
    best = pd.concat(best_of(trials, scale, task, variant) for task in titles for variant in ("tnaml", *RIVALS))
    rows = [
        {"task": task, "title": title, **tnaml.marks(trials, task), **row}
        for task, title in titles.items()
        for row in [*_accuracies(best[best["task"] == task]), *_differences(best[best["task"] == task], scale)]
    ]
    frame = DataFrame([*rows, *_overall(DataFrame(rows), best)])
    frame = frame.assign(top_n=scale.top_n, **comparison.rule_columns(scale.draw))
    theirs = published.read(NAME).rename(columns={"value": "published"}).assign(task=ALL)
    return frame.merge(theirs.drop(columns="place"), "left", ["task", "variant", "measure"]).fillna({"outcome": ""})


def best_of(trials: DataFrame, scale: Scale, task: str, variant: str) -> DataFrame:
    """The best children of each seed of a variant on a task."""
    retrained = variant == "final_child"
    budget = scale.trials.retrainings if retrained else scale.trials.fixed_trials(task)
    studies = trials[(trials["task"] == task) & (trials["variant"] == variant)]
    found = [
        tnaml.best_children(tnaml.first_trials(study, budget, f"tnaml/transfer/{variant}/{task}/seed{seed}"), n)
        for n in [min(scale.top_n, budget)]
        for seed, study in studies.groupby("seed")
    ]
    return pd.concat([studies.head(0), *found]).assign(trials=budget)


def _accuracies(best: DataFrame) -> Iterator[dict]:
    for variant, children in best.groupby("variant", sort=False):
        facts = {"variant": variant, "trials": children["trials"].iloc[0]}
        facts["children"] = len(children) // children["seed"].nunique()
        for measure in ("validation", "test"):
            yield facts | {"measure": measure, **comparison.accuracy(children, measure)}


def _differences(best: DataFrame, scale: Scale) -> Iterator[dict]:
    ours, *theirs = (comparison.by_seed(best[best["variant"] == each], "test") for each in ("tnaml", *RIVALS))
    for variant, children in zip(RIVALS, theirs, strict=True):
        if ours.keys() & children.keys():
            yield {"variant": variant, "measure": "difference", **comparison.compare(ours, children, scale.draw)}


def _overall(rows: DataFrame, best: DataFrame) -> Iterator[dict]:
    """Counts over the tasks, and the mean difference over them, whose interval is over the seeds."""
    tests = best.groupby(["variant", "task", "seed"])["test"].mean()
    marks = {"task": ALL, "title": "All tasks", "grade": ", ".join(sorted(set(rows["grade"])))}
    marks |= rows[["stand_ins", "pretrained_on"]].iloc[0].to_dict()
    for variant, cells in rows[rows["measure"] == "difference"].groupby("variant", sort=False):
        facts = marks | {"variant": variant, "seeds": cells["seeds"].max()}
        yield from (facts | {"measure": measure, "mean": count} for measure, count in comparison.counts(cells).items())
        differences = tnaml.of_even_seeds((tests["tnaml"] - tests[variant]).dropna().reset_index())
        by_seed = differences.groupby("seed")["test"].mean()
        yield facts | {"measure": "mean_difference", **comparison.interval(by_seed, -100)}


def of_tasks(frame: DataFrame) -> DataFrame:
    """The rows of single tasks."""
    return frame[frame["task"] != ALL]


def draw(frame: DataFrame) -> Figure:
    """The differences, a panel an ablation, a row a task."""
    differences = frame[frame["measure"].isin(["difference", "mean_difference"])]
    return draw_dots(differences, tnaml.marked(of_tasks(frame)) | {ALL: "Mean"}, RIVALS)


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """The counts beside the paper's, and the accuracies and differences on each task."""
    overall = [_overall_row(frame[frame["task"] == ALL], variant) for variant in RIVALS]
    rows = [
        _row(title, frame[frame["task"] == task].set_index(["measure", "variant"]))
        for task, title in tnaml.marked(of_tasks(frame)).items()
    ]
    return {
        "T-NAML against its ablations: tasks on which it wins, loses, draws; mean difference": numerals.table(overall),
        "Test accuracy-topN (%) at the fixed budget, and the difference of T-NAML (points)": numerals.table(rows),
    }


def _overall_row(cells: DataFrame, variant: str) -> dict[tuple[str, str], str]:
    cells = cells[cells["variant"] == variant].set_index("measure").reindex([*comparison.COUNTS, "mean_difference"])
    row = {("T-NAML against", ""): RIVALS[variant]}
    for source, column in {"ours": "mean", "paper": "published"}.items():
        row["Tasks", source] = comparison.score(cells[column], ["tasks"])
        row["Wins-losses-draws", source] = comparison.score(cells[column], ["wins", "losses", "draws"])
    row["Wins-losses", "sure"] = comparison.score(cells["mean"], ["sure_wins", "sure_losses"])
    difference = cells.loc["mean_difference"]
    row["Mean difference", "ours"] = numerals.bracketed(*difference[["mean", "low", "high"]])
    row["Mean difference", "paper"] = numerals.number(difference["published"], 1)
    return row


def _row(title: str, cells: DataFrame) -> dict[tuple[str, str], str]:
    row = {("Task", ""): title, ("T-NAML", ""): _interval(cells, "test", "tnaml")}
    for variant, name in RIVALS.items():
        row[name, "accuracy"] = _interval(cells, "test", variant)
        row[name, "difference"] = _interval(cells, "difference", variant)
        there = ("difference", variant) in cells.index
        row[name, "T-NAML"] = _outcome(cells.loc["difference", variant]) if there else "–"
    return row


def _interval(cells: DataFrame, measure: str, variant: str) -> str:
    if (measure, variant) not in cells.index:
        return "–"
    return numerals.bracketed(*cells.loc[(measure, variant), ["mean", "low", "high"]])


def _outcome(cell: Series) -> str:
    return f"{cell['outcome']} (margin {cell['margin']:.1f})"


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the table."""
    accuracies = of_tasks(frame)
    interval = ["In brackets: 95% Student-t interval over seeds; sure: it lies on one side of 0."]
    return [
        "No task embeddings: a multitask controller without them, transferred in the same way. One architecture: the "
        "most probable one of that controller [choice], trained again and again on each task.",
        *_retrained(accuracies[accuracies["variant"] == "final_child"]),
        comparison.rule_note(frame),
        *(interval if frame["low"].notna().any() else []),
        *_uneven(accuracies),
        "The paper gives no numbers of single tasks, no rule for a draw, and does not say whether its percents are "
        "points (ours are).",
        *tnaml.notes(accuracies),
    ]


def _uneven(accuracies: DataFrame) -> list[str]:
    """Says of which tasks the mean over them is, where some have fewer seeds."""
    seeds = accuracies.groupby("task")["seeds"].max()
    whole = int((seeds == seeds.max()).sum())
    told = f"The mean is of the tasks that have {seeds.max()} seeds: {whole} of {len(seeds)}."
    return [told] if whole < len(seeds) else []


def _retrained(children: DataFrame) -> list[str]:
    if children.empty:
        return []
    trials, n = (int(children[column].dropna().iloc[0]) for column in ("trials", "children"))
    return [f"Its accuracy is of the best {n} by validation accuracy of its {trials} trainings [choice]."]


EXHIBIT = Exhibit(
    name=NAME,
    title="Ablation. Transfer Learning with Neural AutoML",
    caption="Test accuracy-topN of T-NAML against transfer without task embeddings, and against one architecture that "
    "is trained again on each task.",
    build=build,
    tables=tables,
    notes=notes,
    draw=draw,
)
