"""Child: one configuration trained on one task."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tnas_bench.spaces import Configuration

VERSION = 2  # raise it when the same configuration, task and seed give another score: journals do not mix versions


@dataclass(frozen=True)
class Score:
    """What a trained child yields: accuracies in [0, 1] and the seconds of training and evaluation it cost.

    ``half`` is the accuracy on every other validation row, from the first: what it leaves out can be held out.
    """

    validation: float
    half: float
    test: float
    seconds: float


class Trainer(Protocol):
    """Trains children. Picklable, so that worker processes can hold a copy; data is loaded where it trains."""

    def groups(self, configurations: Sequence[Configuration]) -> list[list[int]]:
        """Positions of the children that are trained together: a function of the configurations alone."""

    def train(self, configurations: Sequence[Configuration], task: str, seeds: Sequence[int]) -> list[Score]:
        """Train one child a configuration, each from its own seed, on the named task."""
