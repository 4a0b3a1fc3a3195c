"""Proximal Adagrad against TensorFlow's own operations, dense and sparse: the kernels and the operators."""

import numpy as np
import pytest
import tensorflow as tf
import torch

from tnas_bench.children import optimizer
from tnas_bench.children.plans import BagMatrix
from tnas_bench.modules.bags import Bags

REGULARISATIONS = [(0.0, 0.0), (0.05, 0.0), (0.0, 0.3), (0.05, 0.3), (1e4, 0.0), (0.0, 1e4)]
ROWS, WIDTH, TEXTS = 12, 4, 5


class Theirs:
    """TensorFlow's variable and accumulator."""

    def __init__(self, start, l1, l2):
        self.weights, self.sums = tf.Variable(start), tf.Variable(np.full_like(start, 0.1))
        self.settings = {"var": self.weights.handle, "accum": self.sums.handle, "lr": 0.2, "l1": l1, "l2": l2}

    def agree(self, weights, sums):
        np.testing.assert_allclose(weights, self.weights.numpy(), rtol=0, atol=1e-6)
        np.testing.assert_allclose(sums, self.sums.numpy(), rtol=1e-6)


def ours(start, l1, l2):
    rates = optimizer.Rates.columns(torch.zeros(1), [0.2], [l1], [l2])
    return torch.from_numpy(start.copy()), torch.full(start.shape, optimizer.ACCUMULATOR_START), rates


@pytest.mark.parametrize(("l1", "l2"), REGULARISATIONS)
@pytest.mark.parametrize("train", [optimizer.train_all, optimizer.by_operators_])
def test_dense_steps(train, l1, l2):
    rng = np.random.default_rng(0)
    start = rng.normal(size=(1, ROWS)).astype(np.float32)
    theirs, (weights, sums, rates) = Theirs(start, l1, l2), ours(start, l1, l2)
    for _ in range(7):
        gradient = rng.normal(size=start.shape).astype(np.float32)
        tf.raw_ops.ResourceApplyProximalAdagrad(**theirs.settings, grad=gradient)
        train(weights, sums, torch.from_numpy(gradient), rates)
        theirs.agree(weights, sums)


@pytest.mark.parametrize(("l1", "l2"), REGULARISATIONS)
@pytest.mark.parametrize("train", [optimizer.train_rows, optimizer.train_rows_by_operators_])
def test_sparse_steps(train, l1, l2):
    rng = np.random.default_rng(0)
    start = rng.normal(size=(ROWS, WIDTH)).astype(np.float32)
    theirs, (table, sums, rates) = Theirs(start, l1, l2), ours(start, l1, l2)
    for _ in range(7):
        bags = rng.integers(0, 2, (TEXTS, ROWS)) * rng.uniform(0.5, 1, (TEXTS, ROWS)).astype(np.float32)
        gradient = rng.normal(size=(TEXTS, WIDTH)).astype(np.float32)
        touched = np.flatnonzero(bags.any(axis=0))
        row_gradients = (bags.T @ gradient)[touched]
        tf.raw_ops.ResourceSparseApplyProximalAdagrad(**theirs.settings, grad=row_gradients, indices=touched)
        train(table, sums, one_step(bags), torch.from_numpy(gradient), rates)
        theirs.agree(table, sums)


def one_step(weights):
    """The step in which one child reads all texts once; ``weights``: (texts, rows), 0 where a text lacks a row."""
    texts, rows = weights.nonzero()
    offsets = np.concatenate([[0], np.cumsum((weights > 0).sum(axis=1))])
    bags = Bags(offsets, rows, weights[texts, rows].astype(np.float32))
    (step,) = BagMatrix(bags, ROWS, torch.device("cpu"), torch.float32).plan(np.arange(TEXTS)[None, None])
    return step


@pytest.mark.parametrize("children", [1, 3])
def test_kernels_equal_operators_for_several_children(children):
    rng = np.random.default_rng(1)
    weights, gradients = (torch.from_numpy(rng.normal(size=(children, 50))) for _ in range(2))
    rates = optimizer.Rates.columns(weights, *(list(rng.uniform(0.01, 1, children)) for _ in range(3)))
    results = []
    for train in (optimizer.train_all, optimizer.by_operators_):
        result, sums = weights.clone(), torch.full_like(weights, 0.1)
        train(result, sums, gradients, rates)
        results.append(torch.cat([result, sums]))
    torch.testing.assert_close(*results, rtol=1e-12, atol=0)
