"""Proximal Adagrad (Duchi and Singer 2009; Duchi et al. 2011), the optimizer of every child [paper A, section 4.1].

The arithmetic is that of TensorFlow's ``ResourceApplyProximalAdagrad``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

ACCUMULATOR_START = 0.1  # TensorFlow's default


@dataclass(frozen=True)
class Rates:
    """Learning rate and regularisation as columns, (children, 1), that broadcast over weights; None: no such term."""

    learning: Tensor
    l1: Tensor | None = None
    l2: Tensor | None = None

    @classmethod
    def columns(cls, like: Tensor, learning: Sequence[float], l1: Sequence[float] = (), l2: Sequence[float] = ()):
        """Columns of the device and type of ``like``; a term that is 0 for every child is left out."""
        learning, l1, l2 = (like.new_tensor(values).view(-1, 1) for values in (learning, l1, l2))
        return cls(learning, l1 if l1.any() else None, l2 if l2.any() else None)

    def of(self, children: Tensor) -> "Rates":
        """The values of the given children (int32, any number of them), (len(children), 1)."""
        if len(self.learning) == 1:
            return self  # it broadcasts
        return self._map(lambda column: column.index_select(0, children))

    def first(self, children: int) -> "Rates":
        """The values of the first children."""
        return self._map(lambda column: column[:children])

    def _map(self, pick: Callable[[Tensor], Tensor]) -> "Rates":
        return Rates(*(None if column is None else pick(column) for column in (self.learning, self.l1, self.l2)))


def proximal_adagrad_(weights: Tensor, accumulators: Tensor, gradients: Tensor, rates: Rates) -> None:
    """One step, in place, with a = learning rate / sqrt(sum of g^2).

    v = w - a g, then w = sign(v) max(|v| - a l1, 0) / (1 + a l2): the closed form of the proximal problem.
    """
    accumulators.addcmul_(gradients, gradients)
    adapted = torch.rsqrt(accumulators).mul_(rates.learning)
    weights.addcmul_(adapted, gradients, value=-1)
    if rates.l1 is not None:
        threshold = adapted * rates.l1
        weights.sub_(weights.clamp(-threshold, threshold))
    if rates.l2 is not None:
        weights.div_(adapted.mul_(rates.l2).add_(1))
