"""One child in plain PyTorch: modules, autograd, a loop. Slow, and obviously what the paper says.

It shares with the package only the named random streams, whose use it spells out again.
"""

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from tnas_bench.seeds import stream

ACTIVATIONS = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "leaky_relu": lambda: nn.LeakyReLU(0.2),
    "swish": nn.SiLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
}


class Masks(nn.Module):
    """Inverted dropout with masks from the child's stream."""

    def __init__(self, rate, rng):
        super().__init__()
        self.rate, self.rng = rate, rng

    def forward(self, x):
        if not self.training:
            return x
        words = self.rng.bit_generator.random_raw(math.ceil(x.numel() / 4))
        bits = words.view(np.int16)[: x.numel()].astype(int) + 2**15  # 0 ... 65535
        keep = torch.from_numpy(bits >= round(self.rate * 2**16)).view(x.shape)
        return torch.where(keep, x / (1 - self.rate), torch.zeros(()).to(x))


def dense(inputs, outputs, rng):
    layer = nn.Linear(inputs, outputs, dtype=torch.float64)
    bound = math.sqrt(6 / (inputs + outputs))
    weight = rng.uniform(-bound, bound, (inputs, outputs))
    layer.weight.data = torch.from_numpy(weight.T.copy())
    layer.bias.data.zero_()
    return layer


class Oracle(nn.Module):
    def __init__(self, deep, wide, classes, configuration, seed):
        super().__init__()
        self.deep_bags, self.wide_bags, self.configuration, self.seed = deep, wide, configuration, seed
        weights, masks = stream(seed, "weights"), stream(seed, "dropout")
        self.table = nn.EmbeddingBag.from_pretrained(
            torch.from_numpy(deep.table).double(), freeze=not configuration["fine_tune"], mode="sum"
        )
        layers, units = [], deep.table.shape[1]
        for _ in range(configuration["hidden_layers"]):
            size = configuration["hidden_size"]
            layers.append(dense(units, size, weights))
            if configuration["normalisation"] == "batch":
                layers.append(nn.BatchNorm1d(size, dtype=torch.float64))
            if configuration["normalisation"] == "layer":
                layers.append(nn.LayerNorm(size, dtype=torch.float64))
            layers.append(ACTIVATIONS[configuration["activation"]]())
            if configuration["dropout"]:
                layers.append(Masks(configuration["dropout"], masks))
            units = size
        self.tower = nn.Sequential(*layers, dense(units, classes, weights))
        self.wide = nn.EmbeddingBag(wide.size, classes, mode="sum", dtype=torch.float64)
        self.wide.weight.data.zero_()
        self.wide_bias = nn.Parameter(torch.zeros(classes, dtype=torch.float64))
        self.accumulators = {id(p): torch.full_like(p, 0.1) for p in self.parameters()}

    def forward(self, split, texts):
        deep = bag(self.table, getattr(self.deep_bags, split), texts)
        wide = bag(self.wide, getattr(self.wide_bags, split), texts)
        return self.tower(deep) + wide + self.wide_bias

    def fit(self, labels):
        rng, texts = stream(self.seed, "order"), []
        for _ in range(self.configuration["training_steps"]):
            while len(texts) < 100:
                texts += rng.permutation(len(labels)).tolist()
            batch, texts = texts[:100], texts[100:]
            self.zero_grad()
            functional.cross_entropy(self("train", batch), torch.from_numpy(labels[batch])).backward()
            self.update(batch)
        return self.eval()

    def update(self, batch):
        configuration = self.configuration
        deep = configuration["deep_learning_rate"], 0.0, configuration["deep_regularisation"]
        wide = configuration["wide_learning_rate"], configuration["wide_regularisation"], 0.0
        for parameter in self.tower.parameters():
            self.proximal(parameter, slice(None), *deep)
        self.proximal(self.wide_bias, slice(None), *wide)
        self.proximal(self.wide.weight, touched(self.wide_bags.train, batch), *wide)
        if configuration["fine_tune"]:
            self.proximal(self.table.weight, touched(self.deep_bags.train, batch), *deep)

    def proximal(self, parameter, rows, rate, l1, l2):
        with torch.no_grad():
            accumulator, gradient = self.accumulators[id(parameter)], parameter.grad[rows]
            accumulator[rows] += gradient**2
            adapted = rate / accumulator[rows].sqrt()
            moved = parameter[rows] - adapted * gradient
            parameter[rows] = moved.sign() * (moved.abs() - adapted * l1).clamp(min=0) / (1 + adapted * l2)

    def accuracy(self, split, labels):
        with torch.no_grad():
            guesses = self(split, range(len(labels))).argmax(1)
        return (guesses.numpy() == labels).mean()


def bag(table, bags, texts):
    entries = [slice(bags.offsets[text], bags.offsets[text + 1]) for text in texts]
    rows = np.concatenate([bags.rows[entry] for entry in entries])
    weights = np.concatenate([bags.weights[entry] for entry in entries])
    starts = np.cumsum([0] + [entry.stop - entry.start for entry in entries])[:-1]
    return table(torch.from_numpy(rows), torch.from_numpy(starts), torch.from_numpy(weights).double())


def touched(bags, texts):
    return np.unique(np.concatenate([bags.rows[bags.offsets[text] : bags.offsets[text + 1]] for text in texts]))
