"""Kernels of Proximal Adagrad for the CPU: torch's operators, one after the other, would move the same memory many
times. See :mod:`tnas_bench.children.optimizer` for what they compute; arrays are contiguous.

They are written for the compiler's vector units: rows as arrays of their own, no branch in a loop over columns, and
constants of the arrays' type, since a Python number would make every operation double.
"""

import math

import numpy as np
from numba import njit

compiled = njit(cache=True, error_model="numpy")


@njit(inline="always", error_model="numpy")
def step_row(weights, totals, gradients, learning, l1, l2):
    """One row of weights and of sums of squared gradients, in place."""
    one = weights.dtype.type(1)
    zero = one - one
    for place in range(len(weights)):
        total = totals[place] + gradients[place] * gradients[place]
        totals[place] = total
        adapted = learning / np.sqrt(total)
        weight = weights[place] - adapted * gradients[place]
        left = abs(weight) - adapted * l1
        left = left if left > zero else left * zero  # a product, so that what is not a number stays so
        weights[place] = math.copysign(left, weight) / (adapted * l2 + one)


@compiled
def train_all(weights, totals, gradients, learning, l1, l2):
    """All weights (children, parameters); ``learning``, ``l1``, ``l2``: (children,)."""
    for child in range(len(weights)):
        step_row(weights[child], totals[child], gradients[child], learning[child], l1[child], l2[child])


@compiled
def train_rows(table, totals, touched, children, starts, texts, factors, gradients, learning, l1, l2):
    """The touched rows of a table (rows, width), each read and written once.

    ``touched``, ``children``, ``starts``: (touched rows,), the row, its child and its first entry; ``texts``,
    ``factors``: (entries,); ``gradients``: (texts, width). A row's gradient sums those of its texts times the factors.
    """
    width = table.shape[1]
    row_gradient = np.empty(width, table.dtype)
    for place in range(len(touched)):
        first, end = starts[place], starts[place + 1] if place + 1 < len(starts) else len(texts)
        factor, gradient = factors[first], gradients[texts[first]]  # a touched row has an entry at least
        for column in range(width):
            row_gradient[column] = factor * gradient[column]
        for entry in range(first + 1, end):
            factor, gradient = factors[entry], gradients[texts[entry]]
            for column in range(width):
                row_gradient[column] += factor * gradient[column]
        row, child = touched[place], children[place]
        step_row(table[row], totals[row], row_gradient, learning[child], l1[child], l2[child])
