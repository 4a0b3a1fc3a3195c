"""The networks of image modules by name: ours, and those of torchvision, which is an extra."""

from importlib import import_module

from torch import nn

from tnas_bench.errors import UserError
from tnas_bench.modules.image.efficientnet import efficientnet_lite0

OURS = {"efficientnet_lite0": efficientnet_lite0}
TORCHVISION = {  # the layer that makes logits of the features, with the part of its name that is theirs
    "inception_v3": "fc",
    "resnet50": "fc",
    "mobilenet_v2": "classifier",
}


def make(name: str) -> nn.Module:
    """A network with any weights: images of shape (n, 3, s, s) to features of shape (n, dimension)."""
    if name in OURS:
        return OURS[name]()
    if name not in TORCHVISION:
        raise UserError(f"unknown image network {name!r}: take one of {', '.join((*OURS, *TORCHVISION))}")
    options = {"aux_logits": False, "init_weights": False} if name == "inception_v3" else {}
    network = getattr(torchvision_models(), name)(weights=None, **options)
    if name == "inception_v3":
        network.transform_input = False  # the module's own mean and deviation are those that it was trained with
        network.dropout = nn.Identity()  # dropout is a decision of the child
    setattr(network, TORCHVISION[name], nn.Identity())
    return network


def torchvision_models():
    """torchvision.models; UserError where the extra is not installed, or does not fit torch."""
    try:
        return import_module("torchvision.models")
    except (ImportError, RuntimeError) as error:  # the builds for another torch raise RuntimeError
        reason = str(error).splitlines()[0]
        advice = "pip install -e '.[torchvision]', in the version that goes with your torch"
        raise UserError(f"torchvision cannot be imported ({reason}): {advice}") from None
