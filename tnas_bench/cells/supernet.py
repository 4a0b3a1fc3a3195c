"""Supernet: all cells of a space in one network, and how DARTS and ENAS train its weights."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from tnas_bench.cells import choices
from tnas_bench.cells.network import CellNetwork
from tnas_bench.cells.search import Problem
from tnas_bench.device import device, seeded
from tnas_bench.images import Batch, ImageSet
from tnas_bench.spaces import Space

CLIP = 5.0  # norm that a gradient of the weights is cut to, in the authors' codes of both


def supernet(problem: Problem, search: str) -> CellNetwork:
    """The network that has every cell of the space in it, with weights that are new for a search."""
    with seeded(problem.name, problem.seed, search, "weights"):
        network = CellNetwork(problem.settings.skeleton, choices(problem.space), problem.train.classes, searching=True)
    return network.to(device(), memory_format=torch.channels_last)


def supernet_passes(space: Space, images: int) -> int:
    """Passes of so many images through all operations at once: as many cells as an edge has operations, on average."""
    sizes = [len(names) for names in choices(space)]
    return round(images * sum(sizes) / len(sizes))


def cosine(first: float, last: float, progress: float) -> float:
    """The learning rate at a progress of 0 to 1, from ``first`` down half a cosine to ``last``."""
    return last + (first - last) * (1 + math.cos(math.pi * progress)) / 2


def descend(loss: Tensor, optimizer: torch.optim.Optimizer, rate: float) -> None:
    """One clipped step of the weights; those that the loss does not depend on stay as they are."""
    [group] = optimizer.param_groups
    group["lr"] = rate
    optimizer.zero_grad()
    loss.backward()
    clip_grad_norm_(group["params"], CLIP)
    optimizer.step()


def endless(images: ImageSet, size: int, rng: torch.Generator, count: int | None) -> Iterator[Batch]:
    """Epoch after epoch of batches."""
    while True:
        yield from images.epoch(size, rng, count)
