"""Relaxation: candidate cells trained as one network, whose output is a weighted sum of theirs (LD-NAS, equation 4).

Weights of the candidates' networks and coefficients alpha are trained in turn, the others frozen (section 3.3).
Logits of several candidates have the shape (candidates, n, classes).
"""

import math
from collections.abc import Iterable, Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from tnas_bench.cells import Cell
from tnas_bench.cells.network import CellNetwork, network
from tnas_bench.cells.search import Problem
from tnas_bench.config import FuseSettings, SearchSettings
from tnas_bench.device import autocast, device, generator, seeded
from tnas_bench.images import Batch, ImageSet
from tnas_bench.networks.training import renew_statistics

INFERENCE_BATCH = 250  # images: activations stay in a processor's cache; no result depends on it
COEFFICIENT_BATCH = 1000  # images of a step of the coefficients (authors' code)


def candidate(problem: Problem, cell: Cell, *names: object) -> CellNetwork:
    """The network in which a cell is compared, its weights drawn from the problem's stream of these names.

    Convolutions are Xavier-uniform, as in the authors' code; the rest starts as PyTorch has it.
    """
    with seeded(problem.name, problem.seed, "weights", *names):
        made = network(problem.settings.skeleton, cell, problem.train.classes, searching=True)
        for module in made.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.xavier_uniform_(module.weight)
    return made.to(device(), memory_format=torch.channels_last)


def epochs(problem: Problem, count: int, *names: object) -> Iterator[Batch]:
    """Batches of so many epochs of the training images, in an order from the problem's stream of these names."""
    settings, rng = problem.settings, generator(problem.name, problem.seed, "batches", *names)
    for _ in range(count):
        yield from problem.train.epoch(settings.batch_size, rng, settings.images)


def relaxed(alphas: Tensor, logits: Tensor) -> Tensor:
    """Equation 4: the sum of the candidates' logits, weighted by softmax(alpha); shape (n, classes)."""
    return torch.tensordot(alphas.softmax(0), logits, 1)


def train_weights(
    networks: Sequence[nn.Module], alphas: Tensor, batches: Iterable[Batch], settings: SearchSettings
) -> tuple[float, int]:
    """Descend the loss of the relaxed output, alphas frozen: one step a batch.

    One Adam serves all networks, for it treats each weight by itself. Returns the mean loss of the steps, and how many
    images went through the networks, counted once for each.
    """
    weights = [weight for each in networks for weight in each.train().parameters()]
    adam = torch.optim.Adam(weights, lr=settings.learning_rate, fused=True)
    losses, images = [], 0
    for inputs, labels in batches:
        with autocast(settings.precision):
            logits = torch.stack([each(inputs) for each in networks])
        loss = cross_entropy(relaxed(alphas.detach(), logits.float()), labels)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.detach())
        images += len(networks) * len(labels)
    return torch.stack(losses).mean().item(), images


def predict(networks: Sequence[nn.Module], images: ImageSet, precision: str) -> Tensor:
    """Logits of all images by each network, in eval mode; float32, shape (candidates, n, classes)."""
    for each in networks:
        each.eval()
    with torch.no_grad(), autocast(precision):
        parts = [torch.stack([each(inputs) for each in networks]) for inputs, _ in images.batches(INFERENCE_BATCH)]
    return torch.cat(parts, dim=1).float()


def compare(networks: Sequence[nn.Module], problem: Problem) -> tuple[Tensor, int]:
    """:func:`predict` on the images that cells are compared on, and how many images went forward for it.

    Where the settings want it, batch norm's statistics are taken anew before: after a few dozen steps, those that
    training left tell of the initial weights.
    """
    settings, images = problem.settings, problem.train.first(problem.settings.statistics_images or 0)
    for each in networks:
        renew_statistics(each, images, settings.precision)
    logits = predict(networks, problem.compared, settings.precision)
    return logits, len(networks) * (len(images) + len(problem.compared))


def train_coefficients(alphas: Tensor, logits: Tensor, labels: Tensor, settings: FuseSettings) -> float:
    """Descend the loss of the relaxed output, the networks frozen: their logits stay the same, so they are given.

    Changes ``alphas`` in place; returns the loss that they end with.
    """
    adam = torch.optim.Adam([alphas], lr=settings.coefficient_rate)
    count = math.ceil(len(labels) / COEFFICIENT_BATCH)  # nearly equal: a short batch would weigh as much as the others
    batches = list(zip(logits.tensor_split(count, 1), labels.tensor_split(count), strict=True))
    for _ in range(settings.coefficient_epochs):
        for part, truth in batches:
            adam.zero_grad()
            cross_entropy(relaxed(alphas, part), truth).backward()
            adam.step()
    with torch.no_grad():
        return cross_entropy(relaxed(alphas, logits), labels).item()
