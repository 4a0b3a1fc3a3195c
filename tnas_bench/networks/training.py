"""Training: a network by the recipe of the authors' code of LD-NAS, epoch by epoch, and how its accuracy is measured.

Adam with PyTorch's defaults and cross-entropy; no schedule, no weight decay. After few steps the running statistics of
batch norm lag behind the weights; where the recipe wants it, they are taken anew at the end (Wu and Johnson 2021,
Rethinking "Batch" in BatchNorm, section 3).
"""

import copy
import math

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.optim.swa_utils import update_bn

from tnas_bench.config import Recipe
from tnas_bench.device import autocast, device, generator
from tnas_bench.errors import UserError
from tnas_bench.images import ImageSet
from tnas_bench.networks import parameters

TEST_BATCH = 100  # images (the authors' code); decides on the accuracy by batch statistics


class Training:
    """Trains a network, in place, as the Work of ``journal.steps``: a step is an epoch.

    A record has ``epoch`` (from 1), ``loss`` and ``train_accuracy`` (means over the images of the epoch, augmented and
    in train mode) and ``images`` (their number). The last one has also ``test``, ``test_batch_statistics`` (fractions
    right) and ``parameters``: test images are not looked at before. ``names`` name the random streams.
    """

    def __init__(self, network: nn.Module, train: ImageSet, test: ImageSet, recipe: Recipe, names: tuple[object, ...]):
        if train.dataset not in recipe.epochs:
            raise UserError(f"no number of epochs for data set {train.dataset!r}: add it to 'epochs' of the recipe")
        self.network = network.to(device(), memory_format=torch.channels_last)
        self.optimizer = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate, fused=True)
        self.train, self.test, self.recipe, self.names = train, test, recipe, names

    @property
    def steps(self) -> int:
        """The epochs that the recipe has for the data set."""
        return self.recipe.epochs[self.train.dataset]

    def step(self, number: int) -> dict:
        """Train an epoch; its record. UserError if the loss is not finite."""
        record = {"epoch": number + 1, **self._epoch(number)}
        if number + 1 == self.steps:
            record |= self._result()
        return record

    def state(self) -> dict:
        """Weights, running statistics and the moments of Adam."""
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}

    def restore(self, state: dict) -> None:
        """Take up the state that :meth:`state` gave."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])

    def _epoch(self, number: int) -> dict:
        self.network.train()
        rng = generator(*self.names, "epoch", number)  # of its own, so that resuming is exact
        sums, images = torch.zeros(2, dtype=torch.float64, device=device()), 0  # of losses, and of images told right
        for inputs, labels in self.train.epoch(self.recipe.batch_size, rng, self.recipe.images):
            with autocast(self.recipe.precision):
                logits = self.network(inputs)
                losses = cross_entropy(logits, labels, reduction="none")
            self.optimizer.zero_grad()
            losses.mean().backward()
            self.optimizer.step()
            sums += torch.stack([losses.detach().sum(), (logits.argmax(1) == labels).sum()])
            images += len(labels)
        loss, right = (sums / images).tolist()
        if not math.isfinite(loss):
            name = " ".join(map(str, self.names))
            raise UserError(f"{name}: the loss is not finite after epoch {number + 1}; take a smaller learning_rate")
        return {"loss": loss, "train_accuracy": right, "images": images}

    def _result(self) -> dict:
        renew_statistics(self.network, self.train.first(self.recipe.statistics_images or 0), self.recipe.precision)
        measured = (self.network, self.test, self.recipe.precision)
        return {
            "test": accuracy(*measured),
            "test_batch_statistics": batch_statistics_accuracy(*measured),
            "parameters": parameters(self.network),
        }


def renew_statistics(network: nn.Module, images: ImageSet, precision: str) -> None:
    """Take batch norm's running statistics anew, as means over batches of these images; of none, they stay."""
    if len(images):
        with autocast(precision):
            update_bn(images.batches(TEST_BATCH), network)


def accuracy(network: nn.Module, images: ImageSet, precision: str = "float32") -> float:
    """Fraction of the images that the network, put in eval mode, tells right."""
    return _fraction_right(network.eval(), images, precision)


def batch_statistics_accuracy(network: nn.Module, images: ImageSet, precision: str = "float32") -> float:
    """As :func:`accuracy`, but batch norm takes mean and variance of each batch of 100 images: of test images, then.

    So do the authors' scripts, which leave the network in train mode. The running statistics stay as they are.
    """
    return _fraction_right(copy.deepcopy(network).train(), images, precision)


@torch.no_grad()
def _fraction_right(network: nn.Module, images: ImageSet, precision: str) -> float:
    right = torch.zeros((), dtype=torch.int64, device=images.labels.device)
    with autocast(precision):
        for inputs, labels in images.batches(TEST_BATCH):
            right += (network(inputs).argmax(1) == labels).sum()
    return right.item() / len(images)
