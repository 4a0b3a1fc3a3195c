"""Bags: the texts of a task as weighted rows of a table, the one input form of both towers."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Bags:
    """The texts of one split in compressed sparse rows.

    Text i has the table rows ``rows[offsets[i]:offsets[i + 1]]`` (distinct, ascending) with as many ``weights``.
    """

    offsets: np.ndarray  # int64, shape (texts + 1,)
    rows: np.ndarray  # int64, shape (entries,)
    weights: np.ndarray  # float32, shape (entries,)

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True)
class Inputs:
    """All splits of a task as bags of one table, cut to the rows that the task uses.

    ``table`` (float32, shape (size, dimension)) holds a module's embeddings; None for one-hot tokens.
    """

    size: int
    table: np.ndarray | None
    train: Bags
    validation: Bags
    test: Bags
