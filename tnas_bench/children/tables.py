"""Tables: the rows that a tower looks up, trained where they are touched and nowhere else."""

from collections.abc import Hashable, Iterable, Mapping
from itertools import repeat

import numpy as np
import torch
from torch import Tensor

from tnas_bench.children.optimizer import ACCUMULATOR_START, Rates, train_rows
from tnas_bench.children.plans import BagMatrix, Step


class Table:
    """The stacked tables of a group of children, (children * size, width), with their Adagrad accumulators.

    A step updates and shrinks the rows it touched, as TensorFlow's sparse operations do: what no text of the batch
    reads stays as it is.
    """

    def __init__(self, rows: Tensor, size: int):
        self.rows, self.size = rows, size
        self.accumulators = torch.full_like(rows, ACCUMULATOR_START)

    def plan(self, bags: BagMatrix, texts: np.ndarray) -> Iterable[Step]:
        """The steps that read ``texts`` (int64, (steps, children, batch)), for :meth:`forward` and :meth:`train`."""
        return bags.plan(texts)

    def forward(self, step: Step) -> Tensor:
        """The sum of each text of the step, (children * batch, width)."""
        return step.texts.sums(self.rows)

    def train(self, step: Step, gradient: Tensor, rates: Rates) -> None:
        """Update the touched rows, given the gradient of the sums, (children, batch, width)."""
        train_rows(self.rows, self.accumulators, step, gradient.flatten(0, 1), rates)

    def sums(self, bags: BagMatrix, texts: np.ndarray) -> Tensor:
        """The sums of ``texts`` (int64, (texts,)) under the table of each child, (children, texts, width)."""
        lookup = bags.lookup(texts)
        return torch.stack([lookup.sums(table) for table in self.rows.split(self.size)])


class FrozenTable:
    """A table that is never trained: the sums of all texts are known, and a step is those of its texts.

    Likewise of images: their features under a module as it came.
    """

    def __init__(self, sums: Mapping[Hashable, Tensor], children: int):
        self.known, self.children = sums, children

    def plan(self, bags: Hashable, texts: np.ndarray) -> Iterable[Tensor]:
        known = self.known[bags]
        return (known.index_select(0, step) for step in torch.from_numpy(texts).to(known.device).flatten(1))

    def forward(self, step: Tensor) -> Tensor:
        return step

    def train(self, step: Tensor, gradient: None, rates: Rates) -> None:
        """Nothing to do."""

    def sums(self, bags: Hashable, texts: np.ndarray) -> Tensor:
        known = self.known[bags]
        return known[torch.from_numpy(texts).to(known.device)].expand(self.children, -1, -1)


class NoTable:
    """The wide towers of a space that has none: they add nothing to the logits."""

    def __init__(self, like: Tensor, classes: int, children: int):
        self.nothing, self.children = like.new_zeros(1, classes), children

    def plan(self, bags: None, texts: np.ndarray) -> Iterable[int]:
        """The number of lines of each step."""
        return repeat(texts[0].size, len(texts))

    def forward(self, lines: int) -> Tensor:
        return self.nothing.expand(lines, -1)

    def train(self, lines: int, gradient: Tensor, rates: Rates) -> None:
        """Nothing to do."""

    def sums(self, bags: None, texts: np.ndarray) -> Tensor:
        return self.nothing.expand(self.children, len(texts), -1)
