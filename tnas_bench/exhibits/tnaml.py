"""What the exhibits of Transfer Learning with Neural AutoML share: its methods, curves, marks and notes."""

from collections.abc import Iterable, Mapping

import numpy as np
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.errors import UserError
from tnas_bench.exhibits import numerals
from tnas_bench.metrics import accuracy_top_n
from tnas_bench.tasks.registry import FAITHFUL

METHODS = {"random_search": "RS", "naml": "NAML", "tnaml": "T-NAML"}
DECISIONS = {  # in the paper's order and words [section 4.1]
    "module": "embedding module",
    "fine_tune": "fine-tune the module",
    "hidden_layers": "hidden layers",
    "hidden_size": "hidden size",
    "activation": "activation",
    "normalisation": "normalisation",
    "dropout": "dropout rate",
    "deep_learning_rate": "learning rate, deep tower",
    "deep_regularisation": "regularisation, deep tower",
    "wide_learning_rate": "learning rate, wide tower",
    "wide_regularisation": "regularisation, wide tower",
    "training_steps": "training steps",
}

Studies = dict[str, dict[int, DataFrame]]  # variant -> seed -> trials
Curves = dict[str, dict[int, tuple[np.ndarray, np.ndarray]]]  # variant -> seed -> validation and test curve


def trials_of(results: DataFrame, experiment: str) -> DataFrame:
    """The trials of one experiment of the paper."""
    chosen = results[(results["paper"] == "tnaml") & (results["experiment"] == experiment)]
    if chosen.empty:
        raise UserError(f"results: no study of tnaml/{experiment} among them; run the studies of the exhibit first")
    return chosen


def studies(trials: DataFrame, task: str, budget: int, variants: Iterable[str] = METHODS) -> Studies:
    """The first ``budget`` trials of the studies on a task, in their order, by variant and seed."""
    of_task = trials[trials["task"] == task]
    by_variant = {variant: of_task[of_task["variant"] == variant].groupby("seed") for variant in variants}
    return {
        variant: {seed: first_trials(study, budget, _place(study)) for seed, study in seeds}
        for variant, seeds in by_variant.items()
        if len(seeds)
    }


def of_even_seeds(cells: DataFrame) -> DataFrame:
    """The rows of the tasks that have the most seeds: means over tasks by seed are then all of the same tasks."""
    seeds = cells.groupby("task")["seed"].transform("nunique")
    return cells[seeds == seeds.max()]


def first_trials(study: DataFrame, budget: int, place: str) -> DataFrame:
    """The first so many trials of a study, which must have them; ``place``: its name, for the user."""
    if len(study) < budget:
        raise UserError(f"{place}: holds {len(study)} of {budget} trials; run that study again")
    return study.sort_values("trial").head(budget)


def _place(study: DataFrame) -> str:
    paper, experiment, variant, task, seed = study[["paper", "experiment", "variant", "task", "seed"]].iloc[0]
    return f"{paper}/{experiment}/{variant}/{task}/seed{seed}"


def task_curves(trials: DataFrame, scale: Scale, task: str, variants: Iterable[str] = METHODS) -> Curves:
    """Accuracy-topN after each of the B trials of a task, validation and test, by variant and seed."""
    found = studies(trials, task, scale.trials.trials(task), variants)
    return {
        variant: {seed: study_curves(seeds[seed], scale.top_n) for seed in seeds} for variant, seeds in found.items()
    }


def study_curves(study: DataFrame, top_n: int) -> tuple[np.ndarray, np.ndarray]:
    """Accuracy-topN after each trial of a study, validation and test."""
    return accuracy_top_n(study["validation"], study["test"], top_n)


def best_children(trials: DataFrame, n: int) -> DataFrame:
    """The children of accuracy-topN: the n with the highest validation accuracy, of equals the earlier; all, if fewer.

    Accuracies are in percent.
    """
    best = trials.sort_values("trial").sort_values("validation", ascending=False, kind="stable").head(n)
    return best.assign(validation=100 * best["validation"], test=100 * best["test"])


def shown_task(titles: Mapping[str, str], wanted: str) -> str:
    """The task that the paper shows, or the first of those that there are."""
    return wanted if wanted in titles else next(iter(titles))


def shown_notes(frame: DataFrame, wanted: str, title: str) -> list[str]:
    """Says so where a frame is not about the task that the paper shows."""
    shown = frame["title"].iloc[0]
    other = f"The paper shows {title}, which is not among the tasks of this scale: {shown} stands in its place."
    return [] if frame["task"].iloc[0] == wanted else [other]


def accuracy_table(accuracies: DataFrame) -> DataFrame:
    """Accuracies on one task as text, in percent, beside the published.

    ``accuracies``: a row a variant, with mean, low and high in [0, 1] and published in percent.
    """
    (title,) = marked(accuracies).values()
    found, row = accuracies.set_index("variant"), {("Task", ""): title}
    for variant, method in METHODS.items():
        cell = found.reindex([variant]).iloc[0]
        row[method, "ours"] = numerals.bracketed(100 * cell["mean"], 100 * cell["low"], 100 * cell["high"])
        row[method, "paper"] = numerals.number(cell["published"], 1)
    return numerals.table([row])


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
    return [f"N = {frame['top_n'].iloc[0]} ({paper}). {seeds_note(frame)}", *stand_in_notes(frame, method)]


def seeds_note(frame: DataFrame) -> str:
    """How many seeds a frame's numbers are over."""
    return f"Seeds: {' to '.join(str(number) for number in sorted({frame['seeds'].min(), frame['seeds'].max()}))}."


def stand_in_notes(frame: DataFrame, method: str = "T-NAML") -> list[str]:
    """Pretraining tasks, and every stand-in that a frame's numbers rest on."""
    sentences = []
    rows = frame.drop_duplicates("task")
    other = [f"{row.title}: {row.grade}" for row in rows.itertuples() if row.grade not in FAITHFUL]
    if other:
        sentences.append(f"† Data that is not the paper's: {'; '.join(other)}.")
    if tasks := frame["pretrained_on"].iloc[0]:
        sentences.append(f"{method} was pretrained on {tasks}.")
    if stand_ins := frame["stand_ins"].iloc[0]:
        sentences.append(f"Modules that stand in for the paper's: {stand_ins}.")
    return sentences
