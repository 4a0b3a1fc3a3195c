"""EfficientNet-lite0: EfficientNet-B0 (Tan and Le 2019, table 1) without squeeze-and-excitation, with ReLU6 for swish.

Convolutions are padded as TensorFlow's "SAME", in which its weights were trained: with stride 2 that is one row and one
column less above and to the left than below and to the right.
"""

from torch import Tensor, nn
from torch.nn.functional import pad

DIMENSION = 1280  # of the features
EPSILON = 1e-3  # of batch norm
STAGES = (  # blocks, kernel, stride of the first block, expansion, channels
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


class SameConv2d(nn.Conv2d):
    """A convolution without bias, padded so that its output has ceil(side / stride) rows and columns."""

    def forward(self, inputs: Tensor) -> Tensor:
        down, right = (self._missing(side) for side in inputs.shape[2:])
        return super().forward(pad(inputs, (right // 2, right - right // 2, down // 2, down - down // 2)))

    def _missing(self, side: int) -> int:
        kernel, stride = self.kernel_size[0], self.stride[0]
        return max((-(-side // stride) - 1) * stride + kernel - side, 0)


class Block(nn.Sequential):
    """An inverted residual (Sandler et al. 2018): expand, convolve each channel for itself, project; beside a shortcut
    where the shape stays. Shape (n, inputs, s, s) to (n, outputs, ceil(s / stride), ceil(s / stride))."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int):
        wide = inputs * expansion
        expand = convolution(inputs, wide) if expansion > 1 else []
        depthwise = convolution(wide, wide, kernel, stride, groups=wide)
        super().__init__(*expand, *depthwise, *convolution(wide, outputs)[:-1])
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, inputs: Tensor) -> Tensor:
        outputs = super().forward(inputs)
        return outputs + inputs if self.shortcut else outputs


def convolution(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    """Convolution, batch norm, ReLU6."""
    layer = SameConv2d(inputs, outputs, kernel, stride, groups=groups, bias=False)
    return [layer, nn.BatchNorm2d(outputs, eps=EPSILON), nn.ReLU6(inplace=True)]


def efficientnet_lite0() -> nn.Sequential:
    """Images of shape (n, 3, s, s), s at least 32, to features of shape (n, 1280): the network without its classifier.

    3,371,008 parameters.
    """
    channels, layers = 32, convolution(3, 32, 3, 2)
    for blocks, kernel, stride, expansion, outputs in STAGES:
        for number in range(blocks):
            layers.append(Block(channels, outputs, kernel, 1 if number else stride, expansion))
            channels = outputs
    return nn.Sequential(*layers, *convolution(channels, DIMENSION), nn.AdaptiveAvgPool2d(1), nn.Flatten())


def by_position(weights: dict[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """The published weights under the names that they have in ``network``: both list them in the order of computation.

    What is left over is the classifier for ImageNet. ValueError where a shape differs.
    """
    own = network.state_dict()
    matched = dict(zip(own, weights.values(), strict=False))
    if len(weights) < len(own) or any(matched[name].shape != tensor.shape for name, tensor in own.items()):
        raise ValueError("not the weights of EfficientNet-lite0")
    return matched
