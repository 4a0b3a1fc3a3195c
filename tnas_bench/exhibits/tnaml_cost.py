"""Cost and savings of Transfer Learning with Neural AutoML: seconds of a trial, hours that transfer saves."""

from collections.abc import Iterable, Iterator

import numpy as np
from pandas import DataFrame, Series

from tnas_bench.config import Scale
from tnas_bench.exhibits import numerals, published, tnaml, tnaml_table1
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.metrics import amortisation, saving, speed_up

NAME = "tnaml_cost"
RIVALS = ("naml", "random_search")
ALL = "all tasks"
EVERY = "all"  # methods
FLIPPED = {"≥": "≤", "≤": "≥"}  # the bound of what falls as S rises
QUANTITIES = {
    "speed_up": "Speed-up S, median",
    "median_saving": "Saving a task (CPU-hours), median",
    "mean_saving": "Saving a task (CPU-hours), mean",
    "amortisation": "Amortised after new tasks, in multiples of M",
    "new_tasks": "Amortised after new tasks, with our M",
    "break_even": "New tasks whose savings are the trials of pretraining ‡",
}


def build(results: DataFrame, scale: Scale) -> DataFrame:
    """One row a number.

    Columns: task ("all tasks" in the last rows), title, grade, stand_ins, pretrained_on, top_n, cpu, seeds, budget (B,
    fixed); variant (a method, the rival that T-NAML is compared with, or "all"), measure: "seconds" (median of a
    trial; of all tasks, their median), "mean_seconds", "speed_up" (S, of Table 1's left half; of all tasks the median),
    "saving" (CPU-hours); of all tasks also those of QUANTITIES; value; bound ("≥" or "≤" where it is one, "~" where
    searches of both sides missed the bar); pretraining_tasks (M); published.
    """
    trials = tnaml.trials_of(results, "transfer")
    left = tnaml_table1.build(results, scale).query("measure == 'trials'").set_index(["task", "variant"])
    titles = published.in_paper_order(trials["task"], published.read(tnaml_table1.NAME))
    rows = []
    for task, title in titles.items():
        studies = trials[(trials["task"] == task) & trials["variant"].isin(tnaml.METHODS)]
        facts = {"task": task, "title": title, **tnaml.marks(trials, task), "seeds": studies["seed"].nunique()}
        facts |= {"cpu": _named(studies["cpu"]), "budget": scale.trials.fixed_trials(task), "bound": ""}
        rows += [facts | row for row in _task(studies, left, facts["budget"])]
    frame = DataFrame([*rows, *_overall(DataFrame(rows), scale)])
    return frame.assign(top_n=scale.top_n, pretraining_tasks=len(scale.pretraining_tasks))


def _named(values: Iterable[str]) -> str:
    return ", ".join(sorted(set(values)))


def _task(studies: DataFrame, left: DataFrame, budget: int) -> Iterator[dict]:
    each = studies.drop_duplicates(["variant", "seed"])
    for variant in (EVERY, *tnaml.METHODS):
        chosen = each if variant == EVERY else each[each["variant"] == variant]
        if len(chosen):
            yield {"variant": variant, "measure": "seconds", "value": chosen["median_seconds"].median()}
            yield {"variant": variant, "measure": "mean_seconds", "value": chosen["mean_seconds"].mean()}
    task, seconds = each["task"].iloc[0], each["median_seconds"].median()
    for rival in RIVALS:
        if {(task, "tnaml"), (task, rival)} <= set(left.index):
            ours, theirs = left.loc[(task, "tnaml")], left.loc[(task, rival)]
            facts = {"variant": rival, "bound": _bound(ours["censored"], theirs["censored"])}
            found, paper = (speed_up(ours[column], theirs[column]) for column in ("mean", "published"))
            yield facts | {"measure": "speed_up", "value": found, "published": paper}
            yield facts | {"measure": "saving", "value": saving(budget, seconds, found)}


def _bound(ours: float, theirs: float) -> str:
    """What a speed-up is if searches missed the bar, and count as B: theirs from below, ours from above."""
    return {(False, False): "", (False, True): "≥", (True, False): "≤"}.get((ours > 0, theirs > 0), "~")


def _overall(rows: DataFrame, scale: Scale) -> Iterator[dict]:
    marks = {"task": ALL, "title": "All tasks", "grade": _named(rows["grade"]), "cpu": _named(rows["cpu"]), "bound": ""}
    marks |= rows[["stand_ins", "pretrained_on", "seeds"]].iloc[0].to_dict()
    paper = published.read(NAME).set_index(["variant", "measure"])["value"]
    by_measure = rows.set_index(["variant", "measure", "task"]).sort_index()

    def row(variant: str, measure: str, value: float, bound: str = "") -> dict:
        facts = {"variant": variant, "measure": measure, "value": value, "bound": bound}
        return marks | facts | {"published": paper.get((variant, measure), np.nan)}

    yield row(EVERY, "seconds", by_measure.loc[(EVERY, "seconds"), "value"].median())
    for rival in RIVALS:
        if (rival, "speed_up") in by_measure.index:
            speed_ups, savings = (by_measure.loc[(rival, measure)] for measure in ("speed_up", "saving"))
            for measure, value, bound in _sums(speed_ups, savings, scale):
                yield row(rival, measure, value, bound)


def _sums(speed_ups: DataFrame, savings: DataFrame, scale: Scale) -> Iterator[tuple[str, float, str]]:
    """Measure, value and bound of all tasks together."""
    bound = _together(speed_ups["bound"])
    flipped = FLIPPED.get(bound, bound)
    median = speed_ups["value"].median()
    yield "speed_up", median, bound
    yield "median_saving", savings["value"].median(), bound
    yield "mean_saving", savings["value"].mean(), bound
    yield "amortisation", amortisation(median), flipped
    yield "new_tasks", len(scale.pretraining_tasks) * amortisation(median), flipped
    saved = (speed_ups["budget"] * (1 - 1 / speed_ups["value"])).median()
    yield "break_even", scale.trials.pretraining / saved if saved > 0 else np.inf, flipped


def _together(bounds: Series) -> str:
    """The bound of a median or a mean of values with bounds."""
    kinds = set(bounds) - {""}
    return kinds.pop() if len(kinds) == 1 else "~" if kinds else ""


def of_tasks(frame: DataFrame) -> DataFrame:
    """The rows of single tasks."""
    return frame[frame["task"] != ALL]


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """What is saved beside the paper's, the cost of a trial, and both on each task."""
    titles = tnaml.marked(of_tasks(frame))
    by_task = {title: _cells(frame, task) for task, title in titles.items()}
    overall = _cells(frame, ALL)
    shown = {"Savings over all tasks": [_quantity(overall, *each) for each in QUANTITIES.items()]}
    costs = [_cost(title, cells) for title, cells in by_task.items()]
    costs.append(_median("Median over tasks", overall, "value"))
    costs.append(_median("Median over trials, paper", overall, "published"))
    shown["Cost of a trial (seconds)"] = costs
    shown["Speed-up S, and saving at the fixed budget B (CPU-hours)"] = [_savings(*each) for each in by_task.items()]
    return {title: numerals.table(rows) for title, rows in shown.items()}


def _cells(frame: DataFrame, task: str) -> DataFrame:
    return frame[frame["task"] == task].set_index(["variant", "measure"])


def _quantity(cells: DataFrame, measure: str, title: str) -> dict[tuple[str, str], str]:
    row = {("Quantity", ""): title}
    for rival in RIVALS:
        over = f"Over {tnaml.METHODS[rival]}"
        row[over, "ours"] = _value(cells, rival, measure)
        row[over, "paper"] = _value(cells, rival, measure, "published")
    return row


def _cost(title: str, cells: DataFrame) -> dict[tuple[str, str], str]:
    row = {("Task", ""): title, ("Median", "all"): _value(cells, EVERY, "seconds")}
    row |= {("Median", method): _value(cells, variant, "seconds") for variant, method in tnaml.METHODS.items()}
    return row | {("Mean", "all"): _value(cells, EVERY, "mean_seconds")}


def _median(title: str, overall: DataFrame, column: str) -> dict[tuple[str, str], str]:
    others = {("Median", method): "" for method in tnaml.METHODS.values()} | {("Mean", "all"): ""}
    return {("Task", ""): title, ("Median", "all"): _value(overall, EVERY, "seconds", column)} | others


def _savings(title: str, cells: DataFrame) -> dict[tuple[str, str], str]:
    row = {("Task", ""): title, ("B", ""): f"{cells['budget'].iloc[0]:.0f}"}
    for rival in RIVALS:
        over = f"Over {tnaml.METHODS[rival]}"
        row[over, "S"] = _value(cells, rival, "speed_up")
        row[over, "S, paper"] = _value(cells, rival, "speed_up", "published")
        row[over, "saving"] = _value(cells, rival, "saving")
    return row


def _value(cells: DataFrame, variant: str, measure: str, column: str = "value") -> str:
    if (variant, measure) not in cells.index:
        return "–"
    cell = cells.loc[(variant, measure)]
    if np.isinf(cell[column]):
        return "never"
    bound = f"{cell['bound']} " if column == "value" and cell["bound"] else ""
    return bound + numerals.significant(cell[column])


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the tables."""
    tasks, overall = of_tasks(frame), frame[frame["task"] == ALL]
    return [
        f"A cost is the seconds of training and evaluating a child on one thread, from run cards; machine: "
        f"{overall['cpu'].iloc[0]}. Children that train together share their time by training steps. T of a task: "
        "median over all studies of the median over their trials. The paper's T is over all 21 data sets, ours over "
        "those transferred to.",
        "Saving: B T (1 − 1/S) / 3600, below 0 where transfer was slower. S: ratio of the trials in Table 1's left "
        "half, means over seeds.",
        *_bounds(frame),
        f"Amortised after 1 / (1 − 1/S) of M, the tasks of pretraining (here {frame['pretraining_tasks'].iloc[0]}), if "
        "each of these would have been searched alone. ‡ Not in the paper: trials of pretraining as run, by the trials "
        "that a new task saves (median).",
        *tnaml.notes(tasks),
    ]


def _bounds(frame: DataFrame) -> list[str]:
    """How to read censored speed-ups, where there are some."""
    censored = (
        "A search that missed the bar counts as B trials (censored): of the rival, it makes S a lower bound (≥), of "
        "T-NAML an upper bound (≤), of both neither (~). What falls as S rises is bounded the other way round."
    )
    return [censored] if frame["bound"].any() else []


EXHIBIT = Exhibit(
    name=NAME,
    title="Cost and savings. Transfer Learning with Neural AutoML",
    caption="Cost of a trial, speed-up of T-NAML over single-task Neural AutoML (NAML) and random search (RS), and "
    "what it saves.",
    build=build,
    tables=tables,
    notes=notes,
)
