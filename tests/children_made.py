"""A small made-up task: bags of random rows, and labels that depend on them."""

import numpy as np
import torch

from tnas_bench.children.data import TextData
from tnas_bench.modules.bags import Bags, Inputs

CLASSES = 3
SPLITS = ("train", "validation", "test")
CONFIGURATION = {
    "module": "module",
    "fine_tune": True,
    "hidden_layers": 2,
    "hidden_size": 8,
    "activation": "relu",
    "normalisation": "none",
    "dropout": 0.0,
    "deep_learning_rate": 0.1,
    "deep_regularisation": 1e-3,
    "wide_learning_rate": 0.03,
    "wide_regularisation": 1e-2,
    "training_steps": 20,
}


class Made:
    """Inputs of both towers and labels; texts of 0 to 7 rows, so some are empty."""

    def __init__(self, texts=(150, 40, 50), size=60, dimension=5, seed=0):
        rng = np.random.default_rng(seed)
        table = rng.normal(size=(size, dimension)).astype(np.float32)
        self.deep = Inputs(size, table, *(self._bags(rng, count, size) for count in texts))
        self.wide = Inputs(size + 9, None, *(self._bags(rng, count, size + 9) for count in texts))
        self.labels = [rng.integers(CLASSES, size=count) for count in texts]
        for bags, labels in zip((self.wide.train, self.wide.validation, self.wide.test), self.labels, strict=True):
            known = np.flatnonzero(np.diff(bags.offsets))[::2]  # texts with rows, every other one
            labels[known] = bags.rows[bags.offsets[known]] % CLASSES

    @staticmethod
    def _bags(rng, count, size):
        texts = [np.sort(rng.choice(size, rng.integers(8), replace=False)) for _ in range(count)]
        rows = np.concatenate(texts)
        return Bags(np.cumsum([0, *map(len, texts)]), rows, rng.uniform(0.2, 1, len(rows)).astype(np.float32))

    def data(self, dtype=torch.float64):
        return TextData(self.deep, self.wide, self.labels, CLASSES, torch.device("cpu"), dtype)
