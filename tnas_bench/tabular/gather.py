"""Gathering a table from sealed grid studies: one a task and seed, each of which trained all configurations."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from pandas import DataFrame

from tnas_bench.errors import UserError
from tnas_bench.journal import Trial
from tnas_bench.journal.sealed import read_card, read_sealed
from tnas_bench.journal.writer import read_seconds
from tnas_bench.tabular import ACCURACIES, KEYS, Table, columns, space_of

SAME = ("space", "children", "modules")  # settings that all studies of a table have in common
TASK_FACTS = ("title", "grade", "differences", "rows", "classes", "majority_accuracy", "licence", "citation", "sha256")
MODULE_FACTS = ("stand_in", "note", "dimension", "sha256")


def gather(folders: Sequence[Path], label: str) -> Table:
    """The table of the sealed grid studies in these folders; ``label``: what a number of their scale is worth.

    Its description, as JSON values: ``label``, ``space`` (choices of each decision), ``seeds``, ``tasks`` and
    ``modules`` (facts of their cards), ``children`` (version of their training), ``cpus``, ``studies`` (hash of each
    journal), ``columns`` (meaning and unit of each). UserError for studies that are not sealed, not whole, or not of
    one table.
    """
    cards = [read_card(folder) for folder in folders]
    settings = _shared(folders, cards)
    rows = pd.concat([_rows(folder, card) for folder, card in zip(folders, cards, strict=True)], ignore_index=True)
    tasks = {task: facts for card in cards for task, facts in card["inputs"]["tasks"].items()}
    modules = cards[0]["inputs"]["modules"]
    description = {
        "label": label,
        "space": settings["space"],
        "seeds": len({card["study"]["seed"] for card in cards}),
        "tasks": {task: {key: facts.get(key) for key in TASK_FACTS} for task, facts in tasks.items()},
        "modules": {name: {key: facts.get(key) for key in MODULE_FACTS} for name, facts in modules.items()},
        "children": settings["children"],
        "cpus": sorted({card["cpu"] for card in cards}),
        "studies": {f"{card['study']['name']}/seed{card['study']['seed']}": card["hash"] for card in cards},
        "columns": columns.described(list(settings["space"])),
    }
    return Table(description, _sorted(rows, list(tasks)))


def _shared(folders: Sequence[Path], cards: Sequence[Mapping]) -> Mapping:
    """What the settings of all studies agree in."""
    if not cards:
        raise UserError("no sealed grid studies were given; run those of the scale first")
    shared: dict = {}
    for folder, card in zip(folders, cards, strict=True):
        settings = card["study"]["settings"]
        own = {key: settings[key] for key in SAME} | {f"data of {task}": sha for task, sha in settings["tasks"].items()}
        for key, value in own.items():
            if shared.setdefault(key, value) != value:
                raise UserError(f"{folder}: has other {key} than those before it; run all with one scale and code")
    return shared


def _sorted(rows: DataFrame, tasks: list[str]) -> DataFrame:
    """The trainings by task, in the order given, then by configuration and seed."""
    places = {task: place for place, task in enumerate(tasks)}
    return rows.sort_values(list(KEYS), key=lambda column: column.replace(places), ignore_index=True)


def _rows(folder: Path, card: Mapping) -> DataFrame:
    """The trainings of one study."""
    header, trials = read_sealed(folder)
    space = space_of(header["settings"])
    if [trial.actions for trial in trials] != list(space.enumerate()):
        raise UserError(
            f"{folder}: is not the whole grid of its space; give the sealed study of a grid, run to its end"
        )
    frame = DataFrame([space.decode(trial.actions) for trial in trials])
    frame = frame.assign(**{measure: [getattr(trial, measure) for trial in trials] for measure in ACCURACIES})
    seconds, measured = _seconds(folder, card, trials)
    known = {"task": trials[0].task, "configuration": range(len(trials)), "seed": header["seed"]}
    return DataFrame(known).join(frame).assign(seconds=seconds, seconds_measured=measured)


def _seconds(folder: Path, card: Mapping, trials: Sequence[Trial]) -> tuple[Sequence[float], bool]:
    """The time of each training; of a study that came without its times, or was resumed without them, their mean."""
    timings = folder / "timings.jsonl"
    seconds = read_seconds(timings, "trial") if timings.exists() else []
    if len(seconds) == len(trials) and len(set(seconds)) > 1:
        return seconds, True
    return [card["seconds"] / len(trials)] * len(trials), False
