"""Operations: the ten of a cell, as in the authors' code of LD-NAS, after DARTS (Liu et al. 2019, section 3.1).

Each maps shape (n, channels, s, s) to the same shape. With ``affine`` batch norm has weights of its own; a search goes
without them, so that no scale of theirs hides what an operation is worth. Unlike in DARTS pools have no batch norm.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from tnas_bench.cells import OPERATIONS
from tnas_bench.cells.depthwise import Depthwise
from tnas_bench.errors import UserError


class Zero(nn.Module):
    """No connection. A cell skips it; this is its meaning."""

    def forward(self, inputs: Tensor) -> Tensor:
        return torch.zeros_like(inputs)


def separable(channels: int, kernel: int, dilation: int, affine: bool) -> nn.Sequential:
    """ReLU, depthwise and pointwise convolution, batch norm: (kernel^2 + channels) * channels parameters."""
    return nn.Sequential(
        nn.ReLU(),
        Depthwise(channels, kernel, dilation),
        nn.Conv2d(channels, channels, 1, bias=False),
        nn.BatchNorm2d(channels, affine=affine),
    )


def twice_separable(channels: int, kernel: int, affine: bool) -> nn.Sequential:
    """DARTS applies every separable convolution that is not dilated twice."""
    return nn.Sequential(*(separable(channels, kernel, 1, affine) for _ in range(2)))


def factorised(channels: int, affine: bool) -> nn.Sequential:
    """ReLU, a 1 x 7 and a 7 x 1 convolution, batch norm: 14 * channels^2 parameters."""
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(channels, channels, (1, 7), padding=(0, 3), bias=False),
        nn.Conv2d(channels, channels, (7, 1), padding=(3, 0), bias=False),
        nn.BatchNorm2d(channels, affine=affine),
    )


MAKERS: dict[str, Callable[[int, bool], nn.Module]] = {
    "none": lambda channels, affine: Zero(),
    "skip_connect": lambda channels, affine: nn.Identity(),
    "max_pool_3x3": lambda channels, affine: nn.MaxPool2d(3, stride=1, padding=1),
    "avg_pool_3x3": lambda channels, affine: nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False),
    "sep_conv_3x3": lambda channels, affine: twice_separable(channels, 3, affine),
    "sep_conv_5x5": lambda channels, affine: twice_separable(channels, 5, affine),
    "sep_conv_7x7": lambda channels, affine: twice_separable(channels, 7, affine),
    "dil_conv_3x3": lambda channels, affine: separable(channels, 3, 2, affine),
    "dil_conv_5x5": lambda channels, affine: separable(channels, 5, 2, affine),
    "conv_7x1_1x7": factorised,
}


def make(name: str, channels: int, affine: bool) -> nn.Module:
    """An operation by its name, with fresh weights. UserError for a name that is not among OPERATIONS."""
    if name not in MAKERS:
        raise UserError(f"unknown operation {name!r} in a cell: take one of {', '.join(OPERATIONS)}")
    return MAKERS[name](channels, affine)
