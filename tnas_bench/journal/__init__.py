"""Journal: the trials of a study, one line each; the truth that a controller's state is folded from.

The first line is the study's header, every other line a trial, and each carries a hash of itself and of the line
before it (:mod:`tnas_bench.journal.chain`). Times are kept apart, so that the bytes depend on the study alone.
"""

import json
import warnings
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tnas_bench.errors import UserError
from tnas_bench.journal import chain
from tnas_bench.journal.durable import on_disk

JOURNAL = "journal.jsonl"  # the file, in the folder of a study or of steps


@dataclass(frozen=True)
class Proposal:
    """A child to be trained: the actions that a controller proposed for a task, and the child's own seed."""

    trial: int
    round: int
    task: str
    actions: tuple[int, ...]
    seed: int


@dataclass(frozen=True)
class Trial(Proposal):
    """A proposal whose child has been trained: accuracies in [0, 1], of which only ``validation`` is ever told."""

    validation: float
    half: float  # on every other validation row
    test: float

    @classmethod
    def from_json(cls, content: dict, path: Path) -> "Trial":
        """The trial of one decoded line of a file; UserError if it is not what this version writes."""
        known = cls.__dataclass_fields__
        if content.keys() != known.keys():
            raise UserError(
                f"{path}: written by another version, whose trials have {', '.join(content)} in place of "
                f"{', '.join(known)}; run that version, or remove {path.parent} to start again"
            )
        return cls(**{**content, "actions": tuple(content["actions"])})


def journal_bytes(header: dict, trials: Iterable[Trial]) -> bytes:
    """The journal that holds these trials."""
    return b"".join(chain.links(chain.START, [header, *map(asdict, trials)]))


def read_journal(path: Path) -> tuple[dict, list[Trial], bytes]:
    """Header, trials and last line of a journal; a torn last line is left out with a warning.

    Raises UserError, naming the line, for any other damage: a changed byte, a missing line, another order.
    """
    lines = complete_lines(path)
    if not lines:
        raise UserError(f"{path}: is empty; remove it to start the study again")
    header, *trials = chain.contents(chain.START, lines, path)
    try:
        return header, [Trial.from_json(content, path) for content in trials], lines[-1]
    except TypeError:
        raise UserError(f"{path}: holds no trials; give the journal of a study, or remove it to start again") from None


def complete_lines(path: Path) -> list[bytes]:
    """The lines of a file. A last one without its end was being written when the writer died: it is left out."""
    with on_disk(path):
        *lines, torn = path.read_bytes().split(b"\n")
    if torn:
        warnings.warn(f"{path}: dropped line {len(lines) + 1}, torn when its writer died", stacklevel=2)
    return [line + b"\n" for line in lines]


def check_header(path: Path, found: dict, expected: dict) -> None:
    """Raise UserError, naming the first key that differs, unless both headers are the same study."""
    old, new = flat(found), flat(expected)
    for key in sorted(old.keys() | new.keys()):
        if (before := old.get(key, "nothing")) != (now := new.get(key, "nothing")):
            raise UserError(
                f"{path}: written with {key} = {before}, now {now}; give the old value or remove {path.parent}"
            )


def check_proposals(path: Path, proposals: Iterable[Proposal], trials: Iterable[Trial]) -> None:
    """Raise UserError, naming the first trial that differs, unless the trials are of these proposals."""
    asked = {proposal.trial: asdict(proposal) for proposal in proposals}
    for trial in trials:
        for key, now in asked[trial.trial].items():
            if (before := getattr(trial, key)) != now:
                raise UserError(
                    f"{path}: trial {trial.trial} was written with {key} = {before!r}, but now {now!r} is proposed; "
                    f"run the version of code and libraries that wrote it, or remove {path.parent} to start again"
                )


def flat(content: dict, prefix: str = "") -> dict[str, str]:
    """Nested keys joined by dots, values as JSON: 1 and 1.0 are different bytes."""
    found = {}
    for key, value in content.items():
        nested = isinstance(value, dict) and value
        found |= flat(value, f"{prefix}{key}.") if nested else {f"{prefix}{key}": json.dumps(value)}
    return found
