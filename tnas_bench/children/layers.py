"""The layers of a group of deep towers: each knows its forward and its backward pass, and nothing of the others.

Activations have the shape (children, texts, units); every child of the group has weights of its own. A layer is given
its parameters and their gradients as views of the group's flat buffers, keeps what its backward pass needs, and writes
(never adds) the gradients of its parameters.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

aten = torch.ops.aten
LEAK = 0.2  # TensorFlow's default slope of a leaky ReLU for negative inputs; torch's is 0.01
EPSILON = 1e-5
MOMENTUM = 0.1  # weight of a new batch in the running statistics, as in torch

# name: (activation of z, gradient of z from the gradient of the output, z and the output)
ACTIVATIONS: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor, Tensor, Tensor], Tensor]]] = {
    "relu": (torch.relu, lambda g, z, out: aten.threshold_backward(g, out, 0)),
    "relu6": (functional.relu6, lambda g, z, out: aten.hardtanh_backward(g, z, 0, 6)),
    "leaky_relu": (
        lambda z: functional.leaky_relu(z, LEAK),
        lambda g, z, out: aten.leaky_relu_backward(g, z, LEAK, False),
    ),
    "swish": (functional.silu, lambda g, z, out: aten.silu_backward(g, z)),
    "sigmoid": (torch.sigmoid, lambda g, z, out: aten.sigmoid_backward(g, out)),
    "tanh": (torch.tanh, lambda g, z, out: aten.tanh_backward(g, out)),
}
NORMALISATIONS = ("none", "batch", "layer")


class Dense:
    """z = x W + b, with W (children, inputs, units) and b (children, 1, units)."""

    constant_inputs = False  # as those of the first layer over a frozen module: nobody asks for their gradient

    def __init__(self, parameters: Sequence[Tensor], gradients: Sequence[Tensor]):
        self.weight, self.bias = parameters
        self.weight_gradient, self.bias_gradient = gradients

    def forward(self, inputs: Tensor, training: bool) -> Tensor:
        self.inputs = inputs
        return torch.baddbmm(self.bias, inputs, self.weight)

    def backward(self, gradient: Tensor) -> Tensor | None:
        torch.sum(gradient, 1, keepdim=True, out=self.bias_gradient)
        torch.bmm(self.inputs.mT, gradient, out=self.weight_gradient)
        return None if self.constant_inputs else torch.bmm(gradient, self.weight.mT)


class BatchNormalisation:
    """Normalises each unit over the batch (in evaluation: by the running statistics), then scales and shifts.

    Every unit of every child is a channel of torch's kernel. ``running``: mean and variance, (2, children, 1, units).
    """

    def __init__(self, parameters: Sequence[Tensor], gradients: Sequence[Tensor], running: Tensor):
        self.parameters, self.gradients, self.running = parameters, gradients, running.flatten(1)

    def forward(self, inputs: Tensor, training: bool) -> Tensor:
        self.inputs = inputs.transpose(0, 1).flatten(1)
        self.scale, shift = (parameter.flatten() for parameter in self.parameters)
        state = self.scale, shift, *self.running
        outputs, *self.saved = torch.native_batch_norm(self.inputs, *state, training, MOMENTUM, EPSILON)
        return self._by_child(outputs, inputs)

    def backward(self, gradient: Tensor) -> Tensor:
        state = self.inputs, self.scale, *self.running, *self.saved, True, EPSILON, (True, True, True)
        inputs, *own = aten.native_batch_norm_backward(gradient.transpose(0, 1).flatten(1), *state)
        for kept, new in zip(self.gradients, own, strict=True):
            kept.copy_(new.view(kept.shape))
        return self._by_child(inputs, gradient)

    @staticmethod
    def _by_child(channels: Tensor, like: Tensor) -> Tensor:
        """(texts, children * units) as (children, texts, units)."""
        return channels.unflatten(1, (like.shape[0], like.shape[2])).transpose(0, 1)


class LayerNormalisation:
    """Normalises the units of each text, then scales and shifts them."""

    def __init__(self, parameters: Sequence[Tensor], gradients: Sequence[Tensor]):
        self.scale, self.shift = parameters
        self.scale_gradient, self.shift_gradient = gradients

    def forward(self, inputs: Tensor, training: bool) -> Tensor:
        self.inputs = inputs
        self.normal, *self.saved = torch.native_layer_norm(inputs, inputs.shape[2:], None, None, EPSILON)
        return torch.addcmul(self.shift, self.normal, self.scale)

    def backward(self, gradient: Tensor) -> Tensor:
        torch.sum(gradient, 1, keepdim=True, out=self.shift_gradient)
        torch.sum(gradient * self.normal, 1, keepdim=True, out=self.scale_gradient)
        state = self.inputs, self.inputs.shape[2:], *self.saved, None, None, (True, False, False)
        return aten.native_layer_norm_backward(gradient * self.scale, *state)[0]


class Activation:
    """One of ACTIVATIONS, unit by unit."""

    def __init__(self, name: str):
        self.function, self.derivative = ACTIVATIONS[name]

    def forward(self, inputs: Tensor, training: bool) -> Tensor:
        self.inputs, self.outputs = inputs, self.function(inputs)
        return self.outputs

    def backward(self, gradient: Tensor) -> Tensor:
        return self.derivative(gradient, self.inputs, self.outputs)


class Dropout:
    """Inverted dropout. Each child has its own rate and its own stream of masks.

    A unit is dropped where a random uint16 lies below rate * 2^16: a rate is met to within 2^-17.
    """

    def __init__(self, rates: Sequence[float], streams: Sequence[np.random.Generator], like: Tensor):
        self.streams = streams
        thresholds = [round(rate * 2**16) - 2**15 for rate in rates]  # for the same bits read as int16
        self.thresholds = torch.tensor(thresholds, dtype=torch.int16, device=like.device).view(-1, 1, 1)
        self.scales = like.new_tensor([1 / (1 - rate) for rate in rates]).view(-1, 1, 1)

    def forward(self, inputs: Tensor, training: bool) -> Tensor:
        if not training:
            return inputs
        _, texts, units = inputs.shape
        words = [stream.bit_generator.random_raw(-(-texts * units // 4)) for stream in self.streams]
        words = words[0][None] if len(words) == 1 else np.stack(words)  # one child: no copy
        bits = words.view(np.int16)[:, : texts * units].reshape(inputs.shape)
        self.mask = torch.empty_like(inputs)
        torch.ge(torch.from_numpy(bits).to(inputs.device), self.thresholds, out=self.mask).mul_(self.scales)
        return inputs * self.mask

    def backward(self, gradient: Tensor) -> Tensor:
        return gradient * self.mask
