"""Depthwise convolution, whose gradients are fast on a CPU too: cells spend most of their training in them.

There torch takes three to ten times as long for the gradient of large or dilated kernels as for the convolution.
"""

import numpy as np
import torch
from numba import njit
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx, once_differentiable
from torch.nn.functional import conv2d


class Depthwise(nn.Conv2d):
    """Each channel convolved with a kernel of its own: shape (n, channels, h, w) to the same shape, no bias."""

    def __init__(self, channels: int, kernel: int, dilation: int = 1):
        reach = dilation * (kernel // 2)
        super().__init__(channels, channels, kernel, padding=reach, dilation=dilation, groups=channels, bias=False)

    def forward(self, inputs: Tensor) -> Tensor:
        small = self.kernel_size == (3, 3) and self.dilation == (1, 1)
        if small or inputs.device.type != "cpu":  # for these torch has fast kernels
            return super().forward(inputs)
        with torch.autocast("cpu", enabled=False):  # in bfloat16 they take longer
            return _OnCpu.apply(inputs.to(self.weight.dtype), self.weight, self.dilation[0])


class _OnCpu(torch.autograd.Function):
    @staticmethod
    def forward(context: FunctionCtx, inputs: Tensor, weight: Tensor, dilation: int) -> Tensor:
        context.save_for_backward(inputs, weight)
        context.dilation = dilation
        return _convolve(inputs, weight, dilation)

    @staticmethod
    @once_differentiable
    def backward(context: FunctionCtx, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        (inputs, weight), dilation = context.saved_tensors, context.dilation
        of_inputs = of_weight = None
        if context.needs_input_grad[0]:
            of_inputs = _convolve(gradient, weight.flip(2, 3), dilation)
        if context.needs_input_grad[1]:
            sums = _correlate(_channels_last(inputs), _channels_last(gradient), weight.shape[-1], dilation)
            of_weight = torch.from_numpy(sums).sum(0).permute(2, 0, 1).unsqueeze(1)
        return of_inputs, of_weight, None


def _convolve(inputs: Tensor, weight: Tensor, dilation: int) -> Tensor:
    reach = dilation * (weight.shape[-1] // 2)
    return conv2d(inputs, weight, padding=reach, dilation=dilation, groups=len(weight))


def _channels_last(images: Tensor) -> np.ndarray:
    """Shape (n, h, w, channels), contiguous."""
    return images.permute(0, 2, 3, 1).contiguous().numpy()


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _correlate(inputs, gradients, kernel, dilation):
    """Gradients of the kernels by image, shape (n, kernel, kernel, channels); of arrays (n, h, w, channels).

    A tap sums over rows before it sums over columns, so that the innermost loop is over whole rows of all channels.
    """
    images, height, width, channels = inputs.shape
    reach = kernel // 2
    inputs, gradients = inputs.reshape(images, height, -1), gradients.reshape(images, height, -1)
    sums = np.zeros((images, kernel, kernel, channels), inputs.dtype)
    for image in range(images):
        for i in range(kernel):
            down = (i - reach) * dilation
            for j in range(kernel):
                across = (j - reach) * dilation
                first, last = max(0, -across) * channels, min(width, width - across) * channels
                row = np.zeros(max(0, last - first), inputs.dtype)
                for y in range(max(0, -down), min(height, height - down)):
                    into, out = inputs[image, y + down, first + across * channels :], gradients[image, y, first:last]
                    for place in range(len(row)):
                        row[place] += into[place] * out[place]
                for start in range(0, len(row), channels):
                    for channel in range(channels):
                        sums[image, i, j, channel] += row[start + channel]
    return sums
