"""The data of a text task as a group of children reads it: bags of both towers and labels, on one device.

What a group asks of data, of images too (:mod:`.images`): ``classes``, its ``towers``, the ``dimension`` of a module's
output, the splits as :class:`Examples`, and the tables that the towers look up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from tnas_bench.children.plans import BagMatrix
from tnas_bench.children.tables import FrozenTable, Table
from tnas_bench.modules.bags import Bags, Inputs

EVALUATED_AT_ONCE = 1000  # texts


@dataclass(frozen=True)
class Examples:
    """One split."""

    deep: object  # what the tables of the deep tower look up: of texts, a BagMatrix
    wide: object  # likewise, of the wide tower
    labels: Tensor  # int64, (texts,)

    def __len__(self) -> int:
        return len(self.labels)

    def chunks(self) -> Sequence[np.ndarray]:
        """The numbers of all texts, some at a time."""
        return np.split(np.arange(len(self)), range(EVALUATED_AT_ONCE, len(self), EVALUATED_AT_ONCE))


class TextData:
    """A task under one module: three splits, the module's table, and the number of classes.

    The wide tower's bias is one more row of its table, which every text holds once: it is touched in every step, so it
    trains as a variable of its own would.
    """

    towers = ("deep", "wide")

    def __init__(
        self, deep: Inputs, wide: Inputs, labels: Sequence[np.ndarray], classes: int, device: torch.device, dtype
    ):
        self.classes = classes
        self.table = torch.from_numpy(deep.table).to(device, dtype)
        self.dimension = self.table.shape[1]
        self.wide_size = wide.size + 1
        splits = zip(
            (deep.train, deep.validation, deep.test), (wide.train, wide.validation, wide.test), labels, strict=True
        )
        self.train, self.validation, self.test = (
            Examples(
                BagMatrix(deep_bags, deep.size, device, dtype),
                BagMatrix(_with_row(wide_bags, wide.size), self.wide_size, device, dtype),
                torch.from_numpy(numbers).to(device),
            )
            for deep_bags, wide_bags, numbers in splits
        )

    @property
    def like(self) -> Tensor:
        """A tensor of the device and type in which children train."""
        return self.table

    def embeddings(self, fine_tune: bool, children: int) -> Table | FrozenTable:
        """What the deep towers of so many children look up."""
        if fine_tune:
            return Table(self.table.repeat(children, 1), len(self.table))
        return FrozenTable(self.frozen_sums, children)

    def wide(self, children: int) -> Table:
        """The wide towers of so many children."""
        return Table(self.table.new_zeros(children * self.wide_size, self.classes), self.wide_size)

    @cached_property
    def frozen_sums(self) -> dict[BagMatrix, Tensor]:
        """The bag sums of every split under the module as it came, (texts, dimension)."""
        table = Table(self.table, len(self.table))
        return {
            split.deep: torch.cat([table.sums(split.deep, texts)[0] for texts in split.chunks()])
            for split in (self.train, self.validation, self.test)
        }


def _with_row(bags: Bags, row: int) -> Bags:
    """The same bags with one more row, of weight 1, at the end of each."""
    ends = bags.offsets[1:]
    return Bags(
        bags.offsets + np.arange(len(bags.offsets)),
        np.insert(bags.rows, ends, row),
        np.insert(bags.weights, ends, 1),
    )
