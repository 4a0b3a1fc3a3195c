"""DenseNet-121 (Huang et al. 2017, table 1; growth 32, bottlenecks, compression 0.5) for 32 x 32 inputs.

A 3 x 3 stem keeps the resolution; no pooling after it. 6,956,298 parameters with 10 outputs: the 6.95M of LD-NAS,
tables 1 and 2.
"""

import torch
from torch import Tensor, nn

GROWTH = 32  # k: channels that a layer adds
BOTTLENECK = 4 * GROWTH  # channels between the two convolutions of a layer
DEPTHS = (6, 12, 24, 16)  # layers of the dense blocks


def composite(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    """Batch norm, ReLU, convolution (section 3, "composite function"); the resolution stays."""
    convolution = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
    return nn.Sequential(nn.BatchNorm2d(inputs), nn.ReLU(), convolution)


class DenseLayer(nn.Module):
    """Adds 32 channels, computed from all before (equation 2): shape (n, c, s, s) to (n, c + 32, s, s)."""

    def __init__(self, channels: int):
        super().__init__()
        self.new = nn.Sequential(composite(channels, BOTTLENECK, 1), composite(BOTTLENECK, GROWTH, 3))

    def forward(self, features: Tensor) -> Tensor:
        return torch.cat([features, self.new(features)], dim=1)


def backbone(outputs: int) -> nn.Sequential:
    """Inputs of shape (n, 3, 32, 32) to logits of shape (n, outputs)."""
    channels = 2 * GROWTH
    layers = [nn.Conv2d(3, channels, 3, padding=1, bias=False)]
    for block, depth in enumerate(DEPTHS):
        if block:
            layers += [composite(channels, channels // 2, 1), nn.AvgPool2d(2)]
            channels //= 2
        layers += [DenseLayer(channels + number * GROWTH) for number in range(depth)]
        channels += depth * GROWTH
    layers += [nn.BatchNorm2d(channels), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(channels, outputs))
