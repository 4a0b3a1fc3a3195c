"""Network: a skeleton of stacked cells, for one cell or for a supernet of many.

All cells of a network have the same structure, each has weights of its own. Two skeletons, ``Skeleton.kind``:

``released``, of the authors' code: no stem, hence 3 channels, at constant resolution; batch norm without weights. In a
search the outputs of the last three edges of the last cell go side by side to one linear layer; a final network has
hidden layers of 1,024 and 128 units after its cells.

``darts``, in the manner of DARTS (Liu et al. 2019, section 3.1): a stem, cells with a reduction before those at a third
and at two thirds, global average pooling, one linear layer; batch norm has weights in a final network only.
"""

from collections.abc import Sequence
from functools import reduce
from itertools import chain

import torch
from torch import Tensor, nn

from tnas_bench.cells import EDGES, Cell
from tnas_bench.cells.operations import Zero, make
from tnas_bench.config import Skeleton
from tnas_bench.images import SIDE
from tnas_bench.networks import parameters

COLOURS = 3
FIRST = (0,) * len(EDGES)  # the path of a network that has one operation an edge
Mixture = Tensor | Sequence[Tensor] | Sequence[int]  # for each edge weights of its operations, or the number of one


class Edge(nn.ModuleList):
    """The operations of one edge. Its output is a list of terms to be summed: none from operation "none"."""

    def forward(self, inputs: Tensor, weights: Tensor | int) -> list[Tensor]:
        """``weights``: shape (operations,), DARTS, equation 2; or the number of the only operation to compute."""
        if isinstance(weights, int):
            return [] if isinstance(self[weights], Zero) else [self[weights](inputs)]
        pairs = zip(weights, self, strict=True)
        return [weight * operation(inputs) for weight, operation in pairs if not isinstance(operation, Zero)]


class CellLayer(nn.Module):
    """A cell: shape (n, channels, s, s) to the same.

    With ``side_by_side`` the outputs of the three edges into the last node are concatenated, not summed: the result is
    of shape (n, 3 channels, s, s).
    """

    side_by_side = False

    def __init__(self, operations: Sequence[Sequence[str]], channels: int, affine: bool):
        super().__init__()
        self.edges = nn.ModuleList(Edge(make(name, channels, affine) for name in names) for names in operations)

    def forward(self, inputs: Tensor, mixture: Mixture) -> Tensor:
        nodes, last = [inputs], EDGES[-1][1]
        for node in range(1, last):
            nodes.append(total(self._into(node, nodes, mixture), inputs))
        ends = self._into(last, nodes, mixture)
        if self.side_by_side:
            return torch.cat([total([end], inputs) for end in ends], dim=1)
        return total(ends, inputs)

    def _into(self, node: int, nodes: list[Tensor], mixture: Mixture) -> list[list[Tensor]]:
        """The terms of each edge into a node, given the nodes before it."""
        edges = zip(EDGES, self.edges, mixture, strict=True)
        return [edge(nodes[start], weights) for (start, end), edge, weights in edges if end == node]


def total(arriving: Sequence[list[Tensor]], like: Tensor) -> Tensor:
    """The sum of all terms that arrive over some edges, each of the shape of ``like``; without terms zeros."""
    terms = list(chain(*arriving))
    return reduce(torch.add, terms) if terms else torch.zeros_like(like)


class CellNetwork(nn.Module):
    """Inputs of shape (n, 3, 32, 32) to logits of shape (n, classes).

    ``operations``: those that each of EDGES has, one for a found cell, several for a supernet. ``classifier`` is what
    follows the last cell.
    """

    def __init__(self, skeleton: Skeleton, operations: Sequence[Sequence[str]], classes: int, *, searching: bool):
        super().__init__()
        build = {"released": _released, "darts": _darts}[skeleton.kind]
        body, self.classifier = build(skeleton, operations, classes, searching)
        self.body = nn.ModuleList(body)

    def forward(self, inputs: Tensor, mixture: Mixture = FIRST) -> Tensor:
        """Logits. All cells share the ``mixture``; without one each edge takes its first operation."""
        features = inputs
        for layer in self.body:
            features = layer(features, mixture) if isinstance(layer, CellLayer) else layer(features)
        return self.classifier(features)


def network(skeleton: Skeleton, cell: Cell, classes: int, *, searching: bool) -> CellNetwork:
    """The network of one cell, to compare it in a search or to train it at last."""
    return CellNetwork(skeleton, [[name] for name in cell.operations], classes, searching=searching)


def count(skeleton: Skeleton, cell: Cell, classes: int) -> int:
    """The number of trained weights of the final network of a cell, without its memory."""
    with torch.device("meta"):
        return parameters(network(skeleton, cell, classes, searching=False))


def _released(
    skeleton: Skeleton, operations: Sequence[Sequence[str]], classes: int, searching: bool
) -> tuple[list[nn.Module], nn.Sequential]:
    """Body and classifier: in a search as in NAS_FUSE.py of the authors' code, else as in train_best_cell.py."""
    cells = [CellLayer(operations, COLOURS, affine=False) for _ in range(skeleton.cells)]
    positions = COLOURS * SIDE**2
    if searching:
        cells[-1].side_by_side = True
        return cells, nn.Sequential(nn.Flatten(), nn.ReLU(), nn.Linear(3 * positions, classes))
    hidden = [nn.Linear(positions, 1024), nn.ReLU(), nn.Linear(1024, 128), nn.ReLU()]
    pooling = [nn.ReLU(), nn.MaxPool2d(3, stride=1, padding=1), nn.Flatten()]
    return cells, nn.Sequential(*pooling, *hidden, nn.Linear(128, classes))


def _darts(
    skeleton: Skeleton, operations: Sequence[Sequence[str]], classes: int, searching: bool
) -> tuple[list[nn.Module], nn.Sequential]:
    """Body and classifier. A skeleton of two cells has one reduction, that of one cell has none."""
    affine, channels = not searching, skeleton.channels
    body = [nn.Conv2d(COLOURS, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels, affine=affine)]
    for number in range(skeleton.cells):
        if number and number in (skeleton.cells // 3, 2 * skeleton.cells // 3):
            body.append(reduction(channels, affine))
            channels *= 2
        body.append(CellLayer(operations, channels, affine))
    return body, nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


def reduction(channels: int, affine: bool) -> nn.Sequential:
    """Half the side, twice the channels: shape (n, c, s, s) to (n, 2 c, s / 2, s / 2)."""
    convolution = nn.Conv2d(channels, 2 * channels, 1, stride=2, bias=False)
    return nn.Sequential(nn.ReLU(), convolution, nn.BatchNorm2d(2 * channels, affine=affine))
