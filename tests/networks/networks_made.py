"""A tiny network, and images that it can tell apart."""

import torch
from torch import nn

from tnas_bench.config import Recipe
from tnas_bench.device import generator, seeded
from tnas_bench.images import ImageSet


def tiny(seed=0):
    with seeded("test", seed):
        return nn.Sequential(
            nn.Conv2d(3, 4, 3, stride=4, bias=False),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(4, 2),
        )


def images(count, name="train"):
    """Noise; red ones are of class 1, blue ones of class 0."""
    rng = generator("test", name)
    labels = torch.randint(0, 2, (count,), generator=rng)
    pixels = torch.randint(0, 100, (count, 3, 32, 32), generator=rng, dtype=torch.uint8)
    pixels[range(count), 2 - 2 * labels] += 120
    return ImageSet(pixels, labels, 2, "cifar10")


def recipe(**changes):
    return Recipe(**{"epochs": {"cifar10": 2}, "batch_size": 8, "learning_rate": 0.01} | changes)
