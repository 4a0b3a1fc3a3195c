"""Squares: sums over examples of squared per-example gradients, without the gradients in memory.

A weight of a linear map from ``i`` to ``o`` channels, applied at positions p, has for example n the gradient
G[n] = sum over p of x[n, p] g[n, p]^T, where x is the map's input and g the gradient of its output. Wanted is the sum
over n of the squares of G[n]. To write G out for each example would move far more memory than to compute it.
"""

import torch
from torch import Tensor

PAIRS = 4  # most positions for which multiplying out costs less than one product an example
CACHE = 2**18  # numbers that an inner loop may touch, so that they stay in a processor's cache


def sum_of_squares(inputs: Tensor, gradients: Tensor) -> Tensor:
    """Sum over n of (sum over p of inputs[n, p, i] gradients[n, p, o])^2, shape (i, o).

    ``inputs``: shape (n, *positions, i); ``gradients``: shape (n, *positions, o).
    """
    few = inputs[0, ..., 0].numel() <= PAIRS
    return (_multiplied_out if few else _one_by_one)(inputs, gradients)


def sum_of_squares_by_group(inputs: Tensor, gradients: Tensor) -> Tensor:
    """The same for maps side by side: (n, *positions, groups, i), (n, *positions, groups, o) -> (groups, i, o)."""
    each = torch.einsum("npgi,npgo->ngio", inputs.flatten(1, -3), gradients.flatten(1, -3))
    return each.square_().sum(0)


def _multiplied_out(inputs: Tensor, gradients: Tensor) -> Tensor:
    """(sum over p of x g)^2 = sum over p <= q of w x_p x_q g_p g_q, w = 1 or 2: one matrix product for all examples."""
    inputs, gradients = inputs.flatten(1, -2), gradients.flatten(1, -2)
    p, q = torch.triu_indices(inputs.shape[1], inputs.shape[1], device=inputs.device)
    weights = (2 - (p == q).to(inputs.dtype)).unsqueeze(1)
    left, right = inputs[:, p] * inputs[:, q] * weights, gradients[:, p] * gradients[:, q]
    squares = left.flatten(0, 1).T @ right.flatten(0, 1)
    return squares.clamp_(min=0)  # where positions cancel, rounding may leave less than nothing


def _one_by_one(inputs: Tensor, gradients: Tensor) -> Tensor:
    """Per-example gradients of a few examples at a time, squared while they are in the cache."""
    channels, outputs = inputs.shape[-1], gradients.shape[-1]
    positions = inputs[0, ..., 0].numel()
    total = inputs.new_zeros(channels, outputs)
    few = max(1, CACHE // max(channels * outputs, positions * (channels + outputs)))
    for x, g in zip(inputs.split(few), gradients.split(few), strict=True):
        each = torch.bmm(x.flatten(1, -2).mT, g.flatten(1, -2))
        if total.is_cuda:  # launches cost more than memory
            total += each.square_().sum(0)
        else:
            for gradient in each:
                total.addcmul_(gradient, gradient)
    return total
