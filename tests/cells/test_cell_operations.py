from functools import partial

import numpy as np
import pytest
import torch
from scipy.ndimage import correlate, maximum_filter
from scipy.signal import correlate2d

from tnas_bench.cells import OPERATIONS
from tnas_bench.cells.operations import make
from tnas_bench.device import seeded
from tnas_bench.errors import UserError
from tnas_bench.networks import parameters
from tnas_bench.seeds import stream

# Of the authors' code, with 3 channels; twice (9 + 3) * 3, (25 + 3) * 3, (49 + 3) * 3; once two of them; 14 * 3 * 3.
OF_THREE_CHANNELS = {
    "none": 0,
    "skip_connect": 0,
    "max_pool_3x3": 0,
    "avg_pool_3x3": 0,
    "sep_conv_3x3": 72,
    "sep_conv_5x5": 168,
    "sep_conv_7x7": 312,
    "dil_conv_3x3": 36,
    "dil_conv_5x5": 84,
    "conv_7x1_1x7": 126,
}
IMAGE = stream("test", "operations").normal(size=(2, 3, 8, 8))


def made(name):
    with seeded("test", name):
        return make(name, 3, affine=False).double()


def output(operation):
    return operation(torch.from_numpy(IMAGE)).detach().numpy()


def weights(operation):
    return [parameter.detach().numpy() for parameter in operation.parameters()]


def depthwise(images, kernels, dilation=1):
    """Each channel correlated with its own kernel, zeros around: by scipy."""
    size = kernels.shape[-1]
    dilated = np.zeros((len(kernels), *[dilation * (size - 1) + 1] * 2))
    dilated[:, ::dilation, ::dilation] = kernels[:, 0]
    channels = [[correlate(c, k, mode="constant") for c, k in zip(image, dilated, strict=True)] for image in images]
    return np.array(channels)


def normalised(images):
    """Batch norm without weights."""
    mean, variance = (statistic(images, axis=(0, 2, 3), keepdims=True) for statistic in (np.mean, np.var))
    return (images - mean) / np.sqrt(variance + 1e-5)


def separable(images, spatial, pointwise, dilation=1):
    mixed = np.einsum("oi,nihw->nohw", pointwise[:, :, 0, 0], depthwise(np.maximum(images, 0), spatial, dilation))
    return normalised(mixed)


def test_every_operation_has_an_expected_size():
    assert tuple(OF_THREE_CHANNELS) == OPERATIONS


@pytest.mark.parametrize("name", OPERATIONS)
def test_parameters_of_the_authors_code(name):
    assert parameters(make(name, 3, affine=False)) == OF_THREE_CHANNELS[name]


@pytest.mark.parametrize(("name", "norms"), [("sep_conv_5x5", 2), ("dil_conv_3x3", 1), ("conv_7x1_1x7", 1)])
def test_affine_batch_norm_adds_a_scale_and_a_shift_a_channel(name, norms):
    assert parameters(make(name, 3, affine=True)) == OF_THREE_CHANNELS[name] + norms * 2 * 3


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_keep_the_shape_and_leave_their_input_alone(name):
    before = IMAGE.copy()
    assert output(made(name)).shape == IMAGE.shape
    assert np.array_equal(IMAGE, before)


def test_none_gives_zeros_and_skip_connect_its_input():
    assert not output(made("none")).any()
    assert np.array_equal(output(made("skip_connect")), IMAGE)


def test_pools_by_scipy():
    window = (1, 1, 3, 3)
    expected = maximum_filter(IMAGE, size=window, mode="constant", cval=-np.inf)
    assert np.array_equal(output(made("max_pool_3x3")), expected)
    sums, counts = (correlate(values, np.ones(window), mode="constant") for values in (IMAGE, np.ones_like(IMAGE)))
    assert output(made("avg_pool_3x3")) == pytest.approx(sums / counts)  # 4 pixels in a corner, 6 at a rim, 9 within


@pytest.mark.parametrize("size", [3, 5, 7])
def test_separable_convolutions_apply_twice_by_scipy(size):
    operation = made(f"sep_conv_{size}x{size}")
    first, second = weights(operation)[:2], weights(operation)[2:]
    assert output(operation) == pytest.approx(separable(separable(IMAGE, *first), *second))


@pytest.mark.parametrize("size", [3, 5])
def test_dilated_convolutions_by_scipy(size):
    operation = made(f"dil_conv_{size}x{size}")
    assert output(operation) == pytest.approx(separable(IMAGE, *weights(operation), dilation=2))


def test_the_factorised_convolution_goes_along_rows_then_columns_by_scipy():
    operation = made("conv_7x1_1x7")
    images = np.maximum(IMAGE, 0)
    for kernels in weights(operation):
        each = [[map(partial(correlate2d, mode="same"), image, kernel) for kernel in kernels] for image in images]
        images = np.array([[sum(channels) for channels in image] for image in each])
    assert [kernels.shape for kernels in weights(operation)] == [(3, 3, 1, 7), (3, 3, 7, 1)]
    assert output(operation) == pytest.approx(normalised(images))


def test_an_unknown_operation_is_the_users_mistake():
    with pytest.raises(UserError, match="unknown operation 'conv_9x9' in a cell: take one of none, "):
        make("conv_9x9", 3, affine=False)
