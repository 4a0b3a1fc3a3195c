"""The ledger as a reader sees it: counts of verdicts by paper, and claims as rows of text."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from pandas import DataFrame

from tnas_bench.claims.rules import Verdict
from tnas_bench.errors import UserError
from tnas_bench.exhibits import numerals
from tnas_bench.journal.durable import on_disk, write_atomic

PAPERS = {
    "tnaml": "Transfer Learning with Neural AutoML",
    "mnms": "Multitask Neural Model Search",
    "ldnas": "Improved AutoML from Transfer Learning",
    "ours": "Beyond the papers",
}
NUMBERS = ("units", "estimate", "low", "high", "p", "against", "least")
WORDS = ("id", "paper", "place", "statement", "kind", "exhibit", "verdict", "reason")  # shown as they are
FILE = "claims.csv"
LEAST = 1e-4  # below this a p is not told
LAST = {"value": 1, Verdict.UNVALUED: 2}  # kinds that a reader sees after the statements: the cells of tables


def save(ledger: DataFrame, folder: Path) -> None:
    """Write ``claims.csv`` of a scale's reports."""
    with on_disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / FILE, ledger.to_csv(index=False, lineterminator="\n").encode())


def read(folder: Path) -> DataFrame:
    """What :func:`save` wrote: words as text, empty where there are none; numbers as numbers."""
    path = folder / FILE
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        return table.assign(**{name: pd.to_numeric(table[name]) for name in NUMBERS})
    except (OSError, ValueError, KeyError):
        raise UserError(f"{path}: missing or not a table; make it with: tnas-bench claims --scale ...") from None


def counts(ledger: DataFrame) -> list[dict]:
    """Of each paper: its title, and how many of its claims have each verdict."""
    found = ledger.groupby("paper")["verdict"].value_counts()
    return [
        {"paper": paper, "title": title, "verdicts": {str(each): int(found.get((paper, each), 0)) for each in Verdict}}
        for paper, title in PAPERS.items()
    ]


def rows(ledger: DataFrame) -> Iterator[dict]:
    """Each claim as text, with the numbers to sort by; what the papers state in words comes first."""
    for row in sorted(ledger.to_dict("records"), key=lambda row: LAST.get(row["kind"], 0)):
        yield {
            **{name: row[name] for name in WORDS},
            "published": _published(row),
            "ours": _ours(row),
            "interval": _interval(row),
            "evidence": evidence(row),
            "margin": f"{_margin(row['margin'])} ({row['margin_from']})" if row["margin"] else "",
            "runs": row["runs"].split(),
            "key": row["estimate"],
        }


def _published(row: dict) -> str:
    if row["kind"] == Verdict.UNVALUED:
        return str(Verdict.UNVALUED)
    if not row["published"]:
        return ""
    return row["published"] if "/" in row["published"] else numerals.significant(float(row["published"]), 6)


def _margin(margin: str) -> str:
    return margin.replace("x", "× ") if margin.startswith("x") else f"± {margin}"


def _ours(row: dict) -> str:
    if row["kind"] == "count" and row["units"] > 0:
        return f"{row['estimate'] * row['units']:.0f}/{row['units']:.0f}"
    return _number(row["estimate"], row["kind"])


def _number(value: float, kind: str) -> str:
    if np.isnan(value):
        return ""
    return f"{100 * value:.0f}%" if kind == "count" else numerals.significant(value)


def _interval(row: dict) -> str:
    ends = row["low"], row["high"]
    if np.isnan(ends).any():
        return ""
    return " to ".join("∞" if np.isinf(end) and end > 0 else _number(end, row["kind"]) for end in ends)


def evidence(row: dict) -> str:
    """The test and what it is over, with the verdict's p where it has one; empty where nothing is left to chance."""
    if not row["test"] or row["unit"] == "setups":
        return ""
    p = probability(row)
    known = not np.isnan(p) and row["verdict"] != Verdict.DIRECTION  # whose test is another one
    told = (f", p = {p:.2g}" if p >= LEAST else f", p < {LEAST:g}") if known else ""
    return f"{row['test']} over {row['units']:.0f} {row['unit']}{told}"


def probability(row: dict) -> float:
    """p of the hypothesis that the verdict is false."""
    return row["against" if row["verdict"] == Verdict.REFUTED else "p"]
