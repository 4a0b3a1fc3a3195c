"""Comparison of two searches on a task: by how much one is better, how surely, and whether it is a draw."""

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
import pandas as pd

from tnas_bench.config import DrawRule
from tnas_bench.metrics import ROUNDING
from tnas_bench.stats import mean_interval

Children = Mapping[int, np.ndarray]  # by seed: accuracies of the N children, in percent


def compare(one: Children, other: Children, rule: DrawRule) -> dict:
    """One minus the other, in points, over the seeds that both have.

    mean, low, high (95% Student-t interval over seeds), seeds; error: standard error of the difference over the N
    children of either, averaged over seeds, so that more seeds leave it the error of one run, as in the paper; margin,
    within which it is a draw; outcome: "win", "draw" or "loss" of the one.
    """
    seeds = sorted(one.keys() & other.keys())
    difference = mean_interval([one[seed].mean() - other[seed].mean() for seed in seeds], -100, 100)
    error = float(np.mean([np.hypot(_error(one[seed]), _error(other[seed])) for seed in seeds]))
    margin = float(np.fmax(rule.deviations * error, rule.points))  # one child has no error
    return asdict(difference) | {"error": error, "margin": margin, "outcome": _outcome(difference.mean, margin)}


def _error(accuracies: np.ndarray) -> float:
    return pd.Series(accuracies).sem()


def _outcome(difference: float, margin: float) -> str:
    if abs(difference) <= margin + ROUNDING:
        return "draw"
    return "win" if difference > 0 else "loss"


def rule_note(rule: Mapping[str, float]) -> str:
    """The rule in words, from its settings."""
    return (
        f"A draw [choice]: a difference within {rule['deviations']:g} standard errors, which are those of the "
        f"difference over the N children of either, averaged over seeds, or within {rule['points']:g} points."
    )
