"""Claims: every quantitative or ordering statement of the papers, one a row of ``data/published/claims.tsv``."""

from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import pandas as pd

from tnas_bench.config import ROOT
from tnas_bench.errors import UserError

FILE = ROOT / "data" / "published" / "claims.tsv"
Kind = Literal["value", "order", "ratio", "count", "trend", "no published value"]


@dataclass(frozen=True)
class Claim:
    """One statement of a paper, in our words, and what of our results it is about.

    ``of`` and ``over`` are variants of a measure, the second one or a number where two sides are compared; ``task``
    is empty where all tasks count. ``published``: a number, a count "k/n", or empty; ``margin``: a number of the
    measure's unit, a factor "x2", or for counts a share.
    """

    id: str
    paper: str
    place: str
    statement: str
    kind: Kind
    exhibit: str
    measure: str
    of: str
    over: str
    task: str
    published: str
    margin: str
    margin_from: str

    @property
    def value(self) -> float:
        """What was published; of a count, its share."""
        return count[0] / count[1] if (count := self.count) else float(self.published)

    @property
    def count(self) -> tuple[int, int] | None:
        """k of n, where that was published."""
        k, _, n = self.published.partition("/")
        return (int(k), int(n)) if n else None

    @property
    def factor(self) -> bool:
        """Whether the margin is a factor, so that all is compared on a logarithmic scale."""
        return self.margin.startswith("x")

    @property
    def width(self) -> float:
        """The margin as a number."""
        return float(self.margin.removeprefix("x"))


@cache
def claims() -> tuple[Claim, ...]:
    """All claims, in the order of the file."""
    table = pd.read_csv(FILE, sep="\t", dtype=str, keep_default_na=False)
    found = tuple(Claim(**row) for row in table.to_dict("records"))
    for claim in found:
        if claim.kind not in get_args(Kind):
            raise UserError(f"{FILE}: {claim.id}: kind is {claim.kind!r}; take one of {', '.join(get_args(Kind))}")
    return found
