"""The trainer of text children: scores configurations on prepared tasks, one group of one shape at a time."""

import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import torch

from tnas_bench.children import Score
from tnas_bench.children.data import TextData
from tnas_bench.children.group import Group
from tnas_bench.children.shapes import groups
from tnas_bench.modules import Module
from tnas_bench.modules.bags import Inputs
from tnas_bench.modules.inputs import embed, one_hot
from tnas_bench.spaces import Configuration
from tnas_bench.tasks import Task, load


class TextTrainer:
    """Trains children of ``tasks`` under ``modules``, both given by the folders they were prepared in.

    It is small when pickled: a process loads what it trains on, and keeps it.
    """

    def __init__(self, tasks: Mapping[str, Path], modules: Mapping[str, Path], device: str | None = None):
        self.tasks, self.modules = dict(tasks), dict(modules)
        self.device = device or ("cuda" if torch.cuda.is_available() else "cpu")

    def groups(self, configurations: Sequence[Configuration]) -> list[list[int]]:
        """Positions of the children that are trained together: a function of the configurations alone."""
        return groups(configurations)

    def train(self, configurations: Sequence[Configuration], task: str, seeds: Sequence[int]) -> list[Score]:
        """Train one child a configuration, each from its own seed, on the named task; scores in the order given."""
        scores: dict[int, Score] = {}
        for group in groups(configurations):
            longest_first = sorted(group, key=lambda position: -configurations[position]["training_steps"])
            chosen = [configurations[position] for position in longest_first]
            data = _data(self.tasks[task], self.modules[chosen[0]["module"]], self.device)
            of_group = _scores(data, chosen, [seeds[position] for position in longest_first])
            scores |= dict(zip(longest_first, of_group, strict=True))
        return [scores[position] for position in range(len(configurations))]


def _scores(data: TextData, configurations: Sequence[Configuration], seeds: Sequence[int]) -> list[Score]:
    """Train and evaluate one group; its seconds are shared out by training steps."""
    begin = time.perf_counter()
    with torch.no_grad():
        group = Group(data, configurations, seeds)
        group.train()
        accuracies = zip(group.accuracies(data.validation), group.accuracies(data.test), strict=True)
    elapsed = time.perf_counter() - begin
    steps = [configuration["training_steps"] for configuration in configurations]
    return [
        Score(validation, test, elapsed * share / sum(steps))
        for (validation, test), share in zip(accuracies, steps, strict=True)
    ]


# A study visits its tasks and modules at random: all of a pretraining study's are worth keeping.
@lru_cache(maxsize=128)
def _data(task: Path, module: Path, device: str) -> TextData:
    loaded = _task(task)
    labels = [split.labels for split in (loaded.train, loaded.validation, loaded.test)]
    deep = embed(Module.load(module), loaded)
    return TextData(deep, _wide(task), labels, len(loaded.classes), torch.device(device), torch.float32)


@lru_cache(maxsize=16)
def _task(folder: Path) -> Task:
    return load(folder)


@lru_cache(maxsize=16)
def _wide(task: Path) -> Inputs:
    return one_hot(_task(task))
