"""Shapes: what children must share to be trained together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields

from tnas_bench.children.layers import ACTIVATIONS, NORMALISATIONS
from tnas_bench.errors import UserError
from tnas_bench.spaces import Configuration

LARGEST_GROUP = {True: 2, False: 8}  # by fine_tune: every fine-tuned child has a table of its own
OWN_DECISIONS = (  # in which children of one group may differ
    "dropout",
    "deep_learning_rate",
    "deep_regularisation",
    "wide_learning_rate",
    "wide_regularisation",
    "training_steps",
)


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
        names = [field.name for field in fields(cls)]
        missing = [name for name in (*names, *OWN_DECISIONS) if name not in configuration]
        if missing:
            raise UserError(f"configuration {configuration} lacks {', '.join(missing)}: add to it")
        shape = cls(**{name: configuration[name] for name in names})
        _known("activation", shape.activation, ACTIVATIONS)
        _known("normalisation", shape.normalisation, NORMALISATIONS)
        return shape if shape.hidden_layers else cls(shape.module, shape.fine_tune, 0, 0, "relu", "none")


def groups(configurations: Sequence[Configuration]) -> list[list[int]]:
    """Positions of the children of one shape, in the order given, cut into groups of at most LARGEST_GROUP."""
    positions: dict[Shape, list[int]] = {}
    for position, configuration in enumerate(configurations):
        positions.setdefault(Shape.of(configuration), []).append(position)
    return [
        same[first : first + LARGEST_GROUP[shape.fine_tune]]
        for shape, same in positions.items()
        for first in range(0, len(same), LARGEST_GROUP[shape.fine_tune])
    ]


def _known(decision: str, value: str, choices: Collection[str]) -> None:
    if value not in choices:
        raise UserError(f"unknown {decision} {value!r}: take one of {', '.join(choices)}")
