"""Compare: what changed between the sealed results in two folders, and whether it matters.

Results are rows: trials of studies, records of LD-NAS. Where they are the same, all else that differs (times, machine,
versions, commit, settings without effect) is only counted.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from statistics import fmean, stdev

from tnas_bench.errors import UserError
from tnas_bench.journal import flat
from tnas_bench.journal.sealed import check_sealed, read_card, read_rows, row_kind, sealed_below
from tnas_bench.metrics import accuracy_top_n

TOP = 10  # of the children by validation accuracy, as accuracy-top10 in the papers
SHOWN = 3  # differences of one kind in a line
PASSING = ("trials_sha256", "steps_sha256", "hash", "study", "inputs")  # told as rows, settings and inputs


@dataclass(frozen=True)
class Result:
    """One sealed study or run."""

    folder: Path

    @cached_property
    def card(self) -> dict:
        return read_card(self.folder)

    @cached_property
    def kind(self) -> str:
        """Of its rows."""
        return row_kind(self.folder)

    @cached_property
    def read(self) -> tuple[dict, list[dict]]:
        """Header and rows."""
        check_sealed(self.folder, self.kind)
        header, rows = read_rows(self.folder / f"{self.kind}.parquet")
        return header, rows if self.kind == "trials" else [json.loads(row["record"]) for row in rows]

    @property
    def facts(self) -> dict[str, str]:
        """All of its run card that is no result, key by key."""
        return flat({key: value for key, value in self.card.items() if key not in PASSING})

    def top(self, count: int) -> float:
        """Mean test accuracy of the best ``count`` children, or of all, if fewer; over tasks, if it has several."""
        by_task = defaultdict(list)
        for row in self.read[1]:
            by_task[row["task"]].append((row["validation"], row["test"]))
        return fmean(accuracy_top_n(*zip(*of, strict=True), min(count, len(of)))[1][-1] for of in by_task.values())


@dataclass
class Comparison:
    """``changes``: one line for each difference that matters; ``apart``: in what the ``same`` others differ."""

    changes: list[str] = field(default_factory=list)
    same: int = 0
    apart: Counter[str] = field(default_factory=Counter)


def compare(old: Path, new: Path) -> Comparison:
    """Compare all that is sealed below two folders; UserError if nothing is, in one of them."""
    before, after = results(old), results(new)
    found = Comparison()
    for side, (these, others) in {"first": (before, after), "second": (after, before)}.items():
        found.changes += _alone(sorted(these.keys() - others.keys()), side)
    for path in sorted(before.keys() & after.keys()):
        if change := difference(path, before, after):
            found.changes.append(f"{path}: {change}")
        else:
            found.same += 1
            found.apart.update(apart(before[path], after[path]))
    return found


def results(root: Path) -> dict[str, Result]:
    """What is sealed below a folder, by path."""
    found = {str(folder.relative_to(root)): Result(folder) for folder in sealed_below(root)}
    if not found:
        raise UserError(f"{root}: nothing is sealed there; give a folder of results, a scale, or COMMIT:FOLDER")
    return found


def _alone(paths: list[str], side: str) -> Iterator[str]:
    """The studies that only one side has, those of a variant in one line."""
    variants = defaultdict(list)
    for path in paths:
        variants["/".join(path.split("/")[:-2]) or path].append("/".join(path.split("/")[-2:]))
    for variant, names in variants.items():
        yield f"{variant}: {len(names)} only in the {side}: {_listed(names)}"


def difference(path: str, before: Mapping[str, Result], after: Mapping[str, Result]) -> str:
    """In what the results of two runs differ, and what they were computed with; empty if they do not."""
    old, new = before[path], after[path]
    (old_header, old_rows), (new_header, new_rows) = old.read, new.read
    if old_rows == new_rows:
        return ""
    told = [_rows(old, new)]
    if old.kind == new.kind == "trials":
        told.append(_moved(path, before, after))
    if settings := _differing(flat(old_header), flat(new_header)):
        told.append(_listed([f"{key} {was} → {now}" for key, (was, now) in settings.items()]))
    if facts := apart(old, new) & {"commit", "cpu", "gpu", "versions.torch", "versions.numpy"}:
        told.append(f"computed with other {', '.join(sorted(facts))}")
    return "; ".join(told)


def _rows(old: Result, new: Result) -> str:
    """Where rows begin to differ, and how many there are."""
    (_, before), (_, after) = old.read, new.read
    first = next((n for n, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), None)
    counts = f"{len(before)} → {len(after)} {new.kind}" if len(before) != len(after) else f"{len(after)} {new.kind}"
    if first is None:
        return f"{counts}, the same as far as both go"
    keys = _differing(flat(before[first]), flat(after[first]))
    return f"{counts}, other from number {first} on ({_listed(list(keys))})"


def _moved(path: str, before: Mapping[str, Result], after: Mapping[str, Result]) -> str:
    """How far test accuracies moved, against their spread over the seeds of the study."""
    old, new = before[path], after[path]
    best, top = ((old.top(count), new.top(count)) for count in (1, TOP))
    moved = f"best test {100 * best[0]:.2f} → {100 * best[1]:.2f}, top {TOP} {100 * top[0]:.2f} → {100 * top[1]:.2f}"
    spread, seeds = max((_spread(path, side) for side in (before, after)), key=lambda each: each[1])
    against = f"spread over {seeds} seeds {100 * spread:.2f}" if seeds > 1 else "one seed, no spread"
    return f"{moved} ({100 * (top[1] - top[0]):+.2f}; {against})"


def _spread(path: str, side: Mapping[str, Result]) -> tuple[float, int]:
    """Standard deviation of the top accuracy over all seeds of a study, and their number."""
    study = path.rsplit("/", 1)[0]
    tops = [result.top(TOP) for other, result in side.items() if other.rsplit("/", 1)[0] == study]
    return (stdev(tops) if len(tops) > 1 else 0.0), len(tops)


def apart(old: Result, new: Result) -> set[str]:
    """The facts, settings, inputs and bytes in which two runs differ, whatever their results."""
    found = set(_differing(old.facts, new.facts))
    found |= {"settings" for _ in _differing(flat(old.read[0]), flat(new.read[0]))}
    found |= {"cards of inputs"} if old.card.get("inputs") != new.card.get("inputs") else set()
    bytes_of = f"{old.kind}_sha256"
    return found | ({"bytes of the same rows"} if old.card[bytes_of] != new.card.get(bytes_of) else set())


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    keys = sorted(old.keys() | new.keys())
    pairs = {key: (old.get(key, "nothing"), new.get(key, "nothing")) for key in keys}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def _listed(names: list[str]) -> str:
    return ", ".join([*names[:SHOWN], *([f"and {len(names) - SHOWN} more"] if names[SHOWN:] else [])])
