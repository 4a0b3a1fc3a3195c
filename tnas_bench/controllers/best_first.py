"""Transfer without learning: what was best on other tasks is tried first."""

from collections.abc import Iterable
from itertools import chain, zip_longest

from tnas_bench.controllers.random_search import RandomSearch
from tnas_bench.seeds import stream
from tnas_bench.spaces import Actions, Space

Recalled = tuple[str, Actions, float]  # task, actions, reward


class BestFirst(RandomSearch):
    """Proposes the best configurations of finished studies, in turns between their tasks; then as random search."""

    def __init__(self, space: Space, seed: int):
        super().__init__(space, seed)
        self.recalled: list[Recalled] = []
        self.waiting: list[Actions] = []

    def recall(self, trials: Iterable[Recalled]) -> None:
        """Take note of the trials of a finished study, in their order."""
        self.recalled += trials

    def transfer(self, seed: int) -> None:
        """Start anew on a new task: with what was recalled, and a random stream of its own."""
        self.rng = stream(seed, "controller", "sampling")
        self.waiting = best_first(self.recalled)

    def ask(self, task: str) -> Actions:
        """The next of the best; uniformly random actions when all were proposed."""
        return self.waiting.pop(0) if self.waiting else super().ask(task)


def best_first(trials: Iterable[Recalled]) -> list[Actions]:
    """Each configuration once: the best of each task, then the second best of each, and so on.

    Tasks are in order of their first trials; of equal rewards the earlier trial is the better.
    """
    by_task: dict[str, list[tuple[Actions, float]]] = {}
    for task, actions, reward in trials:
        by_task.setdefault(task, []).append((tuple(actions), reward))
    return distinct(actions for actions in chain(*zip_longest(*map(ranking, by_task.values()))) if actions is not None)


def ranking(trials: Iterable[tuple[Actions, float]]) -> list[Actions]:
    """The configurations of one task, the best first."""
    return distinct(actions for actions, _ in sorted(trials, key=lambda trial: -trial[1]))


def distinct(actions: Iterable[Actions]) -> list[Actions]:
    """Repeats left out."""
    return list(dict.fromkeys(actions))
