"""Results: the sealed trials of many studies as one long frame, the only input of an exhibit."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd
from pandas import DataFrame

from tnas_bench.errors import UserError
from tnas_bench.journal.sealed import read_card, read_sealed, read_trials
from tnas_bench.tasks.registry import FAITHFUL

OF_TRIAL = ("trial", "task", "validation", "half", "test")
FROZEN = " (frozen: fine_tune is without effect)"


def load(studies: Sequence[Path], pretraining: Sequence[Path] = ()) -> DataFrame:
    """The trials of sealed studies, given by their folders, one a row; ``pretraining``: what some started from.

    Columns: paper, experiment, variant, task, seed (of the study), trial, validation, half (on every other validation
    row), test (accuracies in [0, 1]); each decision of the space, with the choice that was made; title, grade,
    validation_rows, test_rows (of the task's data), mean_seconds, median_seconds (of the study's trials), cpu (that it
    was finished on), stand_ins (names of the modules that stand in for the paper's, marked where they are frozen),
    pretrained_on (titles of the tasks of ``pretraining``, with the grade of data that is not the paper's). All that
    they say of their inputs comes from run cards. A study that is not sealed, or was changed since, is the user's
    mistake.
    """
    return _marked(pd.concat([_study(folder) for folder in _some(studies)], ignore_index=True), studies, pretraining)


def load_learnt(studies: Sequence[Path], pretraining: Sequence[Path] = ()) -> DataFrame:
    """What the controllers of sealed studies had learnt in the end, one task a row.

    Columns: paper, experiment, variant, task, seed, trials (of the task), title, grade, embedding (of the task, a list;
    None where the controller has none), each decision of the space, with the most probable choice; stand_ins and
    pretrained_on as of :func:`load`.
    """
    rows = [row for folder in _some(studies) for row in _learnt(folder)]
    return _marked(DataFrame(rows), studies, pretraining)


def _some(studies: Sequence[Path]) -> Sequence[Path]:
    if not studies:
        raise UserError("no sealed studies were given; run the studies of the exhibit first")
    return studies


def _marked(frame: DataFrame, studies: Sequence[Path], pretraining: Sequence[Path]) -> DataFrame:
    inputs = [read_card(folder)["inputs"] for folder in studies]
    modules = {name: card for used in inputs for name, card in used["modules"].items()}
    return frame.assign(stand_ins=_stand_ins(modules), pretrained_on=_pretrained_on(pretraining))


def _study(folder: Path) -> DataFrame:
    """The trials of one study; what it is comes from its run card."""
    card, (_, trials) = read_card(folder), read_sealed(folder)
    met = [card["inputs"]["tasks"][trial.task] for trial in trials]
    columns = {name: [getattr(trial, name) for trial in trials] for name in OF_TRIAL} | _facts(card)
    columns |= {"title": [task["title"] for task in met], "grade": [task["grade"] for task in met]}
    columns |= {f"{split}_rows": [task["rows"][split] for task in met] for split in ("validation", "test")}
    columns |= {"mean_seconds": card["seconds"] / card["trials"], "median_seconds": card["median_seconds"]}
    columns |= {"cpu": card.get("cpu", "unknown")}
    return DataFrame(columns | _choices(card, [trial.actions for trial in trials]))


def _learnt(folder: Path) -> list[dict]:
    """What the controller of one study had learnt of each task that it met."""
    card, trials = read_card(folder), read_trials(folder)["task"].value_counts()
    learnt, tasks = card["learnt"], card["inputs"]["tasks"]
    return [
        {**_facts(card), "task": task, "trials": int(trials[task])}
        | {"title": tasks[task]["title"], "grade": tasks[task]["grade"]}
        | {"embedding": learnt.get("embeddings", {}).get(task)}
        | {decision: choice for decision, (choice,) in _choices(card, [actions]).items()}
        for task, actions in learnt["most_probable"].items()
    ]


def _facts(card: dict) -> dict:
    """What a study is, by its name."""
    paper, experiment, variant, _ = card["study"]["name"].split("/")
    return {"paper": paper, "experiment": experiment, "variant": variant, "seed": card["study"]["seed"]}


def _choices(card: dict, actions: Iterable[Sequence[int]]) -> dict[str, list]:
    """The choices that actions stand for, by decision."""
    space = card["study"]["settings"]["space"]
    chosen = zip(*actions, strict=True)
    return {
        name: [choices[action] for action in column]
        for (name, choices), column in zip(space.items(), chosen, strict=True)
    }


def _stand_ins(modules: Mapping[str, dict]) -> str:
    """Names of stand-ins. The paper's modules can all be fine-tuned, so a frozen one is a stand-in whatever it is."""
    frozen = {name for name, card in modules.items() if not card.get("trainable", True)}  # older cards do not say
    chosen = frozen | {name for name, card in modules.items() if card["stand_in"]}
    return ", ".join(f"{name}{FROZEN if name in frozen else ''}" for name in sorted(chosen))


def _pretrained_on(pretraining: Iterable[Path]) -> str:
    cards = {task: card for folder in pretraining for task, card in read_card(folder)["inputs"]["tasks"].items()}
    return ", ".join(
        card["title"] if card["grade"] in FAITHFUL else f"{card['title']} ({card['grade']})" for card in cards.values()
    )
