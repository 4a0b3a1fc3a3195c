"""The trainers of text and of image children: they load tasks and modules where they train, and train by groups."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import ClassVar

import torch

from tnas_bench import modules, tasks
from tnas_bench.children import Score
from tnas_bench.children.data import TextData
from tnas_bench.children.group import Group, accuracies
from tnas_bench.children.images import ImageData
from tnas_bench.children.shapes import IMAGES, TEXTS, Grouping, Shape, groups
from tnas_bench.device import clock, device
from tnas_bench.errors import UserError
from tnas_bench.modules.bags import Inputs
from tnas_bench.modules.image.module import ImageModule
from tnas_bench.modules.inputs import embed, load, one_hot
from tnas_bench.spaces import Configuration
from tnas_bench.tasks import Split, Task

# The largest groups that the GPU's memory holds, by task and shape, where it does not hold all: found out once in the
# life of a process.
FITTING: dict[tuple[str, Shape], int] = {}


@dataclass(frozen=True)
class GroupTrainer(ABC):
    """Trains children on prepared tasks under prepared modules, each given by name and folder.

    ``device`` as torch names it; None takes a GPU where there is one. Implements :class:`tnas_bench.children.Trainer`.
    """

    tasks: Mapping[str, Path]
    modules: Mapping[str, Path]
    device: str | None = None
    dtype: torch.dtype = torch.float32
    grouping: ClassVar[Grouping]
    frozen: ClassVar[frozenset[str]] = frozenset()  # the modules that cannot be fine-tuned

    @abstractmethod
    def prepare(self) -> None:
        """Compute, where it is not cached, what frozen modules make of the tasks: before workers would wait for it."""

    @abstractmethod
    def _load(self, task: Path, module: Path, device: torch.device) -> TextData | ImageData:
        """A task under a module, as a group reads it."""

    def groups(self, configurations: Sequence[Configuration]) -> list[list[int]]:
        """Positions of the children that are trained together: those of one shape, see :mod:`.shapes`."""
        return groups(self._trained(configurations), self.grouping)

    def train(self, configurations: Sequence[Configuration], task: str, seeds: Sequence[int]) -> list[Score]:
        """Train one child a configuration, each from its own seed; scores in the order given."""
        configurations = self._trained(configurations)
        scores: dict[int, Score] = {}
        for positions in groups(configurations, self.grouping):
            longest_first = sorted(positions, key=lambda position: -configurations[position]["training_steps"])
            chosen = [configurations[position] for position in longest_first]
            trained = self._train_fitting(chosen, task, [seeds[position] for position in longest_first])
            scores.update(zip(longest_first, trained, strict=True))
        return [scores[position] for position in range(len(configurations))]

    def _trained(self, configurations: Sequence[Configuration]) -> list[Configuration]:
        """What is trained: with a frozen module, fine_tune is without effect."""
        return [
            configuration | {"fine_tune": False} if configuration.get("module") in self.frozen else configuration
            for configuration in configurations
        ]

    def _train_fitting(self, configurations: list[Configuration], task: str, seeds: list[int]) -> list[Score]:
        """Scores of one group, which is halved until the GPU's memory holds it: no score depends on that."""
        key = task, Shape.of(configurations[0])
        fitting = FITTING.get(key, len(configurations))
        if fitting < len(configurations):
            parts = [slice(first, first + fitting) for first in range(0, len(seeds), fitting)]
            return [score for part in parts for score in self._train_fitting(configurations[part], task, seeds[part])]
        try:
            return self._train_group(configurations, task, seeds)
        except torch.OutOfMemoryError:
            if len(configurations) == 1:
                raise UserError(_too_large(*key)) from None
            FITTING[key] = (len(configurations) + 1) // 2
        torch.cuda.empty_cache()  # not in the handler above, whose exception holds on to the group
        return self._train_fitting(configurations, task, seeds)

    def _train_group(self, configurations: list[Configuration], task: str, seeds: list[int]) -> list[Score]:
        """Scores of one group. Its time is divided in proportion to the training steps."""
        data = self._data(task, configurations[0]["module"])
        began = clock()
        group = Group(data, configurations, seeds)
        group.train()
        validation, test = group.correct(data.validation), group.correct(data.test)
        scores = zip(*map(accuracies, (validation, validation[:, ::2], test)), strict=True)
        second = (clock() - began) / sum(group.steps)
        return [Score(*found, second * steps) for found, steps in zip(scores, group.steps, strict=True)]

    def _data(self, task: str, module: str) -> TextData | ImageData:
        folders = _folder(self.tasks, "task", task), _folder(self.modules, "module", module)
        return self._load(*folders, self._device)

    @property
    def _device(self) -> torch.device:
        return torch.device(self.device or device())


class TextTrainer(GroupTrainer):
    """Trains text children: a deep tower on a text module beside a wide one."""

    grouping: ClassVar[Grouping] = TEXTS

    @cached_property
    def frozen(self) -> frozenset[str]:
        """The modules that cannot be fine-tuned: encoders."""
        return frozenset(name for name, folder in self.modules.items() if not modules.card(folder).trainable)

    def prepare(self) -> None:
        """Encode the tasks with frozen encoders."""
        for name in sorted(self.frozen):
            module = load(self.modules[name])
            for folder in self.tasks.values():
                embed(module, tasks.load(folder))

    def _load(self, task: Path, module: Path, device: torch.device) -> TextData:
        return _load_texts(task, module, device, self.dtype)


class ImageTrainer(GroupTrainer):
    """Trains image children: one tower on an image module, no wide one; always in float32."""

    grouping: ClassVar[Grouping] = IMAGES

    def prepare(self) -> None:
        """Compute the features of all images under the modules as they came."""
        for module in self.modules.values():
            for task in self.tasks.values():
                _load_images(task, module, self._device)

    def _load(self, task: Path, module: Path, device: torch.device) -> ImageData:
        return _load_images(task, module, device)


def _too_large(task: str, shape: Shape) -> str:
    tuned = "fine-tuned" if shape.fine_tune else "frozen"
    child = f"a child on {shape.module} ({tuned}, {shape.hidden_layers} x {shape.hidden_size})"
    return f"{task}: {child} does not fit into the GPU's memory; take a larger GPU, or fewer processes on it"


def _folder(folders: Mapping[str, Path], kind: str, name: str) -> Path:
    if name not in folders:
        raise UserError(f"unknown {kind} {name!r}: take one of {', '.join(folders)}")
    return folders[name]


# Kept for the life of a process: a multitask study comes back to each task and module every few children.
@lru_cache(maxsize=32)
def _load_texts(task_folder: Path, module_folder: Path, device: torch.device, dtype: torch.dtype) -> TextData:
    task, wide = _load_task(task_folder)
    labels = [split.labels for split in _splits(task, task_folder)]
    return TextData(embed(load(module_folder), task), wide, labels, len(task.classes), device, dtype)


@lru_cache(maxsize=8)
def _load_task(folder: Path) -> tuple[Task, Inputs]:
    task = tasks.load(folder)
    return task, one_hot(task)


@lru_cache(maxsize=8)
def _load_images(task_folder: Path, module_folder: Path, device: torch.device) -> ImageData:
    task, module = tasks.load(task_folder), ImageModule.load(module_folder, device)
    splits = _splits(task, task_folder)
    examples = [(split.inputs, module.features(split.inputs), split.labels) for split in splits]
    return ImageData(module, examples, len(task.classes))


def _splits(task: Task, folder: Path) -> list[Split]:
    """Training, validation and test split, none of them empty."""
    splits = {"train": task.train, "validation": task.validation, "test": task.test}
    for name, split in splits.items():
        if not len(split):
            raise UserError(f"{folder}: the {name} split has no rows; prepare the task with more rows")
    return list(splits.values())
