"""Comparison of two searches on a task: by how much one is better, how surely, and whether it is a draw."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from tnas_bench.config import DrawRule
from tnas_bench.exhibits import numerals
from tnas_bench.metrics import ROUNDING
from tnas_bench.stats import mean_interval

OUTCOMES = {"win": "wins", "loss": "losses", "draw": "draws"}
COUNTS = ("tasks", *OUTCOMES.values(), "sure_wins", "sure_losses")
Children = Mapping[int, np.ndarray]  # by seed: accuracies of the N children, in percent


def interval(values: Sequence[float], lowest: float = 0, highest: float = 100) -> dict:
    """mean, low, high (95% Student-t interval; NaN from one seed), seeds."""
    estimate = mean_interval(values, lowest, highest)
    return {name: getattr(estimate, name) for name in ("mean", "low", "high", "seeds")}


def accuracy(best: DataFrame, measure: str) -> dict:
    """The interval of accuracy-topN over the seeds of :func:`tnas_bench.exhibits.tnaml.best_children`."""
    return interval(best.groupby("seed")[measure].mean())


def by_seed(best: DataFrame, measure: str) -> Children:
    """The accuracies of each seed's best children."""
    return {seed: children.to_numpy() for seed, children in best.groupby("seed")[measure]}


def compare(one: Children, other: Children, rule: DrawRule) -> dict:
    """One minus the other, in points, over the seeds that both have.

    mean, low, high, seeds of :func:`interval`; error: standard error of the difference over the N children of either,
    averaged over seeds, so that more seeds leave it the error of one run, as in the paper; margin, within which it is a
    draw; outcome: "win", "draw" or "loss" of the one.
    """
    seeds = sorted(one.keys() & other.keys())
    difference = interval([one[seed].mean() - other[seed].mean() for seed in seeds], -100)
    error = float(np.mean([np.hypot(_error(one[seed]), _error(other[seed])) for seed in seeds]))
    margin = float(np.fmax(rule.deviations * error, rule.points))  # one child has no error
    return difference | {"error": error, "margin": margin, "outcome": _outcome(difference["mean"], margin)}


def _error(accuracies: np.ndarray) -> float:
    return pd.Series(accuracies).sem()


def _outcome(difference: float, margin: float) -> str:
    if abs(difference) <= margin + ROUNDING:
        return "draw"
    return "win" if difference > 0 else "loss"


def counts(cells: DataFrame) -> dict[str, float]:
    """COUNTS among comparisons; of the sure ones (interval on one side of 0) NaN, where one has no interval."""
    outcomes = cells["outcome"].value_counts()
    found = {"tasks": len(cells)} | {each: outcomes.get(outcome, 0) for outcome, each in OUTCOMES.items()}
    sure = {"sure_wins": (cells["low"] > 0).sum(), "sure_losses": (cells["high"] < 0).sum()}
    known = cells["low"].notna().all()
    return found | {each: count if known else np.nan for each, count in sure.items()}


def score(values: Series, measures: Sequence[str]) -> str:
    """Counts as text, as in 8-4-1; a dash where one is not known."""
    texts = [numerals.number(values[measure], 0) for measure in measures]
    return "–" if "–" in texts else "-".join(texts)


def rule_columns(rule: DrawRule) -> dict[str, float]:
    """The rule as columns of a frame."""
    return {f"draw_{name}": value for name, value in rule.model_dump().items()}


def rule_note(frame: DataFrame) -> str:
    """The rule of a frame in words."""
    deviations, points = (frame[f"draw_{name}"].iloc[0] for name in ("deviations", "points"))
    return (
        f"A draw [choice]: a difference within {deviations:g} standard errors, which are those of the difference over "
        f"the N children of either, averaged over seeds, or within {points:g} points."
    )
