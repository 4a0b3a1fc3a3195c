"""Summary, for a page of the documentation: what the papers are known for, and the ledger by exhibit, one row each."""

from collections.abc import Iterator

import numpy as np
from pandas import DataFrame

from tnas_bench.claims.rules import Verdict
from tnas_bench.claims.shown import evidence, probability
from tnas_bench.claims.shown import rows as shown_rows
from tnas_bench.exhibits import EXHIBITS, ldnas, numerals

HEADER = ("paper", "table or figure", "command", "verdicts", "strongest evidence")
HEADLINE_HEADER = ("paper", "statement", "published", "ours", "interval", "in", "verdict")
POINTS, SECONDS = "points of test accuracy", "seconds of a device"
HEADLINES = {  # what a reader of an abstract would ask for first, and the unit of its numbers
    **dict.fromkeys(("tnaml-table1-first", "tnaml-table1-tenfold-naml", "tnaml-table1-best"), "share of tasks"),
    **{"tnaml-table1-wins": "share of tasks", "tnaml-fig1-contrast": "cosine similarity"},
    **{"tnaml-ablation-agnostic-difference": POINTS, "tnaml-fig4-other-tasks": "points of accuracy"},
    **{"mnms-faster-imdb": "mean height of the curves, points", "mnms-designed-imdb": POINTS},
    **dict.fromkeys(("ldnas-fig1-across", "ldnas-fig1-closest-task3", "ldnas-fig1-closest-task6"), "distance"),
    **{"ldnas-table1-above-enas": POINTS, "ldnas-table1-faster-than-enas": SECONDS},
    **{"ldnas-table2-above-enas": POINTS, "ldnas-table2-faster-than-enas": SECONDS},
}
DECIDED = (Verdict.REPRODUCED, Verdict.DIRECTION, Verdict.REFUTED)
ESTIMATES = {"value": "ours:", "ratio": "ratio:", "order": "difference:", "trend": "difference:"}


def headlines(ledger: DataFrame) -> Iterator[tuple[str, ...]]:
    """Rows under ``HEADLINE_HEADER``."""
    factor = np.where(ledger["id"].map(HEADLINES) == SECONDS, ldnas.DAY, 1)  # the ledger has days, as the paper
    ledger = ledger.assign(**{name: factor * ledger[name] for name in ("estimate", "low", "high")})
    found = {row["id"]: row for row in shown_rows(ledger)}
    for name, unit in HEADLINES.items():
        row = found[name] | {"in": unit}
        yield tuple(row[column] for column in HEADLINE_HEADER)


def rows(ledger: DataFrame, scale: str) -> Iterator[tuple[str, ...]]:
    """Rows under ``HEADER``; ``scale`` is what ``--config`` is given."""
    for name, exhibit in EXHIBITS.items():
        of_exhibit = ledger[ledger["exhibit"] == name]
        place, command = exhibit.title.partition(". ")[0], f"`snakemake {name} --cores 2 --config scale={scale}`"
        yield of_exhibit["paper"].iloc[0], place, command, _verdicts(of_exhibit), _strongest(of_exhibit)


def _verdicts(claims: DataFrame) -> str:
    """How many have which verdict."""
    found = claims["verdict"].value_counts()
    told = [f"{found[verdict]} {verdict}" for verdict in Verdict if verdict in found and verdict != Verdict.UNVALUED]
    return ", ".join(told) or str(Verdict.UNVALUED)


def _strongest(claims: DataFrame) -> str:
    """The decided claim that says most: of tasks before seeds; of an order or a size, then a count, then a value."""
    decided = claims[claims["verdict"].isin(list(map(str, DECIDED)))].to_dict("records")
    if not decided:
        return ""
    row = min(decided, key=_weakness)
    told = ", ".join(filter(None, (_ours(row), evidence(row))))
    return f"{row['statement']}: {row['verdict']} ({told})"


def _weakness(row: dict) -> tuple[bool, bool, bool, bool, bool, float]:
    kind, unit, directed = row["kind"], row["unit"], row["verdict"] == Verdict.DIRECTION
    return unit == "setups", kind == "value", unit != "tasks", kind == "count", directed, probability(row)


def _ours(row: dict) -> str:
    if row["kind"] == "count":
        return f"{row['estimate'] * row['units']:.0f} of {row['units']}"
    return f"{ESTIMATES[row['kind']]} {numerals.significant(row['estimate'])}"
