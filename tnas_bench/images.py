"""Images: the splits of an image task as tensors on the device, cut into batches there."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from tnas_bench.device import device
from tnas_bench.tasks import Split, Task

SIDE = 32  # pixels
PADDING = 4  # of the random crop
# Preprocessing of the authors' code by data set: mean and deviation of the channels, and whether epochs are augmented.
STATISTICS = {"cifar10": ((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))}
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
        """``images`` (None: all) of the images in random order, augmented as the data set wants; no short batch.

        All of an epoch is augmented by one gather on the device, so that no batch waits for the host.
        """
        order = torch.randperm(len(self), generator=rng)[:images].to(self.pixels.device)
        pixels, labels = self.pixels[order], self.labels[order]
        if self.dataset in STATISTICS:
            pixels = crop_and_flip(pixels, rng)
        whole = max(len(order) // size, 1)
        for number in range(whole):
            part = slice(number * size, (number + 1) * size)
            yield self._normalised(pixels[part]), labels[part]

    def _normalised(self, pixels: Tensor) -> Tensor:
        inputs = pixels.to(torch.float32, memory_format=torch.channels_last) / 255
        if self.dataset not in STATISTICS:
            return inputs
        mean, deviation = (torch.tensor(each, device=pixels.device).view(3, 1, 1) for each in STATISTICS[self.dataset])
        return (inputs - mean) / deviation


def image_set(task: Task, *names: str) -> ImageSet:
    """The named splits of a task, joined in that order, on the device."""
    splits: list[Split] = [getattr(task, name) for name in names]
    pixels = torch.cat([torch.from_numpy(split.inputs) for split in splits])
    labels = torch.cat([torch.from_numpy(split.labels) for split in splits])
    return ImageSet(pixels.to(device()), labels.to(device()), len(task.classes), task.dataset)


def crop_and_flip(pixels: Tensor, rng: torch.Generator) -> Tensor:
    """Crop each image at random from itself padded with zeros by 4, and flip every other one left to right at random.

    ``pixels``: shape (n, channels, 32, 32); the result has the same. A source index of its own for each pixel makes
    this one gather.
    """
    count, channels, height, width = pixels.shape
    down, right = torch.randint(0, 2 * PADDING + 1, (2, count, 1), generator=rng)
    flip = torch.randint(0, 2, (count, 1), generator=rng).bool()
    rows, columns = down + torch.arange(height), torch.arange(width).expand(count, width)
    columns = right + torch.where(flip, width - 1 - columns, columns)
    source = rows.unsqueeze(2) * (width + 2 * PADDING) + columns.unsqueeze(1)  # shape (n, 32, 32), in the padded image
    padded = torch.nn.functional.pad(pixels, (PADDING,) * 4).flatten(2)
    index = source.flatten(1).to(pixels.device).unsqueeze(1).expand(-1, channels, -1)
    return padded.gather(2, index).view(count, channels, height, width)
