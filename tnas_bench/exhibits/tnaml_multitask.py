"""Multitask training of Transfer Learning with Neural AutoML, against RS and NAML on the tasks of pretraining."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.exhibits import comparison, curves, numerals, published, tnaml
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.metrics import accuracy_top_n

NAME = "tnaml_multitask"
METHODS = tnaml.METHODS | {"tnaml": "Multitask"}
RIVALS = ("naml", "random_search")
MEASURES = ("validation", "test")
ALL = "all tasks"


def build(results: DataFrame, scale: Scale) -> DataFrame:
    """One row a number. All studies of a task are compared at the number of trials that each of them has on it.

    Columns: part ("curve": a point, with the lowest and the highest seed; "end": accuracy-topN where it ends;
    "difference": of multitask to the variant, with error, margin and outcome as in
    :func:`tnas_bench.exhibits.comparison.compare`; "count": over all tasks, with its name in outcome); task, title,
    grade, stand_ins, pretrained_on, top_n; variant, measure ("validation" | "test", in percent), trial, mean, low, high
    (but for curves, 95% Student-t interval), seeds; draw_deviations, draw_points (the rule); published.
    """
    trials = tnaml.trials_of(results, "pretraining")
    rows = []
    for task in published.in_paper_order(trials["task"], published.read("tnaml_fig1")):
        studies = _common(trials, task)
        facts = {"task": task, "title": studies["title"].iloc[0], **tnaml.marks(trials, task), "outcome": ""}
        rows += [facts | row for row in _task(studies, scale)]
    frame = DataFrame([*rows, *_overall(DataFrame(rows))])
    frame = frame.assign(top_n=scale.top_n, **comparison.rule_columns(scale.draw))
    theirs = published.read(NAME).rename(columns={"value": "published", "measure": "outcome"}).assign(part="count")
    return frame.merge(theirs.drop(columns="place"), "left", ["part", "variant", "outcome"])


def _common(trials: DataFrame, task: str) -> DataFrame:
    """The first trials of each study on a task, as many as all have; multitask studies draw their tasks at random.

    Of a method of which some seed never drew the task there is none: its mean would be over other seeds.
    """
    seeds = trials.groupby("variant")["seed"].nunique()
    studies = trials[trials["task"] == task].sort_values("trial")
    met = studies.groupby("variant")["seed"].nunique().reindex(seeds.index) == seeds
    each = studies[studies["variant"].map(met)].groupby(["variant", "seed"])
    return each.head(each.size().min())


def _task(studies: DataFrame, scale: Scale) -> Iterator[dict]:
    by_variant = {variant: studies[studies["variant"] == variant] for variant in METHODS}
    present = {variant: chosen for variant, chosen in by_variant.items() if len(chosen)}
    for variant, chosen in present.items():
        for measure in MEASURES:
            facts = {"part": "curve", "variant": variant, "measure": measure}
            yield from (facts | point for point in _points(chosen, measure, scale.top_n))
    if studies.groupby(["variant", "seed"]).size().min() >= scale.top_n:
        best = {variant: _best(chosen, scale.top_n) for variant, chosen in present.items()}
        yield from _ends(best, scale)


def _points(studies: DataFrame, measure: str, n: int) -> list[dict]:
    """The points of a line; one without a height, if there are fewer than N trials."""
    lines = [
        100 * accuracy_top_n(study["validation"], study["test"], n)[MEASURES.index(measure)]
        for _, study in studies.groupby("seed")
    ]
    return curves.points(lines, min(n, len(lines[0])), len(lines[0])).to_dict("records")


def _best(studies: DataFrame, n: int) -> DataFrame:
    return pd.concat(tnaml.best_children(study, n) for _, study in studies.groupby("seed"))


def _ends(best: dict[str, DataFrame], scale: Scale) -> Iterator[dict]:
    for measure in MEASURES:
        children = {variant: comparison.by_seed(chosen, measure) for variant, chosen in best.items()}
        for variant, chosen in best.items():
            yield {"part": "end", "variant": variant, "measure": measure} | comparison.accuracy(chosen, measure)
            if variant in RIVALS and children.get("tnaml", {}).keys() & children[variant].keys():
                found = comparison.compare(children["tnaml"], children[variant], scale.draw)
                yield {"part": "difference", "variant": variant, "measure": measure} | found


def _overall(rows: DataFrame) -> Iterator[dict]:
    differences = rows[rows["part"] == "difference"]
    marks = {"part": "count", "task": ALL, "title": "All tasks", "grade": ", ".join(sorted(set(rows["grade"])))}
    marks |= rows[["stand_ins", "pretrained_on"]].iloc[0].to_dict()
    for (variant, measure), cells in differences.groupby(["variant", "measure"]):
        facts = marks | {"variant": variant, "measure": measure, "seeds": cells["seeds"].max()}
        yield from (facts | {"outcome": name, "mean": count} for name, count in comparison.counts(cells).items())


def of_tasks(frame: DataFrame) -> DataFrame:
    """The rows of single tasks."""
    return frame[frame["task"] != ALL]


def draw(frame: DataFrame) -> Figure:
    """Two panels a task: validation and test accuracy."""
    points, titles = frame[frame["part"] == "curve"], tnaml.marked(of_tasks(frame))
    panels = {f"{task} {measure}": f"{title}: {measure}" for task, title in titles.items() for measure in MEASURES}
    points = points.assign(task=points["task"] + " " + points["measure"])
    per_row = 2 if len(titles) <= 3 else 4  # both panels of a task in one row
    return curves.draw(points, panels, METHODS, f"Accuracy-top{frame['top_n'].iloc[0]} (%)", per_row)


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """The counts beside the paper's, where the curves end, and the differences."""
    counts, titles = frame[frame["part"] == "count"], tnaml.marked(of_tasks(frame))
    shown = {
        "Accuracy-topN (%) at the trials that all studies of a task have": numerals.table(
            [_row(frame[frame["task"] == task], title) for task, title in titles.items()]
        )
    }
    if counts.empty:
        return shown
    overall = [_overall_row(*cells) for cells in counts.groupby(["variant", "measure"])]
    differences = [_differences_row(frame[frame["task"] == task], title) for task, title in titles.items()]
    return {
        "Tasks on which multitask training is higher, similar, lower": numerals.table(overall),
        **shown,
        "Multitask minus the other (points)": numerals.table(differences),
    }


def _overall_row(against: tuple[str, str], cells: DataFrame) -> dict[tuple[str, str], str]:
    row, cells = {("Against", ""): METHODS[against[0]], ("Accuracy", ""): against[1]}, cells.set_index("outcome")
    for source, column in {"ours": "mean", "paper": "published"}.items():
        row["Tasks", source] = comparison.score(cells[column], ["tasks"])
        row["Higher-similar-lower", source] = comparison.score(cells[column], ["wins", "draws", "losses"])
    row["Higher-lower", "sure"] = comparison.score(cells["mean"], ["sure_wins", "sure_losses"])
    return row


def _row(cells: DataFrame, title: str) -> dict[tuple[str, str], str]:
    trials = cells.loc[cells["part"] == "curve", "trial"].max()
    ends = cells[cells["part"] == "end"].set_index(["variant", "measure"])
    row = {("Task", ""): title, ("Trials", ""): f"{trials:.0f}"}
    return row | {
        (method, measure): _interval(ends, (variant, measure))
        for variant, method in METHODS.items()
        for measure in MEASURES
    }


def _differences_row(cells: DataFrame, title: str) -> dict[tuple[str, str], str]:
    differences = cells[cells["part"] == "difference"].set_index(["variant", "measure"])
    row = {("Task", ""): title}
    for key in [(variant, measure) for variant in RIVALS for measure in MEASURES]:
        row[METHODS[key[0]], key[1]] = _interval(differences, key)
        row[METHODS[key[0]], f"{key[1]}: is"] = _outcome(differences.loc[key]) if key in differences.index else "–"
    return row


def _interval(cells: DataFrame, key: tuple[str, str]) -> str:
    return numerals.bracketed(*cells.loc[key, ["mean", "low", "high"]]) if key in cells.index else "–"


def _outcome(cell: pd.Series) -> str:
    name = {"win": "higher", "draw": "similar", "loss": "lower"}[cell["outcome"]]
    return f"{name} (margin {cell['margin']:.1f})"


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the figure."""
    tasks = of_tasks(frame)
    return [
        *curves.notes(tasks),
        "Multitask: one study on all tasks; counted are its trials of the task, which it draws at random.",
        *_few(tasks),
        f"{comparison.rule_note(frame)} Similar: a draw.",
        *(["In brackets: 95% Student-t interval over seeds; sure: it lies on one side of 0."] * _repeated(tasks)),
        "The paper compares with single-task search, gives no numbers, and does not say which accuracy it means.",
        *tnaml.notes(tasks),
    ]


def _few(tasks: DataFrame) -> list[str]:
    points = tasks[(tasks["part"] == "curve") & (tasks["trial"] < tasks["top_n"])]
    titles = ", ".join(points["title"].unique())
    return [f"Some study has fewer than N trials of {titles}: no accuracy-topN there."] if titles else []


def _repeated(tasks: DataFrame) -> bool:
    return bool(tasks.loc[tasks["part"] == "end", "low"].notna().any())


EXHIBIT = Exhibit(
    name=NAME,
    title="Multitask training. Transfer Learning with Neural AutoML",
    caption="Validation and test accuracy-topN of random search (RS), single-task Neural AutoML (NAML) and the "
    "multitask controller on the tasks that it is pretrained on.",
    build=build,
    tables=tables,
    notes=notes,
    draw=draw,
)
