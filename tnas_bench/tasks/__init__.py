"""Task: a labelled data set with fixed training, validation and test splits."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Split:
    """The examples of one split: ``inputs[i]`` (a text) has the class number ``labels[i]``."""

    inputs: tuple[str, ...]
    labels: np.ndarray  # int64, shape (rows,)

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True)
class Task:
    """A prepared data set. Class numbers are positions in ``classes``."""

    name: str
    kind: str  # "text" | "image"
    classes: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
