"""Tabular benchmark: all configurations of a part of the text space, trained with several seeds on some tasks.

A search on it takes seconds, since what a child yields is looked up, and the true values of all that it could have
found are known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pandas import DataFrame

from tnas_bench.errors import UserError
from tnas_bench.spaces import Configuration, Decision, Space

KEYS = ("task", "configuration", "seed")  # what a training is known by
ACCURACIES = ("validation", "half", "test")
MEASURES = (*ACCURACIES, "seconds")  # what it yields, as children.Score has it


@dataclass(frozen=True, eq=False)
class Table:
    """Trainings, one a row.

    ``rows``: columns task, configuration (its number in the space), seed, each decision with the choice, validation,
    half, test, seconds, seconds_measured (or the mean of its study); sorted as the description lists the tasks, then by
    configuration and seed. ``description``: what they are, as JSON values, see :mod:`tnas_bench.tabular.gather`.
    Raises UserError unless each task has each configuration with each seed.
    """

    description: Mapping
    rows: DataFrame

    def __post_init__(self):
        sizes = len(self.tasks), self.space.size, self.seeds
        task, configuration, seed = np.unravel_index(np.arange(np.prod(sizes)), sizes)
        expected = np.array(self.tasks)[task], configuration, seed
        found = [self.rows[key].to_numpy() for key in KEYS]
        if not all(map(np.array_equal, found, expected)):
            wanted = "{} tasks x {} configurations x {} seeds".format(*sizes)
            raise UserError(f"table: its {len(self.rows)} rows are not {wanted}, each once and in order; make it again")

    @property
    def tasks(self) -> list[str]:
        """Names of its tasks."""
        return list(self.description["tasks"])

    @property
    def seeds(self) -> int:
        """Trainings of each configuration on each task."""
        return self.description["seeds"]

    @cached_property
    def space(self) -> Space:
        """What was enumerated."""
        return space_of(self.description)

    def scores(self, task: str, measure: str) -> np.ndarray:
        """One measure of all trainings on a task, shape (configurations, seeds)."""
        if task not in self._scores:
            raise UserError(f"table: has no task {task!r}; take one of {', '.join(self.tasks)}")
        return self._scores[task][:, :, MEASURES.index(measure)]

    def truth(self, task: str, measure: str = "test") -> np.ndarray:
        """The true value of each configuration on a task: the mean of its trainings, shape (configurations,)."""
        return self.scores(task, measure).mean(axis=1)

    def noise(self, task: str, measure: str = "test") -> float:
        """Standard deviation of one training about its configuration's mean; NaN from one seed."""
        scores = self.scores(task, measure)
        return float(np.sqrt(scores.var(axis=1, ddof=1).mean())) if self.seeds > 1 else float("nan")

    def number(self, configuration: Configuration) -> int:
        """The number of a configuration."""
        return self.space.number(self.space.encode(configuration))

    @cached_property
    def _scores(self) -> dict[str, np.ndarray]:
        shape = len(self.tasks), self.space.size, self.seeds, len(MEASURES)
        return dict(zip(self.tasks, self.rows[list(MEASURES)].to_numpy(float).reshape(shape), strict=True))


def space_of(facts: Mapping) -> Space:
    """The space that a table's description, or the settings of a study, has as JSON values."""
    return Space(tuple(Decision(name, tuple(choices)) for name, choices in facts["space"].items()))
