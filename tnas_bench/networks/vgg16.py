"""VGG-16 (Simonyan and Zisserman 2015, table 1, column D) for 32 x 32 inputs, with batch norm.

Five halvings leave one position of 512 channels, hence one linear layer instead of three. 14,728,266 parameters with
10 outputs, in 54 tensors: the 14.72M of LD-NAS, tables 1 and 2.
"""

from torch import nn

STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))  # channels, convolutions before the pooling


def backbone(outputs: int) -> nn.Sequential:
    """Inputs of shape (n, 3, 32, 32) to logits of shape (n, outputs)."""
    layers, channels = [], 3
    for width, depth in STAGES:
        for _ in range(depth):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            channels = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels, outputs))
