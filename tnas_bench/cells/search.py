"""Search: what FUSE, random search, DARTS and ENAS have in common, so that their rows can be compared."""

from dataclasses import dataclass
from typing import Protocol

from tnas_bench.cells import Cell
from tnas_bench.config import SearchSettings
from tnas_bench.images import ImageSet
from tnas_bench.journal.steps import Work
from tnas_bench.spaces import Space


@dataclass(frozen=True)
class Problem:
    """What is searched, and on what. ``name`` and ``seed`` name the random streams.

    Weights are trained on ``train``; cells are compared on ``validation``. Protocol ``paper`` holds these out of the
    training images; ``released`` compares on the test images, as the authors' code does. A search cannot tell.
    """

    name: str
    seed: int
    space: Space
    train: ImageSet
    validation: ImageSet
    settings: SearchSettings
    protocol: str  # "paper" | "released": which of the settings of FUSE

    @property
    def compared(self) -> ImageSet:
        """The images that cells are compared on, as many as the settings want."""
        return self.validation.first(self.settings.images)


class Search(Work, Protocol):
    """A search on a problem. A record has ``cell`` (the operations of the best cell so far), ``passes``, ``forward``.

    ``passes``: images that went forward and backward through a network of one cell in this step; through a supernet,
    an image counts once for each operation that an edge has. This is the budget that rows are compared by. ``forward``:
    images that went only forward, to compare cells.
    """

    def best(self) -> Cell:
        """The best cell so far."""
