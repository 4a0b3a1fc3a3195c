"""Loaders: the publishers' own formats, each read by a pure function.

A loader takes the files of a source by name and its options. A loader of texts returns one row per example, in the
order of the files: ``text`` and ``label`` as stored, and ``split`` where the publisher has one. Those of images are
in ``image_files.py`` and ``photos.py``.
"""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

import msgpack
import pandas as pd

from tnas_bench.errors import UserError
from tnas_bench.tasks import tfds
from tnas_bench.tasks.archives import content, gunzip, members
from tnas_bench.tasks.generate import generate
from tnas_bench.tasks.image_files import LabelledImages, cifar_binary, digit_table, idx, tfds_images
from tnas_bench.tasks.photos import photo_folders, tfds_photos
from tnas_bench.tasks.shapes import shapes
from tnas_bench.tasks.tables import decode, need_columns, read_table

Files = Mapping[str, Path]


def table(
    files: Files,
    text: str,
    label: str,
    encoding: str = "utf-8-sig",
    separator: str = ",",
    quoted: bool = True,
    member: str | None = None,
    where: Mapping[str, str] | None = None,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """A table with a header, or ``columns`` where it has none; ``where`` keeps the rows with the given values."""
    ((name, path),) = files.items()
    frame = read_table(name, content(path, member), encoding, separator, quoted, columns)
    where = where or {}
    need_columns(name, frame, text, label, *where)
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return pd.DataFrame({"text": frame[text], "label": frame[label]}).reset_index(drop=True)


def labelled_lines(
    files: Files,
    separator: str,
    encoding: str = "utf-8",
    member: str | None = None,
    splits: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """One example a line, label first; ``splits`` tells which split a file is."""
    frames = []
    for name, path in files.items():
        lines = _lines(name, content(path, member), encoding)
        pairs = [_pair(name, number, line, separator) for number, line in enumerate(lines, 1)]
        frame = pd.DataFrame(pairs, columns=["label", "text"], dtype=object)
        frames.append(frame.assign(split=splits[name]) if splits else frame)
    return pd.concat(frames, ignore_index=True)


def class_lines(files: Files, encoding: str = "utf-8") -> pd.DataFrame:
    """One file a class, one example a line; the label is the file's name."""
    pairs = [(line, name) for name, path in files.items() for line in _lines(name, content(path), encoding)]
    return pd.DataFrame(pairs, columns=["text", "label"], dtype=object)


def class_folders(files: Files, pattern: str, encoding: str = "utf-8") -> pd.DataFrame:
    """An archive with one file an example: ``pattern`` finds its label, and perhaps its split, in its name."""
    (path,) = files.values()
    found = ((re.fullmatch(pattern, name), name, data) for name, data in members(path))
    rows = [{"text": decode(data, encoding, name), **match.groupdict()} for match, name, data in found if match]
    return _frame(path, rows)


def brown(files: Files, encoding: str = "utf-8") -> pd.DataFrame:
    """The Brown corpus as NLTK packs it: tagged documents, their categories in ``cats.txt``."""
    (path,) = files.values()
    documents = {name.rpartition("/")[2]: decode(data, encoding, name) for name, data in members(path)}
    if "cats.txt" not in documents:
        raise UserError(f"{path}: holds no cats.txt; replace the file")
    rows = []
    for number, line in enumerate(documents["cats.txt"].splitlines(), 1):
        name, _, category = line.strip().partition(" ")
        if line.strip() and not (name in documents and category):
            raise UserError(f"{path}: cats.txt, line {number}: no document and its category; replace the file")
        if line.strip():
            rows.append({"text": documents[name], "label": category})
    return _frame(path, rows)


def cine(files: Files, encoding: str = "iso-8859-1") -> pd.DataFrame:
    """CorpusCine: the label is the number of stars. Many files are not well-formed XML: read by pattern."""
    (path,) = files.values()
    rows = []
    for name, data in members(path):
        if name.endswith(".xml"):
            review = decode(data, encoding, name)
            body, rank = re.search(r"<body>(.*?)</body>", review, re.DOTALL), re.search(r'rank="(\d)"', review)
            if not (body and rank):
                raise UserError(f"{name}: has no rank or no body; replace the archive that holds it")
            rows.append({"text": html.unescape(body[1]), "label": rank[1]})
    return _frame(path, rows)


def word_lists(files: Files, pattern: str, words: int) -> pd.DataFrame:
    """Word lists in the format of wordfreq ("cB"): ``pattern`` finds their label in their names; most frequent first.

    A header, then for each hundredth of a bel below one the words that are so frequent.
    """
    (path,) = files.values()
    rows = []
    for name, data in members(path):
        if match := re.fullmatch(pattern, name):
            listed = islice(chain.from_iterable(_by_frequency(name, data)), words)
            rows += [{"text": word, **match.groupdict()} for word in listed]
    return _frame(path, rows)


def tfds_texts(files: Files, column: str, splits: Sequence[str]) -> pd.DataFrame:
    """What :mod:`tnas_bench.tasks.tfds` wrote down; the names of its splits are those of the task."""
    frames = []
    for split, path in zip(splits, files.values(), strict=True):
        columns = tfds.read(path).to_pydict()
        with tfds.intact(path):
            texts = [decode(text, "utf-8", path.name) for text in columns["input"]]
            frames.append(pd.DataFrame({"text": texts, "label": columns["name"], "split": split}, dtype=object))
    return pd.concat(frames, ignore_index=True)


def generated(files: Files, task: str, classes: int) -> pd.DataFrame:
    """A generated stand-in: it needs no file."""
    return generate(task, classes)


def _frame(path: Path, rows: Sequence[Mapping[str, str]]) -> pd.DataFrame:
    """The rows that were found in an archive; without any it is another archive."""
    if not rows:
        raise UserError(f"{path}: holds no text that belongs to the data set; replace the file")
    return pd.DataFrame(rows, dtype=object)


def _pair(name: str, number: int, line: str, separator: str) -> tuple[str, str]:
    """Label and text of a line, both empty if it is."""
    label, found, text = line.partition(separator)
    if line and not found:
        raise UserError(f"{name}: line {number} has no {separator!r} after a label; mend that row")
    return label, text


def _by_frequency(name: str, data: bytes) -> list[list[str]]:
    """The words of a list of wordfreq, those of one frequency together."""
    content = gunzip(name, data)
    try:
        _, *by_frequency = msgpack.unpackb(content)
        if all(isinstance(word, str) for words in by_frequency for word in words):
            return by_frequency
    except (ValueError, TypeError):
        pass
    raise UserError(f"{name}: not a list of words; replace the file that holds it")


def _lines(name: str, data: bytes, encoding: str) -> list[str]:
    """Lines as stored, empty ones too. Not ``splitlines``: it would also break at a latin-1 byte 85."""
    lines = decode(data, encoding, name).removesuffix("\n").split("\n")
    return [line.removesuffix("\r") for line in lines]


TEXTS = (table, labelled_lines, class_lines, class_folders, brown, cine, word_lists, tfds_texts, generated)
IMAGES = (idx, cifar_binary, digit_table, tfds_images, photo_folders, tfds_photos, shapes)
LOADERS: dict[str, Callable[..., pd.DataFrame | LabelledImages]] = {
    loader.__name__: loader for loader in TEXTS + IMAGES
}
