"""Small networks, and Fisher information the slow way: one example, one backward pass."""

import torch
from torch import nn

from tnas_bench.device import generator, seeded


def norm(channels):
    """Batch norm unlike a fresh one: running statistics, scales and shifts at random."""
    layer = nn.BatchNorm2d(channels)
    for tensor in (layer.running_mean, layer.weight.data, layer.bias.data):
        tensor.uniform_(-1, 1)
    layer.running_var.uniform_(0.5, 2)
    layer.momentum = 0.0  # the pass that sizes a lazy layer leaves the statistics
    return layer


def convolutions(*args, **options):
    return nn.Sequential(nn.Conv2d(*args, **options), nn.Tanh(), nn.Flatten(), nn.LazyLinear(4))


NETWORKS = {  # of inputs (n, 6, 7, 5), with 4 outputs
    "linear": lambda: nn.Sequential(nn.Flatten(), nn.Linear(210, 7), nn.Tanh(), nn.Linear(7, 4)),
    "linear without bias": lambda: nn.Sequential(nn.Flatten(), nn.Linear(210, 4, bias=False)),
    "linear at positions": lambda: nn.Sequential(
        nn.Flatten(2), nn.Linear(35, 3), nn.Tanh(), nn.Flatten(), nn.Linear(18, 4)
    ),
    "convolution": lambda: convolutions(6, 8, 3, padding=1),
    "strided": lambda: convolutions(6, 8, 3, stride=2, padding=1),
    "strided unevenly": lambda: convolutions(6, 5, (3, 2), stride=(3, 2), padding=(0, 1)),
    "dilated": lambda: convolutions(6, 8, 3, padding=2, dilation=2, bias=False),
    "kernel over the edge": lambda: convolutions(6, 3, (1, 7), padding=(0, 4)),
    "kernel beyond the image": lambda: convolutions(6, 3, 3, padding=8, dilation=8),
    "pointwise": lambda: convolutions(6, 3, 1),
    "few positions": lambda: convolutions(6, 8, (6, 4), padding=0),
    "depthwise": lambda: convolutions(6, 6, 3, padding=1, groups=6),
    "two groups": lambda: convolutions(6, 4, 3, stride=2, padding=1, groups=2),
    "batch norm": lambda: nn.Sequential(norm(6), nn.Tanh(), nn.Flatten(), nn.Linear(210, 4)),
    "batch norm inside": lambda: nn.Sequential(
        nn.Conv2d(6, 5, 3), norm(5), nn.ReLU(inplace=True), nn.Conv2d(5, 4, 3), nn.Flatten(), nn.Linear(12, 4)
    ),
}


def network(name, dtype=torch.float32):
    """A network of NETWORKS, in train mode: Fishers turn to eval mode themselves."""
    with seeded("fisher tests", name):
        made = NETWORKS[name]()
        made(torch.zeros(2, 6, 7, 5))
    return made.to(dtype)


def examples(count=6, dtype=torch.float32, classes=4):
    rng = generator("fisher tests", "examples")
    return torch.randn(count, 6, 7, 5, generator=rng, dtype=dtype), torch.randint(classes, (count,), generator=rng)


def loop(network, inputs, labels):
    """The mean of squared gradients, one backward pass an example, in eval mode."""
    network.eval()
    totals = {name: torch.zeros_like(parameter) for name, parameter in network.named_parameters()}
    for one, label in zip(inputs, labels, strict=True):
        network.zero_grad()
        (-network(one[None]).log_softmax(1)[0, label]).backward()
        for name, parameter in network.named_parameters():
            totals[name] += parameter.grad**2 / len(labels)
    return totals
