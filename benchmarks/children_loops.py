"""The alternatives of ``children.py``: the loops that one writes with autograd, for the same child."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tnas_bench.children.data import TextData
from tnas_bench.children.group import order
from tnas_bench.children.plans import Lookup
from tnas_bench.spaces import Configuration

ACTIVATIONS = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "leaky_relu": lambda: nn.LeakyReLU(0.2),
    "swish": nn.SiLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
}
NORMALISATIONS = {"batch": nn.BatchNorm1d, "layer": nn.LayerNorm}


def tower(configuration: Configuration, dimension: int, classes: int) -> nn.Sequential:
    """The hidden layers and the output layer."""
    layers = []
    for _ in range(configuration["hidden_layers"]):
        layers.append(nn.Linear(dimension, configuration["hidden_size"]))
        dimension = configuration["hidden_size"]
        if configuration["normalisation"] != "none":
            layers.append(NORMALISATIONS[configuration["normalisation"]](dimension))
        layers.append(ACTIVATIONS[configuration["activation"]]())
        if configuration["dropout"]:
            layers.append(nn.Dropout(configuration["dropout"]))
    return nn.Sequential(*layers, nn.Linear(dimension, classes))


class ProximalAdagrad:
    """A tower's optimizer: multi-tensor operations on dense gradients, touched rows alone on sparse ones."""

    def __init__(self, parameters: Iterable[nn.Parameter], rate: float, l1: float, l2: float):
        self.parameters = list(parameters)
        self.accumulators = [torch.full_like(parameter, 0.1) for parameter in self.parameters]
        self.rate, self.l1, self.l2 = rate, l1, l2

    @torch.no_grad()
    def step(self) -> None:
        dense = [pair for pair in zip(self.parameters, self.accumulators, strict=True) if not pair[0].grad.is_sparse]
        if dense:
            parameters, accumulators = map(list, zip(*dense, strict=True))
            self._update(parameters, accumulators, [parameter.grad for parameter in parameters])
        for parameter, accumulator in zip(self.parameters, self.accumulators, strict=True):
            if parameter.grad.is_sparse:
                gradient = parameter.grad.coalesce()
                rows = gradient.indices()[0]
                weights, sums = parameter.index_select(0, rows), accumulator.index_select(0, rows)
                self._update([weights], [sums], [gradient.values()])
                parameter.index_copy_(0, rows, weights)
                accumulator.index_copy_(0, rows, sums)
            parameter.grad = None

    def _update(self, weights: list[Tensor], accumulators: list[Tensor], gradients: list[Tensor]) -> None:
        torch._foreach_addcmul_(accumulators, gradients, gradients)
        rates = torch._foreach_rsqrt(accumulators)
        torch._foreach_mul_(rates, self.rate)
        torch._foreach_addcmul_(weights, rates, gradients, -1)
        if self.l1:
            for weight, threshold in zip(weights, torch._foreach_mul(rates, self.l1), strict=True):
                weight.sub_(weight.clamp(-threshold, threshold))
        if self.l2:
            torch._foreach_mul_(rates, self.l2)
            torch._foreach_add_(rates, 1)
            torch._foreach_div_(weights, rates)


class Loop:
    """One child with autograd. ``words``: rows of the full table of the plain loop; None for the tuned loop."""

    def __init__(self, data: TextData, configuration: Configuration, seed: int, words: int | None = None):
        torch.manual_seed(seed)
        self.data, self.fine_tune, self.sparse = data, configuration["fine_tune"], words is None
        size, dimension = data.table.shape
        table = data.table if words is None else torch.cat([data.table, torch.zeros(max(words - size, 0), dimension)])
        self.table = nn.EmbeddingBag.from_pretrained(
            table.clone(), freeze=not self.fine_tune, mode="sum", sparse=self.sparse
        )
        self.wide = nn.EmbeddingBag(data.wide_size, data.classes, mode="sum", sparse=self.sparse)
        nn.init.zeros_(self.wide.weight)  # its last row is the bias, as in our tables
        self.tower = tower(configuration, dimension, data.classes)
        deep = [*self.tower.parameters(), *(self.table.parameters() if self.fine_tune else ())]
        self.optimizers = (
            ProximalAdagrad(deep, configuration["deep_learning_rate"], 0, configuration["deep_regularisation"]),
            ProximalAdagrad(
                self.wide.parameters(), configuration["wide_learning_rate"], configuration["wide_regularisation"], 0
            ),
        )
        self.order = order(seed, len(data.train), configuration["training_steps"])

    def train(self) -> None:
        """Every training step."""
        for texts in self.order:
            self._step(texts, torch.from_numpy(texts))

    def _step(self, texts: np.ndarray, numbers: Tensor) -> None:
        split = self.data.train
        if self.sparse and not self.fine_tune:
            known = self.data.frozen_sums[split.deep].index_select(0, numbers)
        else:
            known = looked_up(self.table, split.deep.lookup(texts))
        logits = self.tower(known) + looked_up(self.wide, split.wide.lookup(texts))
        functional.cross_entropy(logits, split.labels[numbers]).backward()
        for optimizer in self.optimizers:
            optimizer.step()


def looked_up(table: nn.EmbeddingBag, bags: Lookup) -> Tensor:
    return table(bags.rows, bags.starts, bags.weights)
