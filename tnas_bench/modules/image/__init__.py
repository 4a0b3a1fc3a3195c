"""Image module: a pretrained convolutional network that turns an image into features, as a folder of two files.

``weights.npz`` has the tensors of the network's state, ``card.json`` says what it is. The inputs of a task are scaled
to the module's own side, whatever theirs is.
"""

from pathlib import Path
from typing import Literal

from pydantic import PositiveInt, ValidationError

from tnas_bench.config import Settings
from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256

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


def card(folder: Path) -> Card:
    """The card of a prepared image module; a folder without one is the user's mistake."""
    if not (folder / CARD).exists():
        raise UserError(f"{folder}: no prepared module here; run 'tnas-bench module {folder.name}'")
    try:
        return Card.model_validate_json((folder / CARD).read_bytes())
    except ValidationError as error:
        raise damaged(folder, str(error).splitlines()[0]) from None


def check(folder: Path) -> Card:
    """The card of a prepared image module whose weights are those of the card; others are the user's mistake."""
    facts = card(folder)
    if not (folder / WEIGHTS).is_file() or file_sha256(folder / WEIGHTS) != facts.sha256.weights:
        raise damaged(folder, f"{WEIGHTS} is not that of the card")
    return facts


def damaged(folder: Path, reason: str) -> UserError:
    """What a user is told of a module whose files do not belong together."""
    return UserError(f"{folder}: damaged module ({reason}); remove it and run 'tnas-bench module {folder.name}'")
