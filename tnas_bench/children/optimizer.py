"""Proximal Adagrad (Duchi and Singer 2009; Duchi et al. 2011), the optimizer of every child [paper A, section 4.1].

One step with the gradient g, where a = learning rate / sqrt(sum of g^2):

    v = w - a g, then w = sign(v) max(|v| - a l1, 0) / (1 + a l2): the closed form of the proximal problem.

The arithmetic is that of TensorFlow's ``ResourceApplyProximalAdagrad``. On the CPU the kernels do it in one pass over
memory; the operators that they stand for follow here, for every other device.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from tnas_bench.children import kernels
from tnas_bench.children.plans import Step

ACCUMULATOR_START = 0.1  # TensorFlow's default


@dataclass(frozen=True)
class Rates:
    """Learning rate and regularisation, a column (children, 1) each."""

    learning: Tensor
    l1: Tensor
    l2: Tensor

    @classmethod
    def columns(cls, like: Tensor, learning: Sequence[float], l1: Sequence[float], l2: Sequence[float]) -> "Rates":
        """Columns of the device and type of ``like``."""
        return cls(*(like.new_tensor(values).view(-1, 1) for values in (learning, l1, l2)))

    @cached_property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """All three as the kernels take them, (children,)."""
        return _arrays(self.learning.view(-1), self.l1.view(-1), self.l2.view(-1))

    def of(self, children: Tensor | slice) -> "Rates":
        """The values of some children."""
        return Rates(self.learning[children], self.l1[children], self.l2[children])


def train_all(weights: Tensor, accumulators: Tensor, gradients: Tensor, rates: Rates) -> None:
    """One step on all weights, in place; all three of the shape (children, parameters)."""
    if weights.device.type == "cpu":
        kernels.train_all(*_arrays(weights, accumulators, gradients), *rates.arrays)
    else:
        by_operators_(weights, accumulators, gradients, rates)


def train_rows(table: Tensor, accumulators: Tensor, step: Step, gradient: Tensor, rates: Rates) -> None:
    """One step, in place, on the rows of ``table`` (rows, width) that ``step`` touched, and on no others.

    ``gradient``: that of the sums of the step's texts, (texts, width).
    """
    if table.device.type == "cpu":
        back = step.gradients
        lookup = (step.touched, step.children, back.starts, back.rows, back.weights)
        kernels.train_rows(*_arrays(table, accumulators, *lookup, gradient), *rates.arrays)
    else:
        train_rows_by_operators_(table, accumulators, step, gradient, rates)


def by_operators_(weights: Tensor, accumulators: Tensor, gradients: Tensor, rates: Rates) -> None:
    """:func:`train_all`, operator by operator; ``rates`` may have a row a row of the weights, too."""
    accumulators.addcmul_(gradients, gradients)
    adapted = torch.rsqrt(accumulators).mul_(rates.learning)
    weights.addcmul_(adapted, gradients, value=-1)
    threshold = adapted * rates.l1
    weights.sub_(weights.clamp(-threshold, threshold)).div_(adapted.mul_(rates.l2).add_(1))


def train_rows_by_operators_(table: Tensor, accumulators: Tensor, step: Step, gradient: Tensor, rates: Rates) -> None:
    """:func:`train_rows`, operator by operator: gather the rows, step, put them back."""
    touched = step.touched.long()
    rows, sums = table.index_select(0, touched), accumulators.index_select(0, touched)
    by_operators_(rows, sums, step.gradients.sums(gradient), rates.of(step.children.long()))
    table.index_copy_(0, touched, rows)
    accumulators.index_copy_(0, touched, sums)


def _arrays(*tensors: Tensor) -> tuple[np.ndarray, ...]:
    return tuple(tensor.numpy() for tensor in tensors)
