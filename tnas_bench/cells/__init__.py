"""Cell: a searched architecture of four nodes, densely connected by six operations (LD-NAS, section 3.2).

Node 0 is the input; every later node is the sum of one operation on each node before it. Operations keep the shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tnas_bench.errors import UserError
from tnas_bench.spaces import Actions, Decision, Space

EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))  # from, to; in the order of the authors' code
OPERATIONS = (
    "none",
    "skip_connect",
    "max_pool_3x3",
    "avg_pool_3x3",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "sep_conv_7x7",
    "dil_conv_3x3",
    "dil_conv_5x5",
    "conv_7x1_1x7",
)


@dataclass(frozen=True)
class Cell:
    """One operation for each of EDGES."""

    operations: tuple[str, ...]

    def __post_init__(self):
        if len(self.operations) != len(EDGES):
            raise UserError(f"a cell of {len(self.operations)} operations: give {len(EDGES)}, one an edge")
        if unknown := [name for name in self.operations if name not in OPERATIONS]:
            raise UserError(f"unknown operation {unknown[0]!r} in a cell: take one of {', '.join(OPERATIONS)}")


def cell_space(choices: Sequence[Sequence[str]]) -> Space:
    """The cells with one of the given operations on each edge."""
    edges = zip(EDGES, choices, strict=True)
    return Space(tuple(Decision(f"{start} to {end}", tuple(names)) for (start, end), names in edges))


FULL = cell_space([OPERATIONS] * len(EDGES))


def decode(space: Space, actions: Actions) -> Cell:
    """The cell that the actions stand for."""
    return Cell(tuple(space.decode(actions).values()))


def encode(space: Space, cell: Cell) -> Actions:
    """The actions of a cell: the inverse of :func:`decode`."""
    return space.encode(dict(zip((decision.name for decision in space.decisions), cell.operations, strict=True)))


def choices(space: Space) -> list[tuple[str, ...]]:
    """The operations that a space has for each edge."""
    return [decision.choices for decision in space.decisions]
