"""Statistics over the seeds of one quantity: the mean and how surely it is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats


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
    half_width = stats.t.ppf((1 + level) / 2, seeds - 1) * stats.sem(values)
    return Estimate(mean, float(max(mean - half_width, lowest)), float(min(mean + half_width, highest)), seeds)


def restricted_mean(trials: Sequence[int | None], bound: int) -> Estimate:
    """Restricted mean of trial counts: a search that never got there (None) counts as ``bound``.

    With censored seeds the estimate is from below: the true mean is at least that.
    """
    interval = mean_interval([bound if count is None else count for count in trials], 0, bound)
    return Estimate(interval.mean, interval.low, interval.high, interval.seeds, sum(count is None for count in trials))
