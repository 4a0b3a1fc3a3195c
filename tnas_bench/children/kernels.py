"""Kernels of Proximal Adagrad for the CPU: torch's operators, one after the other, would move the same memory many
times. See :mod:`tnas_bench.children.optimizer` for what they compute; arrays are contiguous.
"""

import math

import numpy as np
from numba import njit

compiled = njit(cache=True, error_model="numpy")


@compiled
def stepped(weight, total, gradient, learning, l1, l2, one):
    """The weight after a step; ``total``: the sum of squared gradients, this one included; ``one``: of their type."""
    adapted = learning / math.sqrt(total)
    weight -= adapted * gradient
    weight -= min(max(weight, -adapted * l1), adapted * l1)
    return weight / (adapted * l2 + one)


@compiled
def train_all(weights, accumulators, gradients, learning, l1, l2):
    """All weights (children, parameters); ``learning``, ``l1``, ``l2``: (children,)."""
    one = weights.dtype.type(1)
    for child in range(weights.shape[0]):
        for place in range(weights.shape[1]):
            gradient = gradients[child, place]
            total = accumulators[child, place] + gradient * gradient
            accumulators[child, place] = total
            weight = weights[child, place]
            weights[child, place] = stepped(weight, total, gradient, learning[child], l1[child], l2[child], one)


@compiled
def train_rows(table, accumulators, touched, children, starts, texts, factors, gradients, learning, l1, l2):
    """The touched rows of a table (rows, width), each read and written once.

    ``touched``, ``children``, ``starts``: (touched rows,), the row, its child and its first entry; ``texts``,
    ``factors``: (entries,); ``gradients``: (texts, width). A row's gradient sums those of its texts times the factors.
    """
    width, one = table.shape[1], table.dtype.type(1)
    row_gradient = np.empty(width, table.dtype)
    for place in range(len(touched)):
        row, child = touched[place], children[place]
        row_gradient[:] = 0
        for entry in range(starts[place], starts[place + 1] if place + 1 < len(starts) else len(texts)):
            factor = factors[entry]
            for column in range(width):
                row_gradient[column] += factor * gradients[texts[entry], column]
        for column in range(width):
            gradient = row_gradient[column]
            total = accumulators[row, column] + gradient * gradient
            accumulators[row, column] = total
            weight = table[row, column]
            table[row, column] = stepped(weight, total, gradient, learning[child], l1[child], l2[child], one)
