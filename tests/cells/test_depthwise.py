import pytest
import torch
from torch.nn.functional import conv2d

from tnas_bench.cells.depthwise import Depthwise
from tnas_bench.device import seeded

SHAPES = [(3, 1, 7, 7), (5, 1, 7, 6), (7, 1, 9, 4), (3, 2, 7, 5), (5, 2, 8, 8), (5, 2, 3, 3), (7, 1, 1, 2)]


def made(kernel, dilation, height, width, dtype=torch.float64):
    with seeded("test", "depthwise"):
        convolution = Depthwise(3, kernel, dilation).to(dtype)
        return convolution, torch.randn(2, 3, height, width, dtype=dtype, requires_grad=True)


@pytest.mark.parametrize("shape", SHAPES)
def test_gradients_are_those_of_finite_differences(shape):
    convolution, inputs = made(*shape)
    assert torch.autograd.gradcheck(lambda inputs, _: convolution(inputs), (inputs, convolution.weight))


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("shape", SHAPES)
def test_output_and_gradients_are_those_of_torch(shape, layout):
    convolution, inputs = made(*shape, torch.float32)
    images = inputs.detach().to(memory_format=layout).requires_grad_()
    kernel, dilation = shape[:2]
    plain = conv2d(images, convolution.weight, padding=dilation * (kernel // 2), dilation=dilation, groups=3)
    outputs = convolution(images), plain
    torch.testing.assert_close(*outputs)
    ours, theirs = (torch.autograd.grad(output.sin().sum(), (images, convolution.weight)) for output in outputs)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_images_that_need_no_gradient_and_frozen_weights():
    convolution, inputs = made(5, 1, 6, 6)
    convolution(inputs.detach()).sum().backward()
    assert inputs.grad is None and convolution.weight.grad.abs().min() > 0
    convolution.weight.requires_grad_(False)
    convolution(inputs).sum().backward()
    assert inputs.grad.abs().min() > 0


def test_autocast_changes_neither_outputs_nor_gradients():
    convolution, inputs = made(5, 1, 6, 6, torch.float32)
    rounded = inputs.detach().bfloat16().requires_grad_()  # as the layer before leaves it
    plain = convolution(rounded.float())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = convolution(rounded)
        assert found.dtype == torch.float32
    torch.testing.assert_close(found, plain, rtol=0, atol=0)
    of_found, of_plain = (torch.autograd.grad(out.sin().sum(), convolution.weight) for out in (found, plain))
    torch.testing.assert_close(of_found, of_plain, rtol=0, atol=0)
