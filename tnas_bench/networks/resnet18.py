"""ResNet-18 (He et al. 2016, table 1) for 32 x 32 inputs: a 3 x 3 stem that keeps the resolution, and no pooling after.

11,173,962 parameters with 10 outputs. The 11.44M of LD-NAS, tables 1 and 2, are of another network: the ResNet-18 for
ImageNet with a hidden layer of 512 units and 2 outputs has 11,440,194.
"""

from torch import Tensor, nn
from torch.nn.functional import relu

WIDTHS = (64, 128, 256, 512)  # channels of the stages, of two blocks each


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions beside a shortcut (figure 2): shape (n, inputs, s, s) to (n, width, s/stride, s/stride).

    Where the shape changes, the shortcut is a 1 x 1 convolution with batch norm (section 3.3, option B).
    """

    def __init__(self, inputs: int, width: int, stride: int):
        super().__init__()
        self.residual = nn.Sequential(
            nn.Conv2d(inputs, width, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != width:
            self.shortcut.append(nn.Conv2d(inputs, width, 1, stride, bias=False))
            self.shortcut.append(nn.BatchNorm2d(width))

    def forward(self, inputs: Tensor) -> Tensor:
        return relu(self.residual(inputs) + self.shortcut(inputs))


def backbone(outputs: int) -> nn.Sequential:
    """Inputs of shape (n, 3, 32, 32) to logits of shape (n, outputs)."""
    channels = WIDTHS[0]
    layers = [nn.Conv2d(3, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU()]
    for stage, width in enumerate(WIDTHS):
        layers += [BasicBlock(channels, width, stride=2 if stage else 1), BasicBlock(width, width, stride=1)]
        channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, outputs))
