import copy
from math import log

import numpy as np
import pytest
import torch
from search_made import FUSE, SETTINGS, coloured, problem
from torch import nn
from torch.nn.functional import cross_entropy

from tnas_bench.cells import Cell
from tnas_bench.cells.relaxation import candidate, compare, epochs, predict, relaxed, train_coefficients, train_weights

CELLS = [
    Cell(("skip_connect", "none", "sep_conv_3x3", "max_pool_3x3", "none", "skip_connect")),
    Cell(("dil_conv_3x3", "conv_7x1_1x7", "none", "skip_connect", "avg_pool_3x3", "skip_connect")),
]


@pytest.fixture
def networks():
    return [candidate(problem(), cell, number) for number, cell in enumerate(CELLS)]


def weights(networks):
    """Copies of all parameters and running statistics."""
    return [value.clone() for each in networks for value in each.state_dict().values()]


def same(first, second):
    return [torch.equal(one, other) for one, other in zip(first, second, strict=True)]


def test_equation_4_by_hand():
    alphas = torch.tensor([log(3.0), 0.0])  # softmax: 3/4 and 1/4
    logits = torch.tensor([[[4.0, 0.0], [8.0, -4.0]], [[0.0, 8.0], [-8.0, 4.0]]])
    assert torch.allclose(relaxed(alphas, logits), torch.tensor([[3.0, 2.0], [4.0, -2.0]]))


def test_cached_logits_give_the_gradient_that_goes_through_the_networks(networks):
    images = coloured(16, 5)
    cached, through = (torch.tensor([0.3, -0.2], requires_grad=True) for _ in range(2))
    cross_entropy(relaxed(cached, predict(networks, images, "float32")), images.labels).backward()
    shares = torch.exp(through) / torch.exp(through).sum()
    inputs, labels = next(images.batches(16))
    cross_entropy(sum(s * net.eval()(inputs) for s, net in zip(shares, networks, strict=True)), labels).backward()
    assert torch.allclose(cached.grad, through.grad, rtol=1e-5)
    assert through.grad.abs().min() > 1e-3


def numpy_adam(alphas, logits, labels, rate, batches, rounds):
    """Adam (Kingma and Ba 2015, algorithm 1) on equation 4; gradient by hand: mean over n of a_i (p - y)(z_i - z)."""
    first = second = np.zeros_like(alphas)
    step = 0
    for _ in range(rounds):
        for part in batches:
            z, y = logits[:, part], np.eye(logits.shape[2])[labels[part]]
            shares = np.exp(alphas) / np.exp(alphas).sum()
            mixed = np.einsum("i,inc->nc", shares, z)
            p = np.exp(mixed) / np.exp(mixed).sum(1, keepdims=True)
            gradient = shares * np.einsum("nc,inc->i", p - y, z - mixed) / len(y)
            step += 1
            first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
            alphas = alphas - rate * first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return alphas


def test_coefficients_take_the_steps_of_adam_written_in_numpy():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(3, 1500, 4)), rng.integers(0, 4, 1500)
    alphas = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    loss = train_coefficients(alphas, torch.tensor(logits), torch.tensor(labels), FUSE)
    expected = numpy_adam(np.zeros(3), logits, labels, 0.1, [slice(0, 750), slice(750, 1500)], 3)
    np.testing.assert_allclose(alphas.detach().numpy(), expected, rtol=1e-9)
    assert loss < cross_entropy(torch.tensor(logits).mean(0), torch.tensor(labels)).item()


def test_coefficients_prefer_the_candidate_that_knows():
    labels = torch.arange(200) % 4
    perfect = 4 * torch.eye(4)[labels]
    ignorant = 4 * torch.eye(4)[torch.randperm(200, generator=torch.Generator().manual_seed(0)) % 4]
    alphas = torch.zeros(2, requires_grad=True)
    train_coefficients(alphas, torch.stack([ignorant, perfect]), labels, FUSE)
    assert alphas[1] > 0.1 > -0.1 > alphas[0]


def test_each_is_frozen_while_the_other_is_trained(networks):
    made, alphas = problem(), torch.tensor([0.5, 0.0], requires_grad=True)
    before = weights(networks)
    train_weights(networks, alphas, epochs(made, 1, "test"), SETTINGS)
    trained = weights(networks)
    assert not any(same(before, trained))
    assert alphas.tolist() == [0.5, 0.0]
    logits = predict(networks, made.validation, "float32")
    train_coefficients(alphas, logits, made.validation.labels, FUSE)
    assert all(same(trained, weights(networks)))
    assert alphas.tolist() != [0.5, 0.0]


def test_weights_take_the_steps_of_an_adam_for_each_network():
    made, shares = problem(), (0.75, 0.25)
    ours, theirs = ([candidate(made, cell, i) for i, cell in enumerate(CELLS)] for _ in range(2))
    loss, images = train_weights(ours, torch.tensor([log(3.0), 0.0]), epochs(made, 2, "test"), SETTINGS)
    optimizers = [torch.optim.Adam(each.train().parameters(), lr=1e-3, fused=False) for each in theirs]
    losses = []
    for inputs, labels in epochs(made, 2, "test"):
        for optimizer in optimizers:
            optimizer.zero_grad()
        output = sum(share * each(inputs) for share, each in zip(shares, theirs, strict=True))
        loss_there = cross_entropy(output, labels)
        loss_there.backward()
        losses.append(loss_there.item())
        for optimizer in optimizers:
            optimizer.step()
    for one, other in zip(weights(ours), weights(theirs), strict=True):
        assert torch.allclose(one, other, rtol=1e-3, atol=1e-5)
    assert loss == pytest.approx(sum(losses) / 8, rel=1e-4)
    assert images == 2 * 2 * 32  # networks, epochs, images


def test_a_network_alone_is_itself(networks):
    logits = predict(networks[:1], coloured(8, 2), "float32")
    assert torch.equal(relaxed(torch.zeros(1), logits), logits[0])


def test_prediction_is_that_of_eval_mode_in_one_batch(networks):
    images = coloured(300, 3)  # more than a batch of inference
    inputs, _ = next(images.batches(300))
    with torch.no_grad():
        expected = torch.stack([each.eval()(inputs) for each in networks])
    for each in networks:
        each.train()
    assert torch.allclose(predict(networks, images, "float32"), expected, atol=1e-5)


@pytest.mark.parametrize("count", [None, 20])
def test_cells_are_compared_by_statistics_of_the_first_training_images(networks, count):
    made = problem(settings=SETTINGS.model_copy(update={"statistics_images": count}))
    networks = [each.train() for each in networks]
    train_weights(networks, torch.zeros(2), epochs(made, 1, "test"), SETTINGS)
    expected = copy.deepcopy(networks)
    if count:
        for norm in (each for network in expected for each in network.modules() if isinstance(each, nn.BatchNorm2d)):
            norm.momentum = 1  # after one batch, the statistics of that batch
        ((inputs, _),) = made.train.first(20).batches(20)
        with torch.no_grad():
            [each(inputs) for each in expected]
    logits, forward = compare(networks, made)
    torch.testing.assert_close(logits, predict(expected, made.compared, "float32"))
    assert forward == 2 * ((count or 0) + 16)


def test_convolutions_start_xavier_uniform():
    # Glorot and Bengio 2010, equation 16: within the bound, and filling it.
    made = problem(settings=SETTINGS.model_copy(update={"skeleton": SETTINGS.skeleton.model_copy(update={"cells": 4})}))
    network = candidate(made, Cell(("sep_conv_3x3",) * 6), 0)
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            height, width = module.kernel_size
            fan_in, fan_out = module.weight.shape[1] * height * width, module.weight.shape[0] * height * width
            bound = (6 / (fan_in + fan_out)) ** 0.5
            assert 0.5 * bound < module.weight.abs().max() <= bound
