"""Layers: from a layer's input and the gradient of its output to the squared per-example gradients of its parameters.

Every function takes the layer, its ``inputs`` and the ``gradients`` of the summed loss by its outputs, examples first,
and returns the sums over the examples of the squared per-example gradients of ``weight`` and ``bias``.
"""

from collections.abc import Callable, Iterator, Mapping

import torch
from torch import Tensor, nn

from tnas_bench.errors import UserError
from tnas_bench.fisher.squares import sum_of_squares, sum_of_squares_by_group

Squares = Callable[[nn.Module, Tensor, Tensor], dict[str, Tensor]]


def linear(_: nn.Linear, inputs: Tensor, gradients: Tensor) -> dict[str, Tensor]:
    """Shapes (n, ..., i) and (n, ..., o)."""
    inputs, gradients = inputs.unsqueeze(1), gradients.unsqueeze(1)  # vectors are at one position
    return {"weight": sum_of_squares(inputs, gradients).T, "bias": _squared(gradients)}


def convolution(layer: nn.Conv2d, inputs: Tensor, gradients: Tensor) -> dict[str, Tensor]:
    """Shapes (n, i, height, width) and (n, o, height, width).

    At each place of the kernel a convolution is a linear map, applied at the positions where that place is not over
    the padding.
    """
    inputs, gradients = _channels_last(inputs).contiguous(), _channels_last(gradients).contiguous()
    outputs, channels, height, width = layer.weight.shape
    weight = inputs.new_empty(height, width, channels, outputs)
    for row, (above, below) in enumerate(_overlaps(layer, 0, inputs.shape[1], gradients.shape[1])):
        for column, (left, right) in enumerate(_overlaps(layer, 1, inputs.shape[2], gradients.shape[2])):
            x, g = inputs[:, above, left], gradients[:, below, right]
            if layer.groups == 1:
                weight[row, column] = sum_of_squares(x, g)
            else:
                x, g = (each.unflatten(-1, (layer.groups, -1)) for each in (x, g))
                weight[row, column] = sum_of_squares_by_group(x, g).movedim(0, 1).flatten(1)
    return {"weight": weight.permute(3, 2, 0, 1), "bias": _squared(gradients)}


def batch_norm(layer: nn.BatchNorm2d, inputs: Tensor, gradients: Tensor) -> dict[str, Tensor]:
    """Shapes (n, c, height, width); in eval mode, where examples are normalised by running statistics."""
    inputs, gradients = _channels_last(inputs), _channels_last(gradients)
    scale = torch.rsqrt(layer.running_var + layer.eps)
    return {"weight": _squared((inputs - layer.running_mean) * gradients) * scale**2, "bias": _squared(gradients)}


LAYERS: Mapping[type[nn.Module], Squares] = {
    nn.Linear: linear,
    nn.Conv2d: convolution,
    nn.BatchNorm2d: batch_norm,
}


def layers(network: nn.Module) -> Iterator[tuple[str, nn.Module, Squares]]:
    """Name, layer and function of all layers with parameters; UserError for a layer that has no function."""
    for name, layer in network.named_modules():
        if not any(True for _ in layer.parameters(recurse=False)):
            continue
        if type(layer) not in LAYERS or _varies(layer):
            known = ", ".join(each.__name__ for each in LAYERS)
            raise UserError(
                f"no Fisher information for layer {name!r}, {layer}: use {known} (padded with a number of zeros, with "
                "running statistics) or add its closed form to tnas_bench/fisher/layers.py"
            )
        yield name, layer, LAYERS[type(layer)]


def _varies(layer: nn.Module) -> bool:
    """Whether a layer of a known type has options that its closed form does not cover."""
    if isinstance(layer, nn.Conv2d):
        return layer.padding_mode != "zeros" or isinstance(layer.padding, str)
    return isinstance(layer, nn.BatchNorm2d) and layer.running_mean is None


def _overlaps(layer: nn.Conv2d, axis: int, size: int, outputs: int) -> Iterator[tuple[slice, slice]]:
    """For each place of the kernel along an axis: the inputs that it meets, and the outputs at which it meets them."""
    stride, padding, dilation = layer.stride[axis], layer.padding[axis], layer.dilation[axis]
    for place in range(layer.kernel_size[axis]):
        offset = place * dilation - padding  # of the input that output 0 meets
        first = max(0, -(offset // stride))
        end = max(first, min(outputs, (size - 1 - offset) // stride + 1))
        start = first * stride + offset
        yield slice(start, start + (end - first) * stride, stride), slice(first, end)


def _channels_last(images: Tensor) -> Tensor:
    return images.movedim(1, -1)


def _squared(gradients: Tensor) -> Tensor:
    """Shape (n, ..., c) to (c,): summed over an example's positions, squared, summed over examples."""
    return gradients.flatten(1, -2).sum(1).square().sum(0)
