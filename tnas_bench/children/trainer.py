"""The trainer of text children: loads tasks and modules where it trains, and trains group by group."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import torch

from tnas_bench import modules, tasks
from tnas_bench.children import Score
from tnas_bench.children.data import TextData
from tnas_bench.children.group import Group
from tnas_bench.children.shapes import groups
from tnas_bench.errors import UserError
from tnas_bench.modules.bags import Inputs
from tnas_bench.modules.inputs import embed, load, one_hot
from tnas_bench.spaces import Configuration
from tnas_bench.tasks import Task


@dataclass(frozen=True)
class TextTrainer:
    """Trains text children on prepared tasks under prepared modules, each given by name and folder.

    ``device`` as torch names it; None takes a GPU where there is one. Implements :class:`tnas_bench.children.Trainer`.
    """

    tasks: Mapping[str, Path]
    modules: Mapping[str, Path]
    device: str | None = None
    dtype: torch.dtype = torch.float32

    def groups(self, configurations: Sequence[Configuration]) -> list[list[int]]:
        """Positions of the children that are trained together: those of one shape, see :mod:`.shapes`."""
        return groups(self._trained(configurations))

    def train(self, configurations: Sequence[Configuration], task: str, seeds: Sequence[int]) -> list[Score]:
        """Train one child a configuration, each from its own seed; scores in the order given."""
        configurations = self._trained(configurations)
        scores: dict[int, Score] = {}
        for positions in groups(configurations):
            longest_first = sorted(positions, key=lambda position: -configurations[position]["training_steps"])
            chosen = [configurations[position] for position in longest_first]
            trained = self._train_group(chosen, task, [seeds[position] for position in longest_first])
            scores.update(zip(longest_first, trained, strict=True))
        return [scores[position] for position in range(len(configurations))]

    def prepare(self) -> None:
        """Compute, where it is not cached, what frozen encoders make of the tasks: before workers would wait for it."""
        for name in sorted(self.frozen):
            module = load(self.modules[name])
            for folder in self.tasks.values():
                embed(module, tasks.load(folder))

    @cached_property
    def frozen(self) -> frozenset[str]:
        """The modules that cannot be fine-tuned."""
        return frozenset(name for name, folder in self.modules.items() if not modules.card(folder).trainable)

    def _trained(self, configurations: Sequence[Configuration]) -> list[Configuration]:
        """What is trained: with a frozen module, fine_tune is without effect."""
        return [
            configuration | {"fine_tune": False} if configuration.get("module") in self.frozen else configuration
            for configuration in configurations
        ]

    def _train_group(self, configurations: list[Configuration], task: str, seeds: list[int]) -> list[Score]:
        """Scores of one group. Its time is divided in proportion to the training steps."""
        data = self._data(task, configurations[0]["module"])
        begin = time.perf_counter()
        group = Group(data, configurations, seeds)
        group.train()
        accuracies = zip(group.accuracies(data.validation), group.accuracies(data.test), strict=True)
        second = (time.perf_counter() - begin) / sum(group.steps)
        return [Score(*pair, second * steps) for pair, steps in zip(accuracies, group.steps, strict=True)]

    def _data(self, task: str, module: str) -> TextData:
        device = self.device or ("cuda" if torch.cuda.is_available() else "cpu")
        folders = _folder(self.tasks, "task", task), _folder(self.modules, "module", module)
        return _load(*folders, torch.device(device), self.dtype)


def _folder(folders: Mapping[str, Path], kind: str, name: str) -> Path:
    if name not in folders:
        raise UserError(f"unknown {kind} {name!r}: take one of {', '.join(folders)}")
    return folders[name]


# Kept for the life of a process: a multitask study comes back to each task and module every few children.
@lru_cache(maxsize=32)
def _load(task_folder: Path, module_folder: Path, device: torch.device, dtype: torch.dtype) -> TextData:
    task, wide = _load_task(task_folder)
    splits = {"train": task.train, "validation": task.validation, "test": task.test}
    for name, split in splits.items():
        if not len(split):
            raise UserError(f"{task_folder}: the {name} split has no rows; prepare the task with more rows")
    labels = [split.labels for split in splits.values()]
    return TextData(embed(load(module_folder), task), wide, labels, len(task.classes), device, dtype)


@lru_cache(maxsize=8)
def _load_task(folder: Path) -> tuple[Task, Inputs]:
    task = tasks.load(folder)
    return task, one_hot(task)
