"""Rates of image children: passes of images through a module's network, and steps of a tower on its features."""

from pathlib import Path

import numpy as np
import torch

from tnas_bench.children.group import Group
from tnas_bench.children.images import FineTuned, ImageData
from tnas_bench.device import device
from tnas_bench.errors import UserError
from tnas_bench.modules.image import Card
from tnas_bench.modules.image.module import ImageModule
from tnas_bench.modules.image.networks import make
from tnas_bench.modules.image.registry import row
from tnas_bench.price.rates import Seconds, seconds
from tnas_bench.price.texts import FEW, MORE, proposals, shortened
from tnas_bench.seeds import stream
from tnas_bench.spaces import Space

CLASSES, SIDE, EXAMPLES = 10, 32, (2000, 1000, 1000)  # of made-up data
STAND_IN = "efficientnet_lite0"
# Multiplications for an image, in thousand millions, as torchvision has them of its networks [choice].
MULTIPLICATIONS = {STAND_IN: 0.4, "mobilenet_v2": 0.3, "resnet50": 4.1, "inception_v3": 5.7}


def rates(name: str, space: Space) -> Seconds:
    """Seconds of an ``image`` that goes forward through a module's network, of a ``trained image`` (and back), and of
    a ``frozen step`` and ``frozen row`` of a child that leaves the module as it is.
    """
    module, factor = _module(name)
    pixels = torch.from_numpy(_pixels(8 if device().type == "cpu" else 64)).to(device())
    network = FineTuned(module)
    passes = {"image": lambda: _tell(network, pixels), "trained image": lambda: _train(network, pixels)}
    found = {}
    for unit, work in passes.items():
        work()  # the first time is not like others
        found[unit] = factor * seconds(work) / len(pixels)
    return found | _frozen(module, space)


@torch.inference_mode()
def _tell(network: FineTuned, pixels: torch.Tensor) -> None:
    network.sums(pixels, np.arange(len(pixels)))


def _train(network: FineTuned, pixels: torch.Tensor) -> None:
    features = network.forward((pixels, np.arange(len(pixels))))
    network.output.backward(torch.ones_like(features))


def _frozen(module: ImageModule, space: Space) -> Seconds:
    """Of towers on made-up features."""
    rng = stream("price", "features")
    splits = [
        (
            np.zeros((count, 3, 1, 1), np.uint8),
            rng.normal(size=(count, module.card.dimension)).astype(np.float32),
            rng.integers(CLASSES, size=count),
        )
        for count in EXAMPLES
    ]
    data = ImageData(module, splits, CLASSES)
    trained = dict.fromkeys((FEW, MORE), 0.0)
    evaluated, children = 0.0, [child | {"fine_tune": False} for child in proposals(space)]
    for child in children:
        for steps in trained:
            group = Group(data, shortened([child], steps), [0])
            trained[steps] += seconds(group.train)
        evaluated += seconds(lambda group=group: [group.correct(split) for split in (data.validation, data.test)])
    step = (trained[MORE] - trained[FEW]) / (MORE - FEW) / len(children)
    return {"frozen step": max(0.0, step), "frozen row": evaluated / len(children) / sum(EXAMPLES[1:])}


def _module(name: str) -> tuple[ImageModule, float]:
    """The module with any weights; where its network cannot be made here, another, and how much more its own does."""
    chosen, network, factor = row(name), row(name).network, 1.0
    try:
        weights = make(network).state_dict()
    except UserError:
        factor, network = MULTIPLICATIONS[network] / MULTIPLICATIONS[STAND_IN], STAND_IN
        weights = make(network).state_dict()
    facts = chosen.model_dump(exclude={"builder", "package", "sha256", "weights", "network"})
    card = Card(**facts, network=network, source="", sha256={"weights": ""})
    return ImageModule(card, {key: value.to(device()) for key, value in weights.items()}, Path(), device()), factor


def made_here(name: str) -> bool:
    """Whether a module's network can be made with what is installed."""
    try:
        make(row(name).network)
    except UserError:
        return False
    return True


def _pixels(count: int) -> np.ndarray:
    return stream("price", "pixels").integers(0, 256, (count, 3, SIDE, SIDE), dtype=np.uint8)
