"""The tabular benchmark: what there is to be found in it, and what searches by look-up find."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.exhibits import curves, numerals, table_searches_picture, tnaml
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.stats import mean_interval
from tnas_bench.tabular import Table
from tnas_bench.tabular.gather import gather
from tnas_bench.tabular.outcomes import incumbents, outcomes
from tnas_bench.tasks.registry import FAITHFUL

NAME = "table_searches"
METHODS = {
    "random_search": "RS",
    "naml": "NAML",
    "tnaml": "T-NAML",
    "best_first": "Replay",
    "optuna_tpe": "TPE",
}
TRANSFERRED = {"tnaml", "best_first"}  # after pretraining on the table's other tasks
COLUMNS = ["task", "title", "grade", "stand_ins", "measure", "other", "place", "mean", "low", "high", "seeds"]


def read(studies: Sequence[Path], pretraining: Sequence[Path]) -> Table:
    """The table of sealed grid studies."""
    return gather(studies, label="")


def build(table: Table, scale: Scale) -> DataFrame:
    """One row a number; accuracies in percent, and points of them.

    Columns: task, title, grade, stand_ins; measure, mean, low, high, seeds. Of a table: "configurations", "best",
    "shared" (of the configuration that ranks best over all tasks), "median", "frequent" (class), "noise" (standard
    deviation of a training), "validation" (rank correlation with test), "correlation" (with the task ``other``),
    "sorted" (true test accuracies, ``place`` from 1, low and high: a noise away). Of searches by the method ``other``:
    "regret" (after trial ``place``; low and high: of the seeds), "found" (with its 95% Student-t interval) and "rank"
    (median), after trial ``place``.
    """
    modules = [name for name, facts in table.description["modules"].items() if facts["stand_in"]]
    tests = DataFrame({task: 100 * table.truth(task) for task in table.tasks}).round(9)  # equal means differ in digits
    rows = []
    for task, facts in table.description["tasks"].items():
        marks = {"task": task, "title": facts["title"], "grade": facts["grade"], "stand_ins": ", ".join(modules)}
        of_task = [*_numbers(table, tests, task), *_sorted(table, tests[task], task), *_searches(table, task, scale)]
        rows += [marks | row for row in of_task]
    return DataFrame(rows, columns=COLUMNS).fillna({"other": ""})


def _numbers(table: Table, tests: DataFrame, task: str) -> Iterator[dict]:
    """What a reader must know of a task of the table."""
    shared = tests.rank().sum(axis=1).idxmax()
    agreement = DataFrame({"test": tests[task], "validation": table.truth(task, "validation")}).corr("spearman")
    numbers = {
        "configurations": table.space.size,
        "best": tests[task].max(),
        "shared": tests[task][shared],
        "median": tests[task].median(),
        "frequent": 100 * table.description["tasks"][task]["majority_accuracy"],
        "noise": 100 * table.noise(task),
        "validation": agreement.loc["test", "validation"],
    }
    for measure, value in numbers.items():
        yield {"measure": measure, "mean": value, "seeds": table.seeds}
    for other, value in tests.corr("spearman")[task].items():
        yield {"measure": "correlation", "other": other, "mean": value, "seeds": table.seeds}


def _sorted(table: Table, tests: Sequence[float], task: str) -> Iterator[dict]:
    """The true test accuracies, the best first, thinned to what can be told apart."""
    accuracies, noise = np.sort(tests)[::-1], 100 * table.noise(task)
    for rank in np.unique(np.linspace(1, len(accuracies), curves.POINTS).round().astype(int)):
        mean = accuracies[rank - 1]
        spread = {"low": mean - noise, "high": mean + noise, "seeds": table.seeds}
        yield {"measure": "sorted", "place": rank, "mean": mean, **spread}


def _searches(table: Table, task: str, scale: Scale) -> Iterator[dict]:
    """What searches by look-up find; those that transfer need other tasks to learn on."""
    from tnas_bench.tabular.search import search  # controllers: seconds of imports, which no other exhibit needs

    trials, seeds, truth = scale.table.trials, range(scale.table.searches), 100 * table.truth(task)
    for method in METHODS:
        pretraining = trials.pretraining if method in TRANSFERRED else 0
        if pretraining and len(table.tasks) == 1:
            continue
        searches = [search(table, method, task, trials.transfer, seed, scale, pretraining) for seed in seeds]
        regrets = [truth.max() - truth[incumbents(table, each)] for each in searches]
        for point in curves.points(regrets, 1, trials.transfer).rename(columns={"trial": "place"}).to_dict("records"):
            yield {"measure": "regret", "other": method, **point}
        ends = outcomes(table, task, searches)
        found, rank = asdict(mean_interval(100 * ends["test"], 0, 100)), ends["rank"].median()
        yield {"measure": "found", "other": method, "place": trials.transfer, **found}
        yield {"measure": "rank", "other": method, "place": trials.transfer, "mean": rank, "seeds": len(seeds)}


def draw(frame: DataFrame) -> Figure:
    """Two panels a task: its table, and the searches."""
    return table_searches_picture.draw(frame, tnaml.marked(frame), METHODS)


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """The table, the searches, and how alike the tasks are."""
    titles = tnaml.marked(frame)
    by_task = {title: frame[frame["task"] == task] for task, title in titles.items()}
    alike = [_alike_row(title, rows, titles) for title, rows in by_task.items()]
    return {
        "What there is to be found: test accuracy (%)": numerals.table([_row(*each) for each in by_task.items()]),
        "What searches find: test accuracy (%), and the median rank": numerals.table(
            [_found_row(*each) for each in by_task.items()]
        ),
        "Rank correlation of the configurations' test accuracies between tasks": numerals.table(alike),
    }


def _row(title: str, rows: DataFrame) -> dict[tuple[str, str], str]:
    value = rows.drop_duplicates("measure").set_index("measure")["mean"]
    accuracies = {
        "best": "best",
        "shared": "best over all tasks",
        "median": "median",
        "frequent": "most frequent class",
    }
    row = {("Task", ""): title, ("Configurations", ""): numerals.number(value["configurations"], 0)}
    row |= {("Test accuracy", name): numerals.number(value[measure], 1) for measure, name in accuracies.items()}
    row["Noise", "points"] = numerals.number(value["noise"])
    return row | {("Rank correlation", "validation and test"): numerals.number(value["validation"])}


def _found_row(title: str, rows: DataFrame) -> dict[tuple[str, str], str]:
    row = {("Task", ""): title}
    found = {measure: rows[rows["measure"] == measure].set_index("other") for measure in ("found", "rank")}
    for method, name in METHODS.items():
        there = method in found["found"].index
        interval = found["found"].loc[method, ["mean", "low", "high"]] if there else [np.nan] * 3
        row[name, "accuracy"] = numerals.bracketed(*interval)
        row[name, "rank"] = numerals.number(found["rank"].loc[method, "mean"] if there else np.nan, 0)
    return row


def _alike_row(title: str, rows: DataFrame, titles: dict[str, str]) -> dict[tuple[str, str], str]:
    value = rows[rows["measure"] == "correlation"].set_index("other")["mean"]
    return {("Task", ""): title} | {(name, ""): numerals.number(value[task]) for task, name in titles.items()}


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the figure."""
    ends = frame[frame["measure"] == "found"]
    trials, searches = (int(ends[column].iloc[0]) for column in ("place", "seeds"))
    trainings = int(frame.loc[frame["measure"] == "best", "seeds"].iloc[0])
    transferred = TRANSFERRED & set(ends["other"])
    return [
        "Not in the papers.",
        f"True accuracy: mean of a configuration's trainings ({trainings}); a search is told the validation accuracy "
        "of one of them, drawn by the child's seed. Noise: standard deviation of one training about that mean.",
        "Best over all tasks: of the configuration with the best mean rank. Regret: the best configuration's true test "
        "accuracy less that of the one with the best validation accuracy so far.",
        "The means stand for the truth; that of the best configuration is too high, being the best of many, and so is "
        "every regret. What varies was chosen by test accuracies of random configurations on these tasks.",
        f"{searches} searches of {trials} trials each; in brackets: 95% Student-t interval; band: lowest to highest.",
        *(["T-NAML and Replay learnt on the other tasks of the table before."] if transferred else []),
        *_stand_ins(frame.drop_duplicates("task")),
    ]


def _stand_ins(tasks: DataFrame) -> list[str]:
    other = [f"{row.title}: {row.grade}" for row in tasks.itertuples() if row.grade not in FAITHFUL]
    data = [f"† Data that is not the papers': {'; '.join(other)}."] if other else []
    modules = tasks["stand_ins"].iloc[0]
    return [*data, *([f"Modules that stand in for the papers': {modules}."] if modules else [])]


EXHIBIT = Exhibit(
    name=NAME,
    title="A tabular benchmark of transfer searches (not in the papers)",
    caption="Every configuration of a small part of the text space was trained on each task. Above: their true test "
    "accuracies, the best first. Below: what searches by look-up have yet to gain.",
    reads=read,
    build=build,
    tables=tables,
    notes=notes,
    draw=draw,
)
