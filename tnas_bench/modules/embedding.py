"""What builders of modules are given, and what they return."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tnas_bench.modules import Hash, Normalisation


@dataclass(frozen=True)
class Materials:
    """What a builder may read besides its row."""

    cache: Path  # where fetched wheels are kept
    mirror: Path | None  # the reader's folder of publishers' files
    tasks: Mapping[str, Path]  # folders of the prepared tasks that the module is trained on, by name


@dataclass(frozen=True, eq=False)
class Embedding:
    """A vocabulary with its vectors, and what only the builder knows of them."""

    tokens: list[str]  # in the order of their rows
    matrix: np.ndarray  # float32, shape (tokens + hash buckets, dimension)
    normalisation: Normalisation
    source: str
    hash: Hash = "blake2b-64"
    tasks: Mapping[str, str] = field(default_factory=dict)  # as on the card
