"""A group: children of one shape that train together, each from its own seed, exactly as each would alone."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from tnas_bench.children.data import Examples, TextData
from tnas_bench.children.images import ImageData
from tnas_bench.children.optimizer import ACCUMULATOR_START, Rates, train_all
from tnas_bench.children.shapes import Shape
from tnas_bench.children.towers import Tower, initial, layout
from tnas_bench.seeds import stream
from tnas_bench.spaces import Configuration

BATCH = 100  # paper, section 4.1
BATCHES_PLANNED = 32  # at once: few enough to stay in the processor's cache


def order(seed: int, texts: int, steps: int) -> np.ndarray:
    """The texts of every batch, (steps, BATCH): a fresh permutation an epoch, one after the other, cut into batches.

    So a batch may run across the border of two epochs, and then holds a text twice at most where texts >= BATCH.
    """
    rng = stream(seed, "order")
    epochs = -(-steps * BATCH // texts)
    permutations = [rng.permutation(texts).astype(np.int32) for _ in range(epochs)]
    return np.concatenate(permutations)[: steps * BATCH].reshape(steps, BATCH)


class Group:
    """Children of one shape on one task, in the order of their training steps, longest first."""

    def __init__(self, data: TextData | ImageData, configurations: Sequence[Configuration], seeds: Sequence[int]):
        self.data, self.shape, self.configurations = data, Shape.of(configurations[0]), configurations
        self.steps = self._column("training_steps")
        self.orders = [order(seed, len(data.train), steps) for seed, steps in zip(seeds, self.steps, strict=True)]
        self.masks = [stream(seed, "dropout") for seed in seeds]
        self.deep_rates, self.wide_rates = self._rates("deep", penalty="l2"), self._rates("wide", penalty="l1")
        self._initialise(data.like, seeds)

    def _rates(self, tower: str, penalty: str) -> Rates:
        """Those of one tower; zeros where the data have no such tower."""
        none = [0.0] * len(self.configurations)
        chosen = dict.fromkeys(("learning", "l1", "l2"), none)
        if tower in self.data.towers:
            chosen["learning"] = self._column(f"{tower}_learning_rate")
            chosen[penalty] = self._column(f"{tower}_regularisation")
        return Rates.columns(self.data.like, **chosen)

    def _initialise(self, like: Tensor, seeds: Sequence[int]) -> None:
        """All that trains, of the device and type of ``like``."""
        children, shape = len(seeds), self.shape
        self.layout = layout(shape, self.data.dimension, self.data.classes)
        dense = np.stack([initial(self.layout, stream(seed, "weights")) for seed in seeds])
        self.dense = torch.from_numpy(dense).to(like)  # (children, parameters), laid out by self.layout
        self.gradients = torch.zeros_like(self.dense)
        self.accumulators = torch.full_like(self.dense, ACCUMULATOR_START)
        self.running = like.new_zeros(shape.hidden_layers, 2, children, 1, shape.hidden_size)  # mean and variance
        self.running[:, 1] = 1
        self.embeddings, self.wide = self.data.embeddings(shape.fine_tune, children), self.data.wide(children)

    @torch.inference_mode()
    def train(self) -> None:
        """Train every child for its number of steps; those that are done leave the batch."""
        planned = max(1, BATCHES_PLANNED // len(self.steps))
        edges = sorted({*range(0, self.steps[0], planned), *self.steps})
        for first, last in pairwise(edges):
            self._train_steps(first, last, active=sum(steps >= last for steps in self.steps))

    def _train_steps(self, first: int, last: int, active: int) -> None:
        split, tower = self.data.train, self._tower(active)
        deep_rates, wide_rates = self.deep_rates.of(slice(active)), self.wide_rates.of(slice(active))
        dense, gradients, accumulators = self.dense[:active], self.gradients[:active], self.accumulators[:active]
        texts = np.stack([order[first:last] for order in self.orders[:active]], axis=1)
        labels = split.labels[torch.from_numpy(texts).to(split.labels.device)]
        plans = self.embeddings.plan(split.deep, texts), self.wide.plan(split.wide, texts)
        for deep_step, wide_step, right in zip(*plans, labels, strict=True):
            hidden = self.embeddings.forward(deep_step).view(active, BATCH, -1)
            logits = tower.forward(hidden, training=True) + self.wide.forward(wide_step).view(active, BATCH, -1)
            gradient = cross_entropy_gradient(logits, right)
            self.wide.train(wide_step, gradient, wide_rates)
            self.embeddings.train(deep_step, tower.backward(gradient), deep_rates)
            train_all(dense, accumulators, gradients, deep_rates)

    def _tower(self, active: int) -> Tower:
        rates, masks = self._column("dropout")[:active], self.masks[:active]
        buffers = self.dense[:active], self.gradients[:active], self.running[:, :, :active]
        return Tower(self.shape, self.layout, *buffers, rates, masks)

    @torch.inference_mode()
    def correct(self, split: Examples) -> Tensor:
        """Whether each child is right on each row: bool, (children, rows). It is wrong where logits are not finite."""
        return torch.cat([self._correct(split, texts) for texts in split.chunks()], dim=1)

    def _correct(self, split: Examples, texts: np.ndarray) -> Tensor:
        logits = self.logits(split, texts)
        return (logits.argmax(2) == split.labels[texts[0] : texts[-1] + 1]) & logits.isfinite().all(2)

    def logits(self, split: Examples, texts: np.ndarray) -> Tensor:
        """The logits of ``texts`` (int64, (texts,)) under each child: (children, texts, classes)."""
        deep = self._tower(len(self.steps)).forward(self.embeddings.sums(split.deep, texts), training=False)
        return deep + self.wide.sums(split.wide, texts)

    def _column(self, decision: str) -> list:
        return [configuration[decision] for configuration in self.configurations]


def accuracies(correct: Tensor) -> list[float]:
    """The accuracy of each child, from what :meth:`Group.correct` tells of some rows."""
    return (correct.sum(1, dtype=torch.float64) / correct.shape[1]).tolist()


def cross_entropy_gradient(logits: Tensor, labels: Tensor) -> Tensor:
    """The gradient of each child's mean cross-entropy with respect to its logits (children, texts, classes)."""
    gradient = torch.softmax(logits, 2)
    right = labels.unsqueeze(2)
    gradient.scatter_add_(2, right, gradient.new_full((), -1).expand(right.shape))
    return gradient.div_(labels.shape[1])
