"""The dense part of a group's deep towers: hidden layers and the output layer, over one flat buffer of parameters."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from torch import Tensor

from tnas_bench.children.layers import Activation, BatchNormalisation, Dense, Dropout, LayerNormalisation
from tnas_bench.children.shapes import Shape

Layout = list[tuple[str, tuple[int, int]]]


def layout(shape: Shape, dimension: int, classes: int) -> Layout:
    """The parameters of one tower in the order of the flat buffer: kind and shape."""
    units = [dimension, *[shape.hidden_size] * shape.hidden_layers, classes]
    parameters = []
    for layer, (inputs, outputs) in enumerate(pairwise(units)):
        parameters += [("weight", (inputs, outputs)), ("bias", (1, outputs))]
        if layer < shape.hidden_layers and shape.normalisation != "none":
            parameters += [("scale", (1, outputs)), ("shift", (1, outputs))]
    return parameters


def initial(parameters: Layout, stream: np.random.Generator) -> np.ndarray:
    """One tower's flat parameters: weights Glorot uniform, biases and shifts 0, scales 1."""
    parts = []
    for kind, (inputs, outputs) in parameters:
        bound = math.sqrt(6 / (inputs + outputs)) if kind == "weight" else 0
        part = stream.uniform(-bound, bound, inputs * outputs) if bound else np.full(outputs, float(kind == "scale"))
        parts.append(part)
    return np.concatenate(parts)


def views(buffer: Tensor, parameters: Layout) -> Iterator[Tensor]:
    """The parameters of a buffer (children, all), each (children, *its shape)."""
    parts = buffer.split([math.prod(size) for _, size in parameters], dim=1)
    return (part.unflatten(1, size) for part, (_, size) in zip(parts, parameters, strict=True))


class Tower:
    """The deep towers of some children of one shape, as a list of layers over views of their flat buffers."""

    def __init__(
        self,
        shape: Shape,
        parameters: Layout,
        values: Tensor,
        gradients: Tensor,
        running: Tensor,
        rates: Sequence[float],
        masks: Sequence[np.random.Generator],
    ):
        pairs = zip(views(values, parameters), views(gradients, parameters), strict=True)

        def pair() -> tuple[Sequence[Tensor], Sequence[Tensor]]:
            return tuple(zip(next(pairs), next(pairs), strict=True))

        self.layers = []
        for statistics in running:
            self.layers.append(Dense(*pair()))
            if shape.normalisation == "batch":
                self.layers.append(BatchNormalisation(*pair(), statistics))
            if shape.normalisation == "layer":
                self.layers.append(LayerNormalisation(*pair()))
            self.layers.append(Activation(shape.activation))
            if any(rates):
                self.layers.append(Dropout(rates, masks, like=values))
        self.layers.append(Dense(*pair()))
        self.layers[0].constant_inputs = not shape.fine_tune

    def forward(self, hidden: Tensor, training: bool) -> Tensor:
        """Logits (children, texts, classes) from bag sums (children, texts, dimension)."""
        for layer in self.layers:
            hidden = layer.forward(hidden, training)
        return hidden

    def backward(self, gradient: Tensor) -> Tensor | None:
        """Fill the gradients of all parameters; the gradient of the bag sums, or None where the module is frozen."""
        for layer in reversed(self.layers):
            gradient = layer.backward(gradient)
        return gradient
