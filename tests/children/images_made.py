"""A small made-up image task, and an image module with a network of a few weights."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from tnas_bench.children.images import ImageData
from tnas_bench.modules.image import Card
from tnas_bench.modules.image.module import ImageModule

CLASSES, SIDE = 3, 8
CONFIGURATION = {
    "module": "module",
    "fine_tune": True,
    "hidden_layers": 1,
    "hidden_size": 8,
    "activation": "tanh",
    "normalisation": "none",
    "dropout": 0.0,
    "deep_learning_rate": 0.1,
    "deep_regularisation": 1e-3,
    "training_steps": 12,
}


def network():
    """Images of 8 x 8 to five features."""
    torch.manual_seed(3)
    layers = nn.Conv2d(3, 5, 3, padding=1, bias=False), nn.BatchNorm2d(5), nn.Tanh()
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def module():
    card = {
        "name": "tiny",
        "network": "tiny",
        "dimension": 5,
        "side": SIDE,
        "mean": (0.5,) * 3,
        "deviation": (0.25,) * 3,
    }
    card |= {"trained": False, "stand_in": True, "note": "", "source": "", "sha256": {"weights": ""}}
    return ImageModule(Card(**card), network().state_dict(), Path("unused"), torch.device("cpu"))


def splits(counts=(120, 40, 50)):
    """Pixels and labels: the brightest channel tells the class."""
    rng = np.random.default_rng(0)
    for count in counts:
        labels = rng.integers(CLASSES, size=count)
        pixels = rng.integers(0, 100, (count, 3, SIDE, SIDE), dtype=np.uint8)
        pixels[np.arange(count), labels] += 50
        yield pixels, labels


def features(pixels):
    """Those of the module as it came: eval mode, one image after the other."""
    network_ = network().eval()
    with torch.no_grad():
        inputs = (torch.from_numpy(pixels).float() / 255 - 0.5) / 0.25
        return torch.cat([network_(image[None]) for image in inputs]).numpy()


def data():
    return ImageData(module(), [(pixels, features(pixels), labels) for pixels, labels in splits()], CLASSES)
