"""Weights: what remains of a trained network, as one file in its folder."""

import hashlib
import io
from pathlib import Path

import torch
from torch import nn

from tnas_bench.device import device
from tnas_bench.errors import UserError
from tnas_bench.journal.durable import write_atomic
from tnas_bench.networks import make

FILE = "weights.pt"


def save(network: nn.Module, folder: Path) -> None:
    """Write weights and running statistics."""
    file = io.BytesIO()
    torch.save(network.state_dict(), file)
    write_atomic(folder / FILE, file.getvalue())


def load(name: str, classes: int, folder: Path, sha256: str) -> nn.Sequential:
    """A trained network on the device, in eval mode; UserError unless its file has this hash and is of this network."""
    path = folder / FILE
    with torch.device("meta"):  # shapes only: no weights are drawn to be thrown away
        network = make(name, classes)
    try:
        network.load_state_dict(_read(folder, sha256), assign=True)
    except (RuntimeError, TypeError, AttributeError):
        raise UserError(
            f"{path}: not the weights of {name} with {classes} classes; remove {folder} and train it again"
        ) from None
    return network.eval()


def _read(folder: Path, sha256: str) -> dict[str, torch.Tensor]:
    path = folder / FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); train the network first") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise UserError(
            f"{path}: damaged, or of another run than its run card; remove it, and it is made again where it is wanted"
        )
    try:
        return torch.load(io.BytesIO(content), map_location=device(), weights_only=True)
    except Exception:  # whatever the unpickler says of a foreign file
        raise UserError(f"{path}: not weights; remove {folder} and train its network again") from None
