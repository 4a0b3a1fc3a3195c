"""An image module on a device, and its weights in a file."""

import hashlib
import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from tnas_bench import foreign
from tnas_bench.modules.features import FEATURES, features
from tnas_bench.modules.image import WEIGHTS, Card, check, damaged
from tnas_bench.modules.image.networks import make

BATCH = 100  # images


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
            raise damaged(folder, (str(error).splitlines() or ["no arrays"])[0]) from None
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


def save_weights(weights: dict[str, Tensor], path: Path) -> None:
    """Write the state of a network: the same bytes every time, and nothing that needs unpickling."""
    content = io.BytesIO()
    np.savez(content, **{name: tensor.numpy() for name, tensor in weights.items()})
    path.write_bytes(content.getvalue())
