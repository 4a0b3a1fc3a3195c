"""Evidence: the tests behind verdicts. Each gives an estimate, its interval, a p, and the least p that it could give.

Two kinds of units count as independent: the seeds of one task, and tasks, each by its mean over seeds. Seeds of several
tasks are never pooled: one pretraining serves all tasks of a seed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special, stats

from tnas_bench.seeds import stream
from tnas_bench.stats import DIGITS, signed_rank

Statistic = Callable[[np.ndarray, np.ndarray], np.ndarray]
LEVEL = 0.05  # of one-sided tests; intervals have two such ends, and so cover 1 - 2 x LEVEL
DRAWS = 10_000  # of a bootstrap


@dataclass(frozen=True)
class Evidence:
    """What a test found.

    ``p``: of the hypothesis that a claim does not hold; ``against``: of the hypothesis that it is not false; ``least``:
    the smallest p that so few units can give, 1 where they can give none. NaN where something is not known.
    """

    test: str
    unit: str  # what was counted as independent: "seeds" or "tasks"
    units: int
    estimate: float
    low: float = np.nan
    high: float = np.nan
    p: float = np.nan
    against: float = np.nan
    least: float = 0.0


def equivalence(values: Sequence[float], target: float, margin: float, shared: float = 0.0) -> Evidence:
    """Two one-sided t-tests (TOST): is the mean over seeds within ``margin`` of ``target``?

    ``against`` is of the hypothesis that it is within. ``shared``: a standard error that all seeds have in common, as
    the test rows leave it. One seed tells nothing.
    """
    mean, seeds = float(np.mean(values)), len(values)
    if seeds == 1:
        return Evidence("TOST", "seeds", 1, mean, least=1.0)
    error, freedom = _error_and_freedom([np.asarray(values, float)], shared)
    half = _quantile(freedom) * error
    inside, outside = margin - abs(mean - target), abs(mean - target) - margin
    p, against = (_tail(distance, error, freedom) for distance in (inside, outside))
    return Evidence("TOST", "seeds", seeds, mean, mean - half, mean + half, p, against)


def _error(values: Sequence[float]) -> float:
    """Standard error of a mean."""
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))


def _error_and_freedom(sides: Sequence[np.ndarray], shared: float) -> tuple[float, float]:
    """Standard error of a mean, or of a difference of two, and its degrees of freedom (Welch and Satterthwaite).

    ``shared`` is added, and is known: it has as many as one likes.
    """
    squares = np.array([side.var(ddof=1) / len(side) for side in sides])
    spread = (squares**2 / np.array([len(side) - 1 for side in sides])).sum()
    total = squares.sum() + shared**2
    return float(np.sqrt(total)), float(total**2 / spread) if spread else np.inf


def _tail(distance: float, error: float, freedom: float) -> float:
    """p of so many standard errors (Student's t); seeds that agree to the last digit are surely on their side."""
    return float(special.stdtr(freedom, -distance / error)) if error else float(distance < 0)


def _quantile(freedom: float) -> float:
    """The t that is exceeded at the level."""
    return float(-special.stdtrit(freedom, LEVEL))


def seeds_above(values: Sequence[float], other: Sequence[float] | None = None, shared: float = 0.0) -> Evidence:
    """One-sided t-test over seeds: is a mean above 0, or above that of other, independent seeds (Welch)?

    ``shared`` as in :func:`equivalence`.
    """
    sides = [_same(side) for side in (values, other) if side is not None]
    mean = float(sides[0].mean() - (sides[1].mean() if len(sides) > 1 else 0))
    name, seeds = ("Welch's t-test" if len(sides) > 1 else "t-test"), min(map(len, sides))
    if seeds == 1:
        return Evidence(name, "seeds", 1, mean, least=1.0)
    error, freedom = _error_and_freedom(sides, shared)
    if not error:
        mean = 0.0 if abs(mean) <= 1e-9 * max(abs(side[0]) for side in sides) else mean
        return Evidence(name, "seeds", seeds, mean, mean, mean, float(mean <= 0), float(mean >= 0))
    half = _quantile(freedom) * error
    p, against = (_tail(distance, error, freedom) for distance in (mean, -mean))
    return Evidence(name, "seeds", seeds, mean, mean - half, mean + half, p, against)


def _same(values: Sequence[float]) -> np.ndarray:
    """Values that differ in their last digits alone are one."""
    values = np.asarray(values, float)
    return np.full_like(values, values[0]) if np.allclose(values, values[0], rtol=1e-9, atol=0) else values


def tasks_above(differences: Sequence[float]) -> Evidence:
    """Wilcoxon's signed-rank test over tasks, exact: are their differences above 0? Estimate: the median difference.

    ``differences``: of each task, of the means over its seeds; zeros are left out. The interval is of the median, by
    order statistics.
    """
    values = np.round(np.asarray(differences, float), DIGITS)
    least = 0.5 ** np.count_nonzero(values)
    found = float(np.median(values)), *median_interval(values), *signed_rank(values)
    return Evidence("Wilcoxon", "tasks", len(values), *found, least)


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """The interval of a median from order statistics, of coverage 1 - 2 x LEVEL or more; infinite where too few."""
    ordered, number = np.sort(values), len(values)
    out = _outside(number)
    if out < 1:
        return -np.inf, np.inf
    return float(ordered[out - 1]), float(ordered[number - out])


@cache
def _outside(number: int) -> int:
    """How many of so many values may lie outside the median's interval at either end."""
    out = int(stats.binom.ppf(LEVEL, number, 0.5))
    return out - int(stats.binom.cdf(out - 1, number, 0.5) > LEVEL)


def share(successes: int, number: int, target: float, margin: float) -> Evidence:
    """Is a share of tasks within ``margin`` of ``target``? Exact binomial tests (Clopper and Pearson) at both ends."""
    ends = stats.binomtest(successes, number).proportion_ci(1 - 2 * LEVEL, "exact")
    any_number = np.arange(number + 1)

    def below(bound: float) -> np.ndarray:  # p of "the share is at least that", of each number of successes
        return stats.binom.cdf(any_number, number, bound) if bound <= 1 else np.zeros(number + 1)

    def above(bound: float) -> np.ndarray:
        return stats.binom.sf(any_number - 1, number, bound) if bound >= 0 else np.zeros(number + 1)

    p = np.maximum(below(target + margin), above(target - margin))
    against = min(_capped(above(target + margin)[successes]), _capped(below(target - margin)[successes]))
    found = successes / number, *ends, float(p[successes]), against, float(p.min())
    return Evidence("exact binomial", "tasks", number, *found)


def _capped(p: float) -> float:
    return float(p) if p > 0 else 1.0


def majority(successes: int, number: int, target: float) -> Evidence:
    """Is a share of tasks on the side of one half where ``target`` is? Exact binomial tests (sign tests)."""
    low, high = stats.binomtest(successes, number).proportion_ci(1 - 2 * LEVEL, "exact")
    more, fewer = float(stats.binom.sf(successes - 1, number, 0.5)), float(stats.binom.cdf(successes, number, 0.5))
    p, against = (more, fewer) if target >= 0.5 else (fewer, more)
    return Evidence("exact binomial", "tasks", number, successes / number, low, high, p, against, 0.5**number)


@dataclass(frozen=True)
class Sampled:
    """A statistic of two sides over tasks and seeds, with its bootstrap.

    So few seeds make a bootstrap too sure of what the tasks of a seed share: every p is the larger of that of the
    bootstrap and that of a t-test over seeds, and the interval the wider one.
    """

    estimate: float
    draws: np.ndarray
    by_seed: np.ndarray
    tasks: int

    def above(self, bound: float) -> float:
        """p of the hypothesis that the statistic is not above a bound."""
        return max(float(np.mean(self.draws <= bound)), self._t(self.estimate - bound))

    def below(self, bound: float) -> float:
        """p of the hypothesis that the statistic is not below a bound."""
        return max(float(np.mean(self.draws >= bound)), self._t(bound - self.estimate))

    def _t(self, distance: float) -> float:
        if len(self.by_seed) == 1:
            return 1.0
        return _tail(distance, _error(self.by_seed), len(self.by_seed) - 1)

    def within(self, target: float, margin: float) -> Evidence:
        """Is the statistic within ``margin`` of ``target``?"""
        low, high = target - margin, target + margin
        p, against = max(self.above(low), self.below(high)), min(self.above(high), self.below(low))
        return self._evidence(p, against)

    def positive(self) -> Evidence:
        """Is it above 0?"""
        return self._evidence(self.above(0), self.below(0))

    def _evidence(self, p: float, against: float) -> Evidence:
        low, high = np.quantile(self.draws, [LEVEL, 1 - LEVEL])
        seeds = len(self.by_seed)
        half = _quantile(seeds - 1) * _error(self.by_seed) if seeds > 1 else np.inf
        ends = float(min(low, self.estimate - half)), float(max(high, self.estimate + half))
        return Evidence("bootstrap", "seeds", seeds, self.estimate, *ends, p, against, 0.0 if seeds > 1 else 1.0)


def bootstrap(
    one: np.ndarray, other: np.ndarray, statistic: Statistic, *names: object, draws: int | None = None
) -> Sampled:
    """A bootstrap of ``statistic(one, other)`` over tasks, and over seeds within them.

    ``one``, ``other``: (tasks, seeds). Tasks are drawn together; the seeds of each side once for all tasks, since all
    tasks of a seed share its pretraining. ``statistic`` takes (..., tasks, seeds) twice and gives (...). ``names`` name
    the stream of random numbers.
    """
    rng = stream("bootstrap", *names)
    draws = draws or DRAWS
    tasks = rng.integers(len(one), size=(draws, len(one), 1))
    drawn = [side[tasks, rng.integers(side.shape[1], size=(draws, 1, side.shape[1]))] for side in (one, other)]
    pairs = range(min(one.shape[1], other.shape[1]))
    by_seed = np.array([statistic(one[:, [seed]], other[:, [seed]]) for seed in pairs])
    return Sampled(float(statistic(one, other)), statistic(*drawn), by_seed, len(one))


def mean_difference(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Mean over tasks of the difference of two sides, each (..., tasks, seeds), by its means over seeds."""
    return (one.mean(-1) - other.mean(-1)).mean(-1)


def median_log_ratio(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Median over tasks of the logarithm of the ratio of two sides, in the same way."""
    return np.median(np.log(one.mean(-1)) - np.log(other.mean(-1)), axis=-1)
