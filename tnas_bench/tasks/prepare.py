"""Preparing a task: find its raw files, read them, split them, and write the one form that all else reads."""

import logging
from pathlib import Path

from tnas_bench.config import DataSettings
from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256
from tnas_bench.tasks import images, registry, store, texts
from tnas_bench.tasks.loaders import LOADERS, table
from tnas_bench.tasks.registry import Published, RawFile, Source, TaskRow
from tnas_bench.tasks.sources import Found, find

FEWEST_ROWS = 30  # of a reader's own table: three to validate on, three to test on
log = logging.getLogger(__name__)


def prepare(name: str, folder: Path, settings: DataSettings, mirror: Path | None, *, cache: Path) -> dict:
    """Prepare a registered task into ``folder``, which is replaced, and return its card.

    The sources of the settings are tried in order; one that cannot serve is passed over aloud. ``cache`` keeps
    what is fetched. Raises UserError for an unknown task, for a damaged file or one with a wrong checksum, for an
    image class without images, and where no source serves.
    """
    task = registry.task_row(name)
    found = find(task, settings.sources, mirror, cache)
    for reason in found.passed_over:
        log.warning("%s: %s; taken instead: %s (%s)", name, reason, found.via, found.source.grade)
    raw = LOADERS[found.source.loader](found.files, **found.source.options)
    if task.kind == "image":
        return store.write(folder, *images.prepared(task, found, raw, settings))
    return store.write(folder, *texts.prepared(task, found, texts.relabel(raw, found.source.labels), settings.max_rows))


def prepare_csv(file: Path, text: str, label: str, folder: Path, max_rows: int | None = None) -> dict:
    """Prepare a reader's own CSV (UTF-8, with a header) like any task; its name is that of the folder.

    ``text`` and ``label`` name the columns. Raises UserError for a file or column that is not there, a
    malformed row (by line), a single class, more classes than half the rows, and fewer than 30 rows.
    """
    if not file.is_file():
        raise UserError(f"{file}: no such file; give an existing CSV file")
    raw = texts.relabel(table({str(file): file}, text, label), None)
    usable = texts.usable(raw)
    if len(usable) < FEWEST_ROWS:
        raise UserError(f"{file}: {len(usable)} rows with a text and a label; give at least {FEWEST_ROWS}")
    if usable["label"].nunique() == 1:
        raise UserError(f"{file}: the only class is {usable['label'].iloc[0]!r}; give rows of two classes or more")
    if usable["label"].nunique() > len(usable) / 2:
        told = f"{usable['label'].nunique()} different values in {len(usable)} rows"
        raise UserError(f"{file}: column {label!r} has {told}; give the column of classes")
    return store.write(folder, *texts.prepared(_own_task(folder.name), _own_file(folder.name, file), raw, max_rows))


def _own_task(name: str) -> TaskRow:
    facts = {"role": "own", "kind": "text", "split": "random", "labels": None}
    unknown = {"language": "", "licence": "", "publisher": "", "citation": None}
    return TaskRow(name=name, title=name, dataset=name, published=Published(), **facts, **unknown)


def _own_file(name: str, file: Path) -> Found:
    files = (RawFile(file.name, file_sha256(file)),)
    source = Source(name, "files", "", files, "table", {}, None, "own", "the reader's own table")
    return Found(source, "file", {file.name: file}, [])
