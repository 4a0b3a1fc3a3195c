"""Networks by name: hand-designed ones for 32 x 32 colour images, whose Fisher information measures a task.

Each is a backbone of 10 outputs with a linear task head on them, as in the authors' code of LD-NAS: the weight and the
bias of the head are the last two parameter tensors.
"""

from torch import nn

from tnas_bench.device import seeded
from tnas_bench.errors import UserError
from tnas_bench.networks import densenet121, resnet18, vgg16

NETWORKS = {"vgg16": vgg16.backbone, "resnet18": resnet18.backbone, "densenet121": densenet121.backbone}
FEATURES = 10  # outputs of a backbone


def make(name: str, classes: int, *names: object) -> nn.Sequential:
    """A network with fresh weights: inputs of shape (n, 3, 32, 32), logits of shape (n, classes).

    ``names`` name the random stream, from which backbone and head are drawn each from its beginning (code). Names
    without the task give all tasks the same initial backbone (code). UserError for an unknown network.
    """
    if name not in NETWORKS:
        raise UserError(f"unknown network {name!r}: take one of {', '.join(NETWORKS)}")
    with seeded(*names):
        backbone = NETWORKS[name](FEATURES)
    with seeded(*names):
        head = nn.Linear(FEATURES, classes)
    return nn.Sequential(backbone, head)


def parameters(network: nn.Module) -> int:
    """The number of trained weights: running statistics do not count."""
    return sum(parameter.numel() for parameter in network.parameters())
