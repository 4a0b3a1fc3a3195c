"""Task: a labelled data set with fixed training, validation and test splits."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel

from tnas_bench import foreign
from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256
from tnas_bench.tasks import columns
from tnas_bench.tasks.columns import Inputs


@dataclass(frozen=True)
class Split:
    """The examples of one split: ``inputs[i]`` has the class number ``labels[i]``."""

    inputs: Inputs  # texts; or images, uint8, shape (rows, 3, side, side)
    labels: np.ndarray  # int64, shape (rows,)

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True)
class Task:
    """A prepared data set. Class numbers are positions in ``classes``."""

    name: str
    kind: str  # "text" | "image"
    dataset: str  # whose examples these are; several image tasks label one data set in different ways
    classes: tuple[str, ...]
    train: Split
    validation: Split
    test: Split


class Hashes(BaseModel):
    """SHA-256 of the files beside the card."""

    train: str
    validation: str
    test: str


class Facts(BaseModel):
    """What is read of a card; more is there for people."""

    task: str
    kind: Literal["text", "image"]
    dataset: str
    classes: list[str]
    sha256: Hashes


def card(folder: Path) -> dict:
    """The card of a prepared task; a folder without one is the user's mistake."""
    path, advice = folder / "card.json", f"tnas-bench data get {folder.name} --scale ..."
    try:
        found = foreign.json_object(path.read_bytes())
        Facts.model_validate(found)
        return found
    except OSError:
        raise UserError(f"{folder}: no prepared task; run: {advice}") from None
    except ValueError:  # no JSON, or facts are missing
        raise UserError(f"{path}: damaged; run again: {advice}") from None


def check(folder: Path) -> None:
    """Raise UserError unless the files of a prepared task are those of its card."""
    for name, sha256 in card(folder)["sha256"].items():
        _compare(folder / f"{name}.parquet", sha256)


def load(folder: Path) -> Task:
    """A prepared task. Files that are not there, or not those of the card, are the user's mistake."""
    facts = card(folder)
    splits = {name: _split(folder / f"{name}.parquet", sha256) for name, sha256 in facts["sha256"].items()}
    return Task(facts["task"], facts["kind"], facts["dataset"], tuple(facts["classes"]), **splits)


def training(folder: Path) -> Split:
    """The training split of a prepared task; no other file of it is read but its card."""
    return _split(folder / "train.parquet", card(folder)["sha256"]["train"])


def _split(path: Path, sha256: str) -> Split:
    _compare(path, sha256)
    try:
        return Split(*columns.decode(foreign.parquet(path)))
    except (ValueError, KeyError, TypeError, AttributeError):  # another table than one that was prepared
        raise _lost(path) from None


def _compare(path: Path, sha256: str) -> None:
    if not path.is_file() or file_sha256(path) != sha256:
        raise _lost(path)


def _lost(path: Path) -> UserError:
    return UserError(f"{path}: missing or damaged; run again: tnas-bench data get {path.parent.name} --scale ...")
