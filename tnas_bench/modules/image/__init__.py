"""Image module: a pretrained convolutional network that turns an image into features, as a folder of two files.

``weights.npz`` has the tensors of the network's state, ``card.json`` says what it is. The inputs of a task are scaled
to the module's own side, whatever theirs is.
"""

import hashlib
import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from pydantic import PositiveInt, ValidationError
from torch import Tensor, nn
from torch.nn.functional import interpolate

from tnas_bench import foreign
from tnas_bench.config import Settings
from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256
from tnas_bench.modules.features import FEATURES, features
from tnas_bench.modules.image.networks import make

BATCH = 100  # images
WEIGHTS, CARD = "weights.npz", "card.json"
Colour = tuple[float, float, float]  # a number for each channel


class Hashes(Settings):
    """SHA-256 of the file beside the card."""

    weights: str


class Card(Settings):
    """What a prepared image module is, where it came from, and whether it stands in for another."""

    kind: Literal["image"] = "image"
    name: str
    network: str  # as :func:`tnas_bench.modules.image.networks.make` knows it
    dimension: PositiveInt  # of the features
    side: PositiveInt  # of the images that it takes, in pixels
    mean: Colour  # of the channels, from 0 to 1, in the images that it was trained on
    deviation: Colour
    trained: bool
    stand_in: bool
    note: str
    source: str
    sha256: Hashes


@dataclass(frozen=True, eq=False)
class ImageModule:
    """A prepared image module on a device."""

    card: Card
    weights: dict[str, Tensor]
    folder: Path
    device: torch.device

    @classmethod
    def load(cls, folder: Path, device: torch.device) -> "ImageModule":
        """The module prepared in ``folder``; one that is missing or damaged is a :class:`UserError`."""
        facts = check(folder)
        try:
            found = foreign.arrays(folder / WEIGHTS)
            weights = {name: torch.from_numpy(array).to(device) for name, array in found.items()}
        except (ValueError, TypeError) as error:  # TypeError: numbers that torch does not have
            raise _damaged(folder, (str(error).splitlines() or ["no arrays"])[0]) from None
        return cls(facts, weights, folder, device)

    def network(self) -> nn.Module:
        """A copy of the network of its own: inputs of shape (n, 3, side, side) to features of shape (n, dimension)."""
        network = make(self.card.network).to(self.device)
        network.load_state_dict(self.weights)
        return network

    def inputs(self, pixels: Tensor) -> Tensor:
        """What the network takes for images, uint8, of shape (n, 3, any side, any side): scaled and normalised."""
        side = self.card.side
        images = pixels.to(torch.float32, memory_format=torch.channels_last) / 255
        if pixels.shape[2:] != (side, side):
            images = interpolate(images, (side, side), mode="bilinear", antialias=True)
        mean, deviation = self._statistics
        return images.sub_(mean).div_(deviation)

    def features(self, pixels: np.ndarray) -> np.ndarray:
        """Of images, uint8, of shape (n, 3, side, side), under the module as it came: float32, (n, dimension).

        Computed once and kept in the module's folder, see :func:`tnas_bench.modules.features.features`.
        """
        facts = self.card.model_dump_json(include={"network", "side", "mean", "deviation", "sha256"})
        identity = {"module": facts, "images": hashlib.sha256(np.ascontiguousarray(pixels)).hexdigest()}
        identity |= {"shape": str(pixels.shape)}
        place = self.folder / FEATURES
        return features(place, identity, pixels, self._encode, self.card.dimension, BATCH, self.card.name)

    @torch.inference_mode()
    def _encode(self, pixels: np.ndarray) -> np.ndarray:
        return self._as_it_came(self.inputs(torch.from_numpy(pixels).to(self.device))).cpu().numpy()

    @cached_property
    def _as_it_came(self) -> nn.Module:
        return self.network().eval()

    @cached_property
    def _statistics(self) -> Tensor:
        return torch.tensor((self.card.mean, self.card.deviation), device=self.device).view(2, 3, 1, 1)


def card(folder: Path) -> Card:
    """The card of a prepared image module; a folder without one is the user's mistake."""
    if not (folder / CARD).exists():
        raise UserError(f"{folder}: no prepared module here; run 'tnas-bench module {folder.name}'")
    try:
        return Card.model_validate_json((folder / CARD).read_bytes())
    except ValidationError as error:
        raise _damaged(folder, str(error).splitlines()[0]) from None


def check(folder: Path) -> Card:
    """The card of a prepared image module whose weights are those of the card; others are the user's mistake."""
    facts = card(folder)
    if not (folder / WEIGHTS).is_file() or file_sha256(folder / WEIGHTS) != facts.sha256.weights:
        raise _damaged(folder, f"{WEIGHTS} is not that of the card")
    return facts


def save_weights(weights: dict[str, Tensor], path: Path) -> None:
    """Write the state of a network: the same bytes every time, and nothing that needs unpickling."""
    content = io.BytesIO()
    np.savez(content, **{name: tensor.numpy() for name, tensor in weights.items()})
    path.write_bytes(content.getvalue())


def _damaged(folder: Path, reason: str) -> UserError:
    return UserError(f"{folder}: damaged module ({reason}); remove it and run 'tnas-bench module {folder.name}'")
