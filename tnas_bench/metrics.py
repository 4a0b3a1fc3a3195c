"""Metrics of one study: accuracy-topN, trials to reach a bar, and what follows from them [Transfer NAML, section 4]."""

from bisect import insort
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

ROUNDING = 1e-9  # below the resolution of any mean of ten accuracies; equal accuracies may differ by so little


def accuracy_top_n(validation: Sequence[float], test: Sequence[float], n: int) -> tuple[np.ndarray, np.ndarray]:
    """Accuracy-topN after every trial: mean accuracies of the n best children so far [section 4, Metrics].

    ``validation`` and ``test``, shape (trials,), in the order of the trials. Children are chosen by validation
    accuracy (of equals, the earlier one) for both curves. Returns the validation and the test curve, each of shape
    (trials,), NaN before trial n: a mean of fewer children is another quantity, and a lucky first one would set it.
    """
    accuracies = np.column_stack([validation, test]).astype(float)
    curves = np.full_like(accuracies, np.nan)
    best: list[int] = []
    for trial in range(len(accuracies)):
        insort(best, trial, key=lambda position: -accuracies[position, 0])
        del best[n:]
        if len(best) == n:
            curves[trial] = accuracies[best].mean(axis=0) if trial in best else curves[trial - 1]
    return curves[:, 0], curves[:, 1]


def evaluated_trials(trials: int, every: int = 5) -> np.ndarray:
    """The trials after which a search is looked at: every fifth, as Table 1's multiples of five, and the last."""
    return np.union1d(np.arange(every, trials + 1, every), [trials])


def trials_to_reach(curve: Sequence[float], bar: float, every: int = 5) -> int | None:
    """The first evaluated trial at which the curve, shape (trials,), attains the bar; None if it never does."""
    evaluated = evaluated_trials(len(curve), every)
    reached = evaluated[np.asarray(curve)[evaluated - 1] >= bar - ROUNDING]
    return int(reached[0]) if len(reached) else None


def speed_up(ours: ArrayLike, reference: ArrayLike) -> ArrayLike:
    """How many times fewer trials ours needs than the reference: S of section 4.1."""
    return reference / ours


def saving(trials: ArrayLike, seconds: ArrayLike, speed_up: ArrayLike) -> ArrayLike:
    """Hours of computing a task that a speed-up S saves: B T (1 - 1 / S) / 3600 [section 4.1].

    ``trials``: B; ``seconds``: T, of one trial. Below 0 where S is below 1.
    """
    return trials * seconds * (1 - 1 / speed_up) / 3600


def amortisation(speed_up: float) -> float:
    """After how many new tasks pretraining has paid for itself, in multiples of its own: 1 / (1 - 1 / S) [section 4.1].

    Infinite where S is not above 1.
    """
    return 1 / (1 - 1 / speed_up) if speed_up > 1 else np.inf


def area_under_curve(curve: Sequence[float]) -> float:
    """Mean height of a curve over its trials, from the first that has a height to B."""
    return float(np.nanmean(curve))
