"""Shapes: what children must share to be trained together."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields

from tnas_bench.children.layers import ACTIVATIONS, NORMALISATIONS
from tnas_bench.errors import UserError
from tnas_bench.spaces import Configuration

# In which children of one group may differ.
DEEP_DECISIONS = ("dropout", "deep_learning_rate", "deep_regularisation", "training_steps")
WIDE_DECISIONS = ("wide_learning_rate", "wide_regularisation")


@dataclass(frozen=True)
class Grouping:
    """How a kind of children is grouped."""

    decisions: tuple[str, ...]  # in which children of one group may differ
    largest: int  # group of children with frozen modules
    largest_fine_tuned: int


TEXTS = Grouping(DEEP_DECISIONS + WIDE_DECISIONS, 8, 2)  # every fine-tuned child has a table of its own
IMAGES = Grouping(DEEP_DECISIONS, 8, 1)  # convolutions of several networks at once are no faster than one by one


@dataclass(frozen=True)
class Shape:
    """The decisions that the children of a group have in common."""

    module: str
    fine_tune: bool
    hidden_layers: int
    hidden_size: int
    activation: str
    normalisation: str

    @classmethod
    def of(cls, configuration: Configuration) -> "Shape":
        """The shape of a configuration. Where there are no hidden layers, what they would be makes no difference."""
        shape = cls(**{field.name: configuration[field.name] for field in fields(cls)})
        _known("activation", shape.activation, ACTIVATIONS)
        _known("normalisation", shape.normalisation, NORMALISATIONS)
        return shape if shape.hidden_layers else cls(shape.module, shape.fine_tune, 0, 0, "relu", "none")


def groups(configurations: Sequence[Configuration], grouping: Grouping) -> list[list[int]]:
    """Positions of the children of one shape, in the order given, cut into groups of no more than the largest."""
    positions: dict[Shape, list[int]] = {}
    for position, configuration in enumerate(configurations):
        _complete(configuration, grouping)
        positions.setdefault(Shape.of(configuration), []).append(position)
    return [part for shape, same in positions.items() for part in _cut(same, shape, grouping)]


def _cut(positions: list[int], shape: Shape, grouping: Grouping) -> Iterator[list[int]]:
    size = grouping.largest_fine_tuned if shape.fine_tune else grouping.largest
    return (positions[first : first + size] for first in range(0, len(positions), size))


def _complete(configuration: Configuration, grouping: Grouping) -> None:
    names = [*(field.name for field in fields(Shape)), *grouping.decisions]
    if missing := [name for name in names if name not in configuration]:
        raise UserError(f"configuration {configuration} lacks {', '.join(missing)}: add to it")


def _known(decision: str, value: str, choices: Collection[str]) -> None:
    if value not in choices:
        raise UserError(f"unknown {decision} {value!r}: take one of {', '.join(choices)}")
