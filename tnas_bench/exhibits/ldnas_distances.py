"""Distances between tasks, the published ones and ours in one form, and how far they agree (LD-NAS, Figure 1)."""

from dataclasses import dataclass
from math import comb

import numpy as np
from pandas import DataFrame

from tnas_bench.config import FisherSettings
from tnas_bench.distance import Variant, own
from tnas_bench.exhibits import ldnas, published

KEYS = ["protocol", "form", "normalised", "heads", "sigma2"]
TIE = 2  # standard errors
YES_NO = {True: "yes", False: "no"}


def measured(results: DataFrame) -> DataFrame:
    """Mean, standard deviation and number of seeds of every distance, one a row, with KEYS, source and target."""
    records = ldnas.required(ldnas.runs(results, "distances"), "distances")
    rows = [
        {"source": run.record["source"], "target": run.task, **value}
        for run in records.itertuples()
        for value in run.record["values"]
    ]
    cells = DataFrame(rows).groupby([*KEYS, "source", "target"])["value"]
    cells = cells.agg(mean="mean", deviation="std", seeds="count").reset_index()
    return cells.assign(normalised=cells["normalised"].map(YES_NO))


def paper_figure(cells: DataFrame) -> DataFrame:
    """The published Figure 1 in the form of :func:`measured`, for the tasks that the cells have."""
    figure = published.read("ldnas_fig1").drop(columns="place")
    shown = figure["source"].isin(cells["source"]) & figure["target"].isin(cells["target"])
    return figure[shown].assign(protocol="published", form="published", normalised="", heads="", sigma2=np.nan)


def headline(cells: DataFrame, settings: FisherSettings) -> DataFrame:
    """Which cells (rows) are of the distance that their protocol goes by.

    Columns: headline (at any sigma squared), usual (at the protocol's own sigma squared).
    """
    usual = DataFrame([own(protocol, settings) for protocol in cells["protocol"]], cells.index, Variant._fields)
    usual["normalised"] = usual["normalised"].map(YES_NO)
    same = cells[usual.columns] == usual
    return DataFrame({"headline": same.drop(columns="sigma2").all(axis=1), "usual": same["sigma2"]})


def to_target(matrix: DataFrame, target: str) -> DataFrame:
    """The column of a target: its distances from other tasks (source, mean, deviation, seeds), the closest first."""
    others = (matrix["target"] == target) & (matrix["source"] != target)
    return matrix.loc[others, ["source", "mean", "deviation", "seeds"]].sort_values(["mean", "source"])


def closest(column: DataFrame) -> list[str]:
    """The closest source, then those that tie with it: intervals of two standard errors about the means overlap."""
    errors = (column["deviation"] / np.sqrt(column["seeds"])).fillna(0)
    ties = column["mean"] - column["mean"].iloc[0] <= TIE * (errors + errors.iloc[0])
    return column.loc[ties, "source"].tolist()


def rank_correlation(column: DataFrame, other: DataFrame) -> float:
    """Spearman's rank correlation of two columns; NaN for fewer than three sources."""
    ours, theirs = (each.set_index("source")["mean"] for each in (column, other))
    return ours.rank().corr(theirs.reindex(ours.index).rank()) if len(ours) > 2 else np.nan


def chance(ours: int, theirs: int, sources: int) -> float:
    """Probability that so many sources drawn at random hold one of so many others."""
    return 1 - comb(sources - theirs, ours) / comb(sources, ours)


@dataclass(frozen=True)
class Agreement:
    """How far a matrix agrees with the published one.

    ``closest``: targets with the same closest source, of ``targets``; ``tied``: the same counted with ties (some
    closest source of ours is one of the paper's), and ``chance``: what random sources with as many ties would reach;
    ``correlation``: mean over targets of the rank correlation.
    """

    targets: int
    closest: int
    tied: int
    chance: float
    correlation: float


def agreement(matrix: DataFrame, paper: DataFrame) -> Agreement:
    """Compare two matrices target by target."""
    columns = [(to_target(matrix, target), to_target(paper, target)) for target in targets(matrix)]
    nearest = [(closest(ours), closest(theirs), len(ours)) for ours, theirs in columns]
    return Agreement(
        targets=len(columns),
        closest=sum(ours[0] == theirs[0] for ours, theirs, _ in nearest),
        tied=sum(not set(ours).isdisjoint(theirs) for ours, theirs, _ in nearest),
        chance=sum(chance(len(ours), len(theirs), sources) for ours, theirs, sources in nearest),
        correlation=float(np.mean([rank_correlation(*pair) for pair in columns])),
    )


def targets(matrix: DataFrame) -> list[str]:
    """The targets of a matrix, in order."""
    return sorted(matrix["target"].unique())


def digits(matrix: DataFrame) -> int:
    """Decimals that give the middle distance between different tasks two digits; two to six."""
    middle = matrix.loc[matrix["source"] != matrix["target"], "mean"].median()
    return int(np.clip(1 - np.floor(np.log10(middle)), 2, 6)) if middle > 0 else 2
