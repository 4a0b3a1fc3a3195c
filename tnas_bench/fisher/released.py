"""Released: what the authors' code of LD-NAS computes in place of the diagonal Fisher information.

Squared gradients of the mean loss of a batch, not of single examples, and averaged over a tensor's first dimension: all
output units share one value. They are summed over the batches.
"""

from collections import defaultdict
from collections.abc import Iterable
from copy import deepcopy

import torch
from torch import nn

from tnas_bench.fisher import Fisher, log_loss
from tnas_bench.images import Batch


def fisher(network: nn.Module, batches: Iterable[Batch], classes: int) -> Fisher:
    """The sum over the batches of their squared gradients; tensors are views with equal entries along dimension 0."""
    network = deepcopy(network).eval()
    parameters = dict(network.named_parameters())
    totals = defaultdict(int)
    for inputs, labels in batches:
        loss = log_loss(network(inputs), labels, classes, "mean")
        gradients = torch.autograd.grad(loss, list(parameters.values()))
        for name, gradient in zip(parameters, gradients, strict=True):
            totals[name] += gradient.square_().mean(0)
    return {name: totals[name].expand_as(parameter) for name, parameter in parameters.items()}
