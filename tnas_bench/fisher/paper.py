"""Paper: the diagonal of the empirical Fisher information as LD-NAS defines it (equation 1)."""

from collections import defaultdict
from collections.abc import Iterable
from copy import deepcopy

import torch
from torch import Tensor, nn

from tnas_bench.errors import UserError
from tnas_bench.fisher import Fisher, log_loss
from tnas_bench.fisher.layers import Squares, layers
from tnas_bench.images import Batch


def fisher(network: nn.Module, batches: Iterable[Batch], classes: int) -> Fisher:
    """The mean over all examples of the squared gradients of log p(label | example), by parameter.

    The batches' sizes change speed and memory, not what is computed. UserError for a layer that has no closed form or
    is used twice.
    """
    frozen = deepcopy(network).eval().requires_grad_(False)  # spares the backward pass the gradients of whole batches
    sums, examples = _Sums(frozen), 0
    for inputs, labels in batches:
        inputs = inputs.detach().requires_grad_()
        torch.autograd.grad(log_loss(frozen(inputs), labels, classes, "sum"), inputs)
        examples += len(labels)
    return {name: sums.squares[name] / examples for name, _ in network.named_parameters()}


class _Sums:
    """Adds up squared per-example gradients while backward passes go through a network."""

    def __init__(self, network: nn.Module):
        self.squares: dict[str, Tensor] = defaultdict(int)
        self._forward: set[str] = set()  # layers that wait for the backward pass
        for name, layer, function in layers(network):
            self._watch(name, layer, function)

    def _watch(self, name: str, layer: nn.Module, function: Squares) -> None:
        def forward(_: nn.Module, inputs: tuple[Tensor], outputs: Tensor) -> None:
            if name in self._forward:
                raise UserError(f"no Fisher information for layer {name!r}: it is used twice; give each use its own")
            self._forward.add(name)
            outputs.register_hook(lambda gradients: backward(inputs[0].detach(), gradients))

        def backward(inputs: Tensor, gradients: Tensor) -> None:
            self._forward.remove(name)
            for parameter, squares in function(layer, inputs, gradients).items():
                self.squares[f"{name}.{parameter}".removeprefix(".")] += squares  # a network may be one layer

        layer.register_forward_hook(forward)
