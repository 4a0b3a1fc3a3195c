"""Reduced spaces: what a base task's best cell leaves to search on a target (LD-NAS, section 3.2), and the controls."""

from collections.abc import Mapping

from tnas_bench.cells import EDGES, FULL, OPERATIONS, Cell, cell_space
from tnas_bench.errors import UserError
from tnas_bench.seeds import stream
from tnas_bench.spaces import Space

NONE = "none"
# The operations that the paper prints for task 7, which is closest to both of its targets.
PRINTED = cell_space([("skip_connect", "sep_conv_3x3", "conv_7x1_1x7", "max_pool_3x3")] * len(EDGES))
# What the authors' code, NAS_FUSE.py, draws an operation from: some stand twice.
TWICE = ("sep_conv_3x3", "max_pool_3x3", "dil_conv_3x3")
ONCE = ("skip_connect", "sep_conv_5x5", "dil_conv_5x5", "conv_7x1_1x7")
CODED = cell_space([TWICE + TWICE + ONCE] * len(EDGES))
FIXED = {"full": FULL, "printed": PRINTED, "coded": CODED}  # spaces that no base task decides on


def reduced(best: Cell) -> Space:
    """The cells of the same structure as the best one, each edge with any operation that the best cell uses.

    An edge that the best cell leaves out stays out; "none" is offered nowhere else.
    """
    used = tuple(name for name in OPERATIONS if name in best.operations and name != NONE)
    return cell_space([(NONE,) if name == NONE else used for name in best.operations])


def rank(distances: Mapping[str, float]) -> list[str]:
    """Base tasks by their distance to the target, nearest first; equally far ones in the order given."""
    return sorted(distances, key=distances.__getitem__)


def choose(
    which: str, distances: Mapping[str, float], best_cells: Mapping[str, Cell], names: tuple[object, ...]
) -> tuple[Space, str | None]:
    """A space by its name, and the base task that it comes from, if any.

    ``closest``, ``farthest`` and ``random`` are reduced from the best cell of such a base task. ``random`` is drawn
    from the stream of ``names`` among those that are neither closest nor farthest, if there are any. ``distances``:
    from each base task to the target, at least for those that have a best cell. UserError for an unknown name.
    """
    if which in FIXED:
        return FIXED[which], None
    ranked = rank({task: distances[task] for task in best_cells})
    between = ranked[1:-1] or ranked
    drawn = between[stream(*names, "base task").integers(len(between))]
    bases = {"closest": ranked[0], "farthest": ranked[-1], "random": drawn}
    if which not in bases:
        raise UserError(f"unknown space {which!r}: take one of {', '.join((*bases, *FIXED))}")
    return reduced(best_cells[bases[which]]), bases[which]
