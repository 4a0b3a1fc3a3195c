"""What the exhibits of LD-NAS share: its runs, its protocols, marks."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd
from pandas import DataFrame

from tnas_bench.errors import UserError
from tnas_bench.stats import mean_interval
from tnas_bench.tasks.registry import FAITHFUL

PROTOCOLS = {"paper": "protocol paper", "released": "protocol released"}  # as printed; as in the authors' code
RUN = ["experiment", "variant", "task", "seed"]
DAY = 24 * 60 * 60  # seconds


def runs(results: DataFrame, experiment: str, variant: str | None = None, task: str | None = None) -> DataFrame:
    """The records of an experiment, of one variant and task where told."""
    chosen = results[(results["paper"] == "ldnas") & (results["experiment"] == experiment)]
    for column, wanted in {"variant": variant, "task": task}.items():
        chosen = chosen if wanted is None else chosen[chosen[column] == wanted]
    return chosen


def required(chosen: DataFrame, name: str) -> DataFrame:
    """The records, which must be there; ``name``: of their runs, for the user."""
    if chosen.empty:
        raise UserError(f"results: no run of ldnas/{name} among them; run those of the exhibit first")
    return chosen


def last_records(chosen: DataFrame) -> DataFrame:
    """The last record of each run, by seed."""
    return chosen.sort_values("step").groupby(RUN, sort=False).tail(1).sort_values("seed", kind="stable")


def test_images(trainings: DataFrame) -> int:
    """On how many images trainings of one recipe were tested."""
    recipe, available = trainings["settings"].iloc[0]["recipe"], trainings["test_images"].iloc[0]
    return min(recipe["test_images"] or available, available)


def summary(values: Sequence[float], lowest: float = 0, highest: float = np.inf) -> dict:
    """Mean, sample standard deviation (NaN from one seed), 95% Student-t interval and number of seeds."""
    estimate = asdict(mean_interval(values, lowest, highest))
    return {key: estimate[key] for key in ("mean", "low", "high", "seeds")} | {"deviation": pd.Series(values).std()}


def title(task: str) -> str:
    """A task as the paper calls it."""
    return task.replace("task", "Task ")


def short(task: str) -> str:
    """The number that the paper's figure gives a task."""
    return task.removeprefix("task")


def marked(task: str, grade: str) -> str:
    """The title of a task, with a dagger where its images are not the paper's."""
    return title(task) if grade in FAITHFUL else f"{title(task)} †"


def stand_ins(results: DataFrame) -> str:
    """The tasks whose images are not the paper's, by grade."""
    tasks = results.drop_duplicates("task").sort_values("task").groupby("grade")["task"]
    return "; ".join(f"{', '.join(map(title, names))}: {grade}" for grade, names in tasks if grade not in FAITHFUL)


def notes(frame: DataFrame) -> list[str]:
    """Every stand-in that a frame's numbers rest on."""
    other = frame["stand_ins"].iloc[0]
    return [f"† Images that are not the paper's: {other}."] if other else []


def devices(chosen: DataFrame) -> str:
    """What runs were computed on."""
    return ", ".join(sorted(chosen["gpu"].fillna("CPU").unique()))


def trainings(frame: DataFrame) -> str:
    """How many trainings the accuracies of a frame are over."""
    seeds = sorted({int(number) for number in frame.loc[frame["measure"] == "test", "seeds"]})
    if seeds == [1]:
        return "One training each"
    return f"Mean ± standard deviation over {' to '.join(map(str, dict.fromkeys((seeds[0], seeds[-1]))))} trainings"


def difference(one: Mapping[str, float], other: Mapping[str, float]) -> tuple[float, float]:
    """Difference of two means over independent seeds, and its standard error."""
    squares = [each["deviation"] ** 2 / each["seeds"] for each in (one, other)]
    return one["mean"] - other["mean"], float(np.sqrt(sum(squares)))
