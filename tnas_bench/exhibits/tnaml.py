"""What the exhibits of Transfer Learning with Neural AutoML share: its methods, curves, marks and notes."""

import numpy as np
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.errors import UserError
from tnas_bench.metrics import accuracy_top_n
from tnas_bench.tasks.registry import FAITHFUL

METHODS = {"random_search": "RS", "naml": "NAML", "tnaml": "T-NAML"}

Curves = dict[str, dict[int, tuple[np.ndarray, np.ndarray]]]  # variant -> seed -> validation and test curve


def transfer_trials(results: DataFrame) -> DataFrame:
    """The trials of the transfer experiment."""
    chosen = results[(results["paper"] == "tnaml") & (results["experiment"] == "transfer")]
    if chosen.empty:
        raise UserError("results: no study of tnaml/transfer among them; run the studies of the exhibit first")
    return chosen


def task_curves(trials: DataFrame, scale: Scale, task: str) -> Curves:
    """Accuracy-topN after each of the B trials of a task, validation and test, by variant and seed."""
    studies = trials[trials["task"] == task].sort_values("trial")
    by_variant = {variant: studies[studies["variant"] == variant].groupby("seed") for variant in METHODS}
    return {
        variant: {seed: _curves(study, scale, f"tnaml/transfer/{variant}/{task}/seed{seed}") for seed, study in seeds}
        for variant, seeds in by_variant.items()
        if len(seeds)
    }


def _curves(study: DataFrame, scale: Scale, place: str) -> tuple[np.ndarray, np.ndarray]:
    budget = scale.trials.trials(study["task"].iloc[0])
    if len(study) < budget:
        raise UserError(f"{place}: holds {len(study)} of {budget} trials; run that study again")
    return accuracy_top_n(study["validation"].head(budget), study["test"].head(budget), scale.top_n)


def marks(trials: DataFrame, task: str) -> dict[str, str]:
    """The columns that say what a task's numbers rest on."""
    return trials.loc[trials["task"] == task, ["grade", "stand_ins", "pretrained_on"]].iloc[0].to_dict()


def marked(frame: DataFrame) -> dict[str, str]:
    """The titles of a frame's tasks, in its order, with a dagger where the data is not the paper's."""
    rows = frame.drop_duplicates("task")
    return {
        task: title if grade in FAITHFUL else f"{title} †"
        for task, title, grade in zip(rows["task"], rows["title"], rows["grade"], strict=True)
    }


def notes(frame: DataFrame, paper: str = "paper: 10", method: str = "T-NAML") -> list[str]:
    """N (and the paper's), seeds, what the method was pretrained on, every stand-in that a frame's numbers rest on."""
    seeds = " to ".join(str(number) for number in sorted({frame["seeds"].min(), frame["seeds"].max()}))
    sentences = [f"N = {frame['top_n'].iloc[0]} ({paper}). Seeds: {seeds}."]
    rows = frame.drop_duplicates("task")
    other = [f"{row.title}: {row.grade}" for row in rows.itertuples() if row.grade not in FAITHFUL]
    if other:
        sentences.append(f"† Data that is not the paper's: {'; '.join(other)}.")
    if tasks := frame["pretrained_on"].iloc[0]:
        sentences.append(f"{method} was pretrained on {tasks}.")
    if stand_ins := frame["stand_ins"].iloc[0]:
        sentences.append(f"Modules that stand in for the paper's: {stand_ins}.")
    return sentences
