"""Results: the sealed trials of many studies as one long frame, the only input of an exhibit."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd
from pandas import DataFrame

from tnas_bench.errors import UserError
from tnas_bench.journal.sealed import read_card, read_trials
from tnas_bench.tasks.registry import FAITHFUL

FROZEN = " (frozen: fine_tune is without effect)"


def load(studies: Sequence[Path], pretraining: Sequence[Path] = ()) -> DataFrame:
    """The trials of sealed studies, given by their folders, one a row; ``pretraining``: what some started from.

    Columns: paper, experiment, variant, task, seed (of the study), trial, validation, test (accuracies in [0, 1]),
    grade (of the task's data), stand_ins (names of the modules that stand in for the paper's, marked where they are
    frozen), pretrained_on (titles of the tasks of ``pretraining``, with the grade of data that is not the paper's). All
    that they say of their inputs comes from run cards. A study that is not sealed, or was changed since, is the user's
    mistake.
    """
    if not studies:
        raise UserError("no sealed studies were given; run the studies of the exhibit first")
    inputs = [read_card(folder)["inputs"] for folder in studies]
    modules = {name: card for used in inputs for name, card in used["modules"].items()}
    frame = pd.concat([_study(folder) for folder in studies], ignore_index=True)
    return frame.assign(stand_ins=_stand_ins(modules), pretrained_on=_pretrained_on(pretraining))


def _study(folder: Path) -> DataFrame:
    """The trials of one study; what it is comes from its run card."""
    card, trials = read_card(folder), read_trials(folder)
    paper, experiment, variant, _ = card["study"]["name"].split("/")
    facts = {"paper": paper, "experiment": experiment, "variant": variant, "seed": card["study"]["seed"]}
    grades = {task: used["grade"] for task, used in card["inputs"]["tasks"].items()}
    return trials[["trial", "task", "validation", "test"]].assign(**facts, grade=trials["task"].map(grades))


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
