"""The trainers of text and of image children: they load tasks and modules where they train, and train by groups."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import torch

from tnas_bench import tasks
from tnas_bench.children import Score
from tnas_bench.children.data import TextData
from tnas_bench.children.group import Group
from tnas_bench.children.images import ImageData
from tnas_bench.children.shapes import IMAGES, TEXTS, Grouping, groups
from tnas_bench.errors import UserError
from tnas_bench.modules import Module
from tnas_bench.modules.bags import Inputs
from tnas_bench.modules.image import ImageModule
from tnas_bench.modules.image.features import image_features
from tnas_bench.modules.inputs import embed, one_hot
from tnas_bench.spaces import Configuration
from tnas_bench.tasks import Split, Task


@dataclass(frozen=True)
class TextTrainer:
    """Trains text children on prepared tasks under prepared modules, each given by name and folder.

    ``device`` as torch names it; None takes a GPU where there is one. Implements :class:`tnas_bench.children.Trainer`.
    """

    tasks: Mapping[str, Path]
    modules: Mapping[str, Path]
    device: str | None = None
    dtype: torch.dtype = torch.float32
    grouping: ClassVar[Grouping] = TEXTS

    def groups(self, configurations: Sequence[Configuration]) -> list[list[int]]:
        """Positions of the children that are trained together: those of one shape, see :mod:`.shapes`."""
        return groups(configurations, self.grouping)

    def train(self, configurations: Sequence[Configuration], task: str, seeds: Sequence[int]) -> list[Score]:
        """Train one child a configuration, each from its own seed; scores in the order given."""
        scores: dict[int, Score] = {}
        for positions in self.groups(configurations):
            longest_first = sorted(positions, key=lambda position: -configurations[position]["training_steps"])
            chosen = [configurations[position] for position in longest_first]
            trained = self._train_group(chosen, task, [seeds[position] for position in longest_first])
            scores.update(zip(longest_first, trained, strict=True))
        return [scores[position] for position in range(len(configurations))]

    def _train_group(self, configurations: list[Configuration], task: str, seeds: list[int]) -> list[Score]:
        """Scores of one group. Its time is divided in proportion to the training steps."""
        data = self._data(task, configurations[0]["module"])
        begin = time.perf_counter()
        group = Group(data, configurations, seeds)
        group.train()
        accuracies = zip(group.accuracies(data.validation), group.accuracies(data.test), strict=True)
        second = (time.perf_counter() - begin) / sum(group.steps)
        return [Score(*pair, second * steps) for pair, steps in zip(accuracies, group.steps, strict=True)]

    def _data(self, task: str, module: str) -> TextData | ImageData:
        device = self.device or ("cuda" if torch.cuda.is_available() else "cpu")
        folders = _folder(self.tasks, "task", task), _folder(self.modules, "module", module)
        return self._load(*folders, torch.device(device))

    def _load(self, task: Path, module: Path, device: torch.device) -> TextData | ImageData:
        return _load_texts(task, module, device, self.dtype)


class ImageTrainer(TextTrainer):
    """Trains image children in the same way: one tower on an image module, and no wide tower. Always in float32."""

    grouping: ClassVar[Grouping] = IMAGES

    def _load(self, task: Path, module: Path, device: torch.device) -> TextData | ImageData:
        return _load_images(task, module, device)


def _folder(folders: Mapping[str, Path], kind: str, name: str) -> Path:
    if name not in folders:
        raise UserError(f"unknown {kind} {name!r}: take one of {', '.join(folders)}")
    return folders[name]


# Kept for the life of a process: a multitask study comes back to each task and module every few children.
@lru_cache(maxsize=32)
def _load_texts(task_folder: Path, module_folder: Path, device: torch.device, dtype: torch.dtype) -> TextData:
    task, wide = _load_task(task_folder)
    labels = [split.labels for split in _splits(task, task_folder)]
    return TextData(embed(Module.load(module_folder), task), wide, labels, len(task.classes), device, dtype)


@lru_cache(maxsize=8)
def _load_task(folder: Path) -> tuple[Task, Inputs]:
    task = tasks.load(folder)
    return task, one_hot(task)


@lru_cache(maxsize=8)
def _load_images(task_folder: Path, module_folder: Path, device: torch.device) -> ImageData:
    task, module = tasks.load(task_folder), ImageModule.load(module_folder, device)
    splits = _splits(task, task_folder)
    known = [image_features(module, module_folder, split.inputs) for split in splits]
    examples = [(split.inputs, features, split.labels) for split, features in zip(splits, known, strict=True)]
    return ImageData(module, examples, len(task.classes))


def _splits(task: Task, folder: Path) -> list[Split]:
    """Training, validation and test split, none of them empty."""
    splits = {"train": task.train, "validation": task.validation, "test": task.test}
    for name, split in splits.items():
        if not len(split):
            raise UserError(f"{folder}: the {name} split has no rows; prepare the task with more rows")
    return list(splits.values())
