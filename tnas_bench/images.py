"""Images: the splits of an image task as tensors on the device, cut into batches there."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor
from torch.nn.functional import pad

from tnas_bench.device import device
from tnas_bench.tasks import Split, Task

SIDE = 32  # pixels
PADDING = 4  # of the random crop
# The authors' code: data sets whose channels are normalised (mean, deviation) and whose epochs are augmented.
STATISTICS = {"cifar10": ((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))}
AS_THEY_ARE = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))  # grey levels from 0 to 1
Batch = tuple[Tensor, Tensor]  # inputs, float32, shape (batch, 3, 32, 32), channels last; labels, int64, shape (batch,)


@dataclass(frozen=True)
class ImageSet:
    """Labelled images on the device: ``pixels`` uint8, shape (n, 3, 32, 32); ``labels`` int64, shape (n,)."""

    pixels: Tensor
    labels: Tensor
    classes: int
    dataset: str  # "mnist" | "cifar10": decides on preprocessing

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, count: int | None) -> "ImageSet":
        """The first so many images; None: all."""
        return replace(self, pixels=self.pixels[:count], labels=self.labels[:count])

    def batches(self, size: int) -> Iterator[Batch]:
        """All images in order, as they are; the last batch may be short."""
        for start in range(0, len(self), size):
            part = slice(start, start + size)
            yield self._normalised(self.pixels[part]), self.labels[part]

    def epoch(self, size: int, rng: torch.Generator, images: int | None = None) -> Iterator[Batch]:
        """``images`` (None: all) of the images in random order, each once, augmented as the data set wants.

        Batches are of ``size`` images or slightly fewer, and differ by one at most: batch norm meets no tiny last
        batch. All of an epoch is augmented by one gather on the device, so that no batch waits for the host.
        """
        order = torch.randperm(len(self), generator=rng)[:images].to(self.pixels.device)
        pixels, labels = self.pixels[order], self.labels[order]
        if self.dataset in STATISTICS:
            pixels = crop_and_flip(pixels, rng)
        steps = math.ceil(len(order) / size)
        for part, targets in zip(pixels.tensor_split(steps), labels.tensor_split(steps), strict=True):
            yield self._normalised(part), targets

    def _normalised(self, pixels: Tensor) -> Tensor:
        mean, deviation = self._statistics
        return (pixels.to(torch.float32, memory_format=torch.channels_last) / 255).sub_(mean).div_(deviation)

    @cached_property
    def _statistics(self) -> Tensor:
        """Mean and deviation of the channels, shape (2, 3, 1, 1): put on the device once, not for each batch."""
        return torch.tensor(STATISTICS.get(self.dataset, AS_THEY_ARE), device=self.pixels.device).view(2, 3, 1, 1)


def image_set(task: Task, *names: str) -> ImageSet:
    """The named splits of a task, joined in that order, on the device."""
    splits: list[Split] = [getattr(task, name) for name in names]
    pixels = torch.cat([torch.from_numpy(split.inputs) for split in splits])
    labels = torch.cat([torch.from_numpy(split.labels) for split in splits])
    return ImageSet(pixels.to(device()), labels.to(device()), len(task.classes), task.dataset)


def crop_and_flip(pixels: Tensor, rng: torch.Generator) -> Tensor:
    """Crop each image at random from itself padded with zeros by 4, and flip it left to right with probability 1/2.

    ``pixels``: shape (n, channels, 32, 32); the result has the same. A source index of its own for each pixel makes
    this one gather; of the random numbers, three an image come from the host.
    """
    count, channels, height, width = pixels.shape
    down, right = torch.randint(0, 2 * PADDING + 1, (2, count, 1), generator=rng).to(pixels.device)
    flip = torch.randint(0, 2, (count, 1), generator=rng).to(pixels.device, torch.bool)
    rows, columns = (torch.arange(side, device=pixels.device) for side in (height, width))
    rows, columns = down + rows, right + torch.where(flip, columns.flip(0), columns)
    source = rows.unsqueeze(2) * (width + 2 * PADDING) + columns.unsqueeze(1)  # shape (n, 32, 32), in the padded image
    padded = pad(pixels, (PADDING,) * 4).flatten(2)
    index = source.flatten(1).unsqueeze(1).expand(-1, channels, -1)
    return padded.gather(2, index).view_as(pixels)
