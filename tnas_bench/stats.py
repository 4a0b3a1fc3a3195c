"""Statistics: the mean over seeds and how surely it is known; tests over tasks, corrected for their number."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy  # its modules are loaded where they are first used: most commands need none
from numpy.typing import ArrayLike

DIGITS = 12  # of a difference between means: rounding leaves fewer wrong ones


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its interval (NaN from one seed alone) and the number of censored seeds."""

    mean: float
    low: float
    high: float
    seeds: int
    censored: int = 0


def mean_interval(values: Sequence[float], lowest: float, highest: float, level: float = 0.95) -> Estimate:
    """Mean and Student-t confidence interval, cut to the range [lowest, highest] that the quantity can have."""
    mean, seeds = float(np.mean(values)), len(values)
    if seeds == 1:
        return Estimate(mean, np.nan, np.nan, seeds)
    # What scipy.stats does, too, which takes half a second to load, and eight times as long.
    half_width = scipy.special.stdtrit(seeds - 1, (1 + level) / 2) * np.std(values, ddof=1) / np.sqrt(seeds)
    return Estimate(mean, float(max(mean - half_width, lowest)), float(min(mean + half_width, highest)), seeds)


def accuracy_error(percent: ArrayLike, rows: ArrayLike) -> ArrayLike:
    """The standard error, in points, that so many test rows leave in an accuracy in percent: that of a share."""
    return np.sqrt(percent * (100 - percent) / rows)


def restricted_mean(trials: Sequence[int | None], bound: int) -> Estimate:
    """Restricted mean of trial counts: a search that never got there (None) counts as ``bound``.

    With censored seeds the estimate is from below: the true mean is at least that.
    """
    interval = mean_interval([bound if count is None else count for count in trials], 0, bound)
    return Estimate(interval.mean, interval.low, interval.high, interval.seeds, sum(count is None for count in trials))


def signed_rank(differences: np.ndarray) -> tuple[float, float]:
    """p of Wilcoxon's signed-rank test, exact with ties, too: of differences above 0, and below.

    ``differences``: shape (tasks,); zeros are left out. What rounding alone tells apart is a tie.
    """
    differences = np.round(differences, DIGITS)
    signed = differences[differences != 0]
    ranks = (2 * scipy.stats.rankdata(np.abs(signed))).astype(int)  # twice, so that those of ties are whole
    chances, positive = _chances(tuple(sorted(ranks))), ranks[signed > 0].sum()
    return float(chances[positive:].sum()), float(chances[: positive + 1].sum())


@lru_cache(maxsize=64)
def _chances(ranks: tuple[int, ...]) -> np.ndarray:
    """The chance of each sum of positive ranks, one rank after the other being added or not."""
    chances = np.ones(1)
    for rank in ranks:
        chances = np.convolve(chances, np.bincount([0, rank]) / 2)
    return chances


def holm(p: Sequence[float]) -> list[float]:
    """Holm's correction of a family: every p times the number of those that are not smaller, in order."""
    adjusted, largest = list(p), 0.0
    for rank, position in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        largest = max(largest, min(1.0, p[position] * (len(p) - rank)))
        adjusted[position] = largest
    return adjusted
