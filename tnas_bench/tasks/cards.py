"""Cards: what a prepared task is, where it came from, and how it differs from the published one."""

from dataclasses import asdict

import pandas as pd

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
    return {
        "task": task.name,
        "title": task.title,
        "kind": task.kind,
        "role": task.role,
        "grade": "subset" if cut and found.source.grade in FAITHFUL else found.source.grade,
        "via": found.source.via,
        "package": found.source.package,
        "files": [
            {"name": name, "sha256": hashes[name], "bytes": path.stat().st_size} for name, path in found.files.items()
        ],
        "note": found.source.note,
        "passed_over": found.passed_over,
        "licence": task.licence if found.files and found.source.grade != "stand-in" else "",
        "publisher": task.publisher if found.files else "",
    }


def sizes(task: TaskRow, raw: pd.DataFrame, kept: pd.DataFrame, rows: Rows, max_rows: int | None, split: str) -> dict:
    """How much there is, against what was published. Publishers count blank texts, which are left out here."""
    classes = sorted(kept["label"].unique())
    mean = round(float(kept["text"].str.len().mean()), 2)
    counts = {name: len(part) for name, part in rows.items()}
    train, test = (set(kept["text"].iloc[rows[name]].str.casefold()) for name in ("train", "test"))
    found = differences(task.published, int(raw["label"].notna().sum()), len(classes), mean)
    if sum(counts.values()) < len(kept):
        found.append(f"drawn from it: {sum(counts.values()):,} of {len(kept):,} rows")
    if split != task.split:
        found.append(f"split: {split} here, {task.split} published")
    return {
        "classes": classes,
        "rows": {**counts, "total": sum(counts.values()), "dropped": len(raw) - len(kept)},
        "rows_available": len(kept),
        "max_rows": max_rows,
        "mean_characters": mean,
        "test_texts_in_train": len(train & test),  # distinct texts, case ignored: published sets hold repeats
        "split": split,
        "published": asdict(task.published),
        "differences": found,
    }


def differences(published: Published, rows: int, classes: int, mean_characters: float) -> list[str]:
    """One plain sentence for each number that is not the published one."""
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
