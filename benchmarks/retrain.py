"""A second look at what a search found: its best models trained afresh, for longer, and with other choices.

    python benchmarks/retrain.py tnaml/pretraining/tnaml/multitask --task sst --scale lab
    python benchmarks/retrain.py tnaml/image_transfer/tnaml/task7 --task task7 --decision dropout
    python benchmarks/retrain.py tnaml/transfer/tnaml/customer_reviews --task customer_reviews --splits 5

Of each sealed seed the models of the best validation accuracy are trained again, from other initial weights: as found,
with twice and four times the training steps, and with each choice of a decision in the place of theirs (the module,
unless another is asked for); or, with ``--splits``, as found on so many random splits of the task's rows, of the sizes
of ours. Prints the mean test accuracy of each change over all of them, and its standard error.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from rich.console import Console
from rich.table import Table

from tnas_bench import plan
from tnas_bench.children.trainer import GroupTrainer
from tnas_bench.config import load_scale
from tnas_bench.device import use_one_thread
from tnas_bench.errors import UserError
from tnas_bench.journal.sealed import is_sealed, read_trials
from tnas_bench.run import planned, trainer_of
from tnas_bench.seeds import stream
from tnas_bench.spaces import Configuration, Decision
from tnas_bench.tasks import Split, Task, card, load
from tnas_bench.tasks.store import write

Change = Callable[[Configuration], Configuration]
SPLITS = ("train", "validation", "test")


def changes(decision: Decision) -> Iterator[tuple[str, Change]]:
    """What is done to a model, by what it is called."""
    for times in (2, 4):
        told = f"{times} x the training steps"
        yield told, lambda model, times=times: model | {"training_steps": times * model["training_steps"]}
    for choice in dict.fromkeys(decision.choices):
        yield f"{decision.name} {choice}", lambda model, choice=choice: model | {decision.name: choice}


def dealt(task: Task, number: int) -> dict[str, Split]:
    """A task's rows, dealt at random into splits of the sizes that it has."""
    splits = [getattr(task, name) for name in SPLITS]
    inputs = [row for split in splits for row in split.inputs]
    labels = np.concatenate([split.labels for split in splits])
    order = stream("benchmark", "split", task.name, number).permutation(len(labels))
    parts = zip(SPLITS, np.split(order, np.cumsum(list(map(len, splits)))[:-1]), strict=True)
    pack = tuple if task.kind == "text" else np.stack
    return {name: Split(pack([inputs[row] for row in rows]), labels[rows]) for name, rows in parts}


def on_splits(trainer: GroupTrainer, task: str, count: int) -> Iterator[tuple[str, GroupTrainer]]:
    """The trainer with other splits of a task in the place of ours, while the next is not asked for."""
    ours, facts = load(trainer.tasks[task]), card(trainer.tasks[task])
    for number in range(count):
        with TemporaryDirectory() as folder:
            write(Path(folder, task), dealt(ours, number), facts)
            yield f"random split {number + 1}", replace(trainer, tasks={task: Path(folder, task)})


def variants(
    trainer: GroupTrainer, models: list[Configuration], task: str, splits: int | None, decision: Decision
) -> Iterator[tuple[str, GroupTrainer, list[Configuration]]]:
    """What is trained, and by which trainer, by what it is called."""
    yield "as found", trainer, models
    if splits:
        yield from ((told, other, models) for told, other in on_splits(trainer, task, splits))
    else:
        yield from ((told, trainer, list(map(change, models))) for told, change in changes(decision))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", help="EXPERIMENT/VARIANT/TASK, whose sealed seeds are all taken")
    parser.add_argument("--task", required=True, help="the task that the models are of")
    parser.add_argument("--scale", default="lab")
    parser.add_argument("--decision", default="module", help="of the space, whose choices are all tried")
    parser.add_argument("--models", type=int, default=4, help="so many of each seed")
    parser.add_argument("--splits", type=int, help="random splits, in the place of other steps and choices")
    asked = parser.parse_args()
    scale = load_scale(asked.scale)
    use_one_thread()
    studies = [each for each in plan.all_studies(scale) if each.path.rpartition("/")[0] == asked.study]
    jobs = [planned(each) for each in studies if is_sealed(each.folder)]
    if not jobs or asked.task not in jobs[0].tasks:
        raise UserError(f"{asked.study}: no seed of such a study on {asked.task} is sealed at scale {scale.name}")
    decisions = {each.name: each for each in jobs[0].space.decisions}
    if asked.decision not in decisions:
        raise UserError(
            f"--decision {asked.decision}: the space has none of this name; take one of {', '.join(decisions)}"
        )
    models = []
    for job in jobs:
        trials = read_trials(job.folder)
        found = trials[trials["task"] == asked.task].nlargest(asked.models, "validation")
        models += [job.space.decode(actions) for actions in found["actions"]]
    table, means, trainer = Table("models", "validation (%)", "test (%)", "standard error"), {}, trainer_of(jobs[0])
    for told, by, changed in variants(trainer, models, asked.task, asked.splits, decisions[asked.decision]):
        scores = by.train(changed, asked.task, range(len(models)))
        validation, test = 100 * np.array([(score.validation, score.test) for score in scores]).T
        error = test.std(ddof=1) / np.sqrt(len(test)) if len(test) > 1 else np.nan
        table.add_row(told, f"{validation.mean():.1f}", f"{test.mean():.1f}", f"{error:.1f}")
        means[told] = float(test.mean())
    Console().print(table)
    print(json.dumps({"models": len(models), **means}))


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
