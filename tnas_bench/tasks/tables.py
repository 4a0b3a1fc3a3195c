"""Strict tables: a row that does not fit its header is an error that names the line, never a guess."""

import csv
import io
from collections.abc import Iterator, Sequence

import pandas as pd

from tnas_bench.errors import UserError

MOST_TOLD = 1000  # characters of a list of columns


def decode(content: bytes, encoding: str, place: str) -> str:
    """The text of a file; bytes that the encoding does not have are the user's mistake, by line."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(f"{place}: line {line} is not {encoding} text; save the file as {encoding}") from None


def read_table(
    place: str,
    content: bytes,
    encoding: str = "utf-8-sig",
    separator: str = ",",
    quoted: bool = True,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """A table, every cell a string as stored; it has a header unless ``columns`` are given.

    ``place`` names the file in errors.
    """
    rows = _rows(place, decode(content, encoding, place), separator, quoted, len(columns or ()))
    header = columns or next(rows, None)
    if header is None:
        raise UserError(f"{place}: is empty; it needs a header and rows")
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise UserError(f"{place}: line 1 has the column {twice!r} twice; rename one of them")
    return pd.DataFrame(rows, columns=header, dtype=object)


def _rows(place: str, text: str, separator: str, quoted: bool, width: int) -> Iterator[list[str]]:
    """Rows of ``width`` cells, or where that is 0 of as many as the first, the header; blank lines are no rows."""
    csv.field_size_limit(2**31 - 1)  # a text may be a book; the default, 131,072 characters, is a chapter
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting, strict=True)
    line = 1
    try:
        for row in reader:
            width = width or len(row)
            if row and len(row) != width:
                raise csv.Error(f"{len(row)} cells where the header has {width}")
            if row:
                yield row
            line = reader.line_num + 1
    except csv.Error as error:
        raise UserError(f"{place}: line {line} is malformed ({error}); mend that row") from None


def need_columns(place: str, frame: pd.DataFrame, *names: str) -> None:
    """Every named column is there, or the error lists those that are."""
    for name in names:
        if name not in frame.columns:
            known = ", ".join(column if column.isprintable() else repr(column) for column in frame.columns)
            raise UserError(f"{place}: has no column {name!r}; take one of {known[:MOST_TOLD]}")
