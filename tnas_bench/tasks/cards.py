"""Cards: what a prepared task is, where it came from, and how it differs from the published one."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict

import numpy as np

from tnas_bench.tasks import archives
from tnas_bench.tasks.registry import FAITHFUL, Published, TaskRow
from tnas_bench.tasks.sources import Found
from tnas_bench.tasks.splits import Rows

TOLERANCE = 0.01  # of the published mean number of characters
ROUNDING = 0.5  # the literature rounds it to whole characters


def provenance(task: TaskRow, found: Found, cut: bool) -> dict:
    """What the task is and which files it was made from; ``cut``: rows were left out to keep it small.

    No times and no paths: the same on every machine.
    """
    hashes = {file.name: file.sha256 for file in found.source.files}
    theirs = found.files and found.source.grade != "stand-in"
    return {
        "task": task.name,
        "title": task.title,
        "kind": task.kind,
        "language": task.language,
        "role": task.role,
        "dataset": task.dataset,
        "grade": "subset" if cut and found.source.grade in FAITHFUL else found.source.grade,
        "via": found.via,
        "package": found.source.package,
        "files": [
            {"name": name, "sha256": hashes.get(name) or archives.sha256(path), "bytes": path.stat().st_size}
            for name, path in found.files.items()
        ],
        "note": found.source.note,
        "passed_over": found.passed_over,
        "licence": task.licence if theirs else "",
        "citation": str(task.citation) if theirs and task.citation else "",
        "publisher": task.publisher if found.files else "",
    }


def sizes(task: TaskRow, classes: Sequence[str], rows: Rows, read: int, kept: int, differing: Sequence[str]) -> dict:
    """How much there is: of the rows ``read``, those ``kept`` may serve, and ``rows`` do; ``differing`` sentences."""
    counts = {name: len(part) for name, part in rows.items()}
    total = sum(counts.values())
    drawn = [f"drawn from it: {total:,} of {kept:,} rows"] if total < kept else []
    return {
        "classes": list(classes),
        "rows": {**counts, "total": total, "dropped": read - kept},
        "rows_available": kept,
        "published": asdict(task.published),
        "differences": [*differing, *drawn],
    }


def repeats(examples: Mapping[str, Set[object]]) -> dict:
    """How many different examples of a split stand in the training split, too; publishers' data hold repeats.

    Texts are compared without regard to case, images byte by byte.
    """
    return {"in_train": {name: len(part & examples["train"]) for name, part in examples.items() if name != "train"}}


def majority(numbers: np.ndarray, rows: Rows) -> dict:
    """The test accuracy of always telling the most frequent class of the training split."""
    most_frequent = np.bincount(numbers[rows["train"]]).argmax()
    return {"majority_accuracy": round(float((numbers[rows["test"]] == most_frequent).mean()), 4)}


def differences(published: Published, rows: int, classes: int, mean_characters: float | None = None) -> list[str]:
    """One plain sentence for each number that is not the published one; images have no characters."""
    word = "published (from memory)" if published.sure == "memory" else "published"
    found = []
    if published.rows not in (None, rows):
        found.append(f"rows: {rows:,} here, {published.rows:,} {word}")
    if published.classes not in (None, classes):
        found.append(f"classes: {classes} here, {published.classes} {word}")
    mean = published.mean_characters
    if mean is not None and abs(mean_characters - mean) > max(ROUNDING, TOLERANCE * mean):
        found.append(f"mean characters: {mean_characters:,.1f} here, {mean:,.0f} {word}")
    return found
