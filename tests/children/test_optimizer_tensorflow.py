"""Proximal Adagrad against TensorFlow's own operations, dense and sparse."""

import numpy as np
import pytest
import torch

from tnas_bench.children.optimizer import Rates, proximal_adagrad_

tf = pytest.importorskip("tensorflow")
REGULARISATIONS = [(0.0, 0.0), (0.05, 0.0), (0.0, 0.3), (0.05, 0.3), (1e4, 0.0), (0.0, 1e4)]


def column(value):
    return torch.tensor([[value]]) if value else None


@pytest.mark.parametrize(("l1", "l2"), REGULARISATIONS)
@pytest.mark.parametrize("sparse", [False, True])
def test_several_steps_equal_tensorflow(l1, l2, sparse):
    rng = np.random.default_rng(0)
    start = rng.normal(size=(12, 4)).astype(np.float32)
    variable, accumulator = tf.Variable(start), tf.Variable(np.full_like(start, 0.1))
    weights, sums = torch.from_numpy(start.copy()), torch.full((12, 4), 0.1)
    rates = Rates(torch.tensor([[0.2]]), column(l1), column(l2))
    for _ in range(7):
        rows = np.sort(rng.choice(12, 5, replace=False)) if sparse else np.arange(12)
        gradient = rng.normal(size=(len(rows), 4)).astype(np.float32)
        handles = {"var": variable.handle, "accum": accumulator.handle, "lr": 0.2, "l1": l1, "l2": l2}
        if sparse:
            tf.raw_ops.ResourceSparseApplyProximalAdagrad(**handles, grad=gradient, indices=rows)
        else:
            tf.raw_ops.ResourceApplyProximalAdagrad(**handles, grad=gradient)
        touched, touched_sums = weights[rows], sums[rows]
        proximal_adagrad_(touched, touched_sums, torch.from_numpy(gradient), rates)
        weights[rows], sums[rows] = touched, touched_sums
        np.testing.assert_allclose(weights, variable.numpy(), rtol=0, atol=1e-6)
        np.testing.assert_allclose(sums, accumulator.numpy(), rtol=1e-6)
