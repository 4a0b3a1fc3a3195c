"""Plans: which table rows the coming training steps read, and which entries the gradient of each row gathers.

A step's texts are those of all children of the group, one child after the other, and the group's tables are stacked
in the same order: row ``child * size + row``. So a step is one bag lookup, however many children train.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor

from tnas_bench.children import kernels
from tnas_bench.modules.bags import Bags


@dataclass(frozen=True)
class Lookup:
    """Bags of the rows of some table: bag i holds the entries from ``starts[i]`` to the start of the next."""

    rows: Tensor  # int32, (entries,)
    weights: Tensor  # floating point, (entries,)
    starts: Tensor  # int32, (bags,)

    def sums(self, table: Tensor) -> Tensor:
        """The weighted sum of the rows of each bag, (bags, width)."""
        # torch's own operator: the wrapper in torch.nn.functional costs as much as a small lookup
        return torch.embedding_bag(table, self.rows, self.starts, per_sample_weights=self.weights)[0]


@dataclass(frozen=True)
class Step:
    """What a training step reads, and the transpose of it: each touched row as a bag of the step's texts."""

    texts: Lookup  # of rows of the stacked tables, one bag a text
    touched: Tensor  # int32, (touched rows,): distinct, ascending
    children: Tensor  # int32, (touched rows,): the child that each belongs to
    gradients: Lookup  # of the step's texts, one bag a touched row


class BagMatrix:
    """The bags of a split as a sparse matrix (texts, size), and lookups in it on a device, in a floating-point type."""

    def __init__(self, bags: Bags, size: int, device: torch.device, dtype: torch.dtype):
        weights = torch.from_numpy(bags.weights).to(dtype).numpy()
        parts = weights, bags.rows.astype(np.int32), bags.offsets.astype(np.int32)
        self.matrix = csr_array(parts, shape=(len(bags), size))
        self.device = device

    def lookup(self, texts: np.ndarray) -> Lookup:
        """The bags of ``texts`` (int64, (texts,)) over one table."""
        chosen = self.matrix[texts]
        arrays = chosen.indices, chosen.data, chosen.indptr[:-1]
        return Lookup(*(torch.from_numpy(array).to(self.device) for array in arrays))

    def plan(self, texts: np.ndarray) -> Iterator[Step]:
        """The steps that read ``texts`` (int64, (steps, children, batch))."""
        steps, children, batch = texts.shape
        size, lines = self.matrix.shape[1], children * batch  # a line: one text of one step
        chosen = self.matrix[texts.ravel()]
        child = np.tile(np.arange(children, dtype=np.int32), steps)  # of each batch
        first_entry = chosen.indptr[:-1:lines]  # of each step
        entries = np.diff(chosen.indptr[::lines])
        rows = chosen.indices + np.repeat(child * size, np.diff(chosen.indptr[::batch]))
        starts = chosen.indptr[:-1] - np.repeat(first_entry, lines)

        lists = kernels.transpose(chosen.indptr, chosen.indices, chosen.data, size, batch)
        touched, counts, back_starts, back_lines, back_weights = lists
        touches = counts.reshape(steps, children).sum(1)  # of each step
        owners = np.repeat(child, counts)
        back_starts -= np.repeat(first_entry, touches)

        cut = self._cut
        forward = map(Lookup, cut(rows, entries), cut(chosen.data, entries), cut(starts, [lines] * steps))
        gradients = map(Lookup, cut(back_lines % lines, entries), cut(back_weights, entries), cut(back_starts, touches))
        return map(Step, forward, cut(touched + owners * size, touches), cut(owners, touches), gradients)

    def _cut(self, array: np.ndarray, lengths: Sequence[int]) -> Sequence[Tensor]:
        """An array of all steps, on the device, cut into steps."""
        return torch.from_numpy(array).to(self.device).split(list(lengths))
