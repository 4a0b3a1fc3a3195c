"""Kernels for the CPU, where operators of libraries, one after the other, would move the same memory many times.

They do the arithmetic of :mod:`tnas_bench.children.optimizer`, Proximal Adagrad, and sort the entries of
:mod:`tnas_bench.children.plans`; arrays are contiguous. Those of Adagrad are written for the compiler's vector units:
rows as arrays of their own, no branch in a loop over columns, and constants of the arrays' type, since a Python number
would make every operation double.
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


@compiled
def transpose(offsets, rows, weights, size, batch):
    """The entries of some lines, sorted by batch, row and line: by counting, a batch at a time.

    Line i holds the entries from ``offsets[i]`` to ``offsets[i + 1]``; rows are below ``size``, and ``batch`` lines are
    a batch. Returned: the rows that each batch touches, (touched rows,), their number, (batches,), and the first entry
    of each; of the sorted entries the lines and weights, (entries,).
    """
    lines = len(offsets) - 1
    sorted_lines, sorted_weights = np.empty(len(rows), np.int32), np.empty_like(weights)
    touched, starts = np.empty(len(rows), np.int32), np.empty(len(rows), np.int32)
    counts = np.zeros(lines // batch, np.int64)
    places = np.zeros(size, np.int32)  # of a row: how many entries the batch has, then where the next one goes
    total = 0
    for number in range(len(counts)):
        first, end = number * batch, (number + 1) * batch
        for entry in range(offsets[first], offsets[end]):
            places[rows[entry]] += 1
        before, place = total, offsets[first]
        for row in range(size):
            entries = places[row]
            if entries:
                touched[total], starts[total], places[row] = row, place, place
                place += entries
                total += 1
        for line in range(first, end):
            for entry in range(offsets[line], offsets[line + 1]):
                row = rows[entry]
                sorted_lines[places[row]], sorted_weights[places[row]] = line, weights[entry]
                places[row] += 1
        places[touched[before:total]] = 0
        counts[number] = total - before
    return touched[:total], counts, starts[:total], sorted_lines, sorted_weights
