"""Space: an ordered list of discrete decisions; a choice for each is a configuration."""

import math
from dataclasses import dataclass

import numpy as np

from tnas_bench.errors import UserError

Actions = tuple[int, ...]
Configuration = dict[str, object]


@dataclass(frozen=True)
class Decision:
    """One discrete choice of a space. A choice that is listed twice is drawn twice as often."""

    name: str
    choices: tuple


@dataclass(frozen=True)
class Space:
    """An ordered list of decisions. Actions are the positions of the choices, one a decision."""

    decisions: tuple[Decision, ...]

    @property
    def size(self) -> int:
        """The number of configurations."""
        return math.prod(len(set(decision.choices)) for decision in self.decisions)

    def decode(self, actions: Actions) -> Configuration:
        """The configuration that the actions stand for."""
        if len(actions) != len(self.decisions):
            raise UserError(
                f"{len(actions)} actions for a space of {len(self.decisions)} decisions: give one a decision"
            )
        return {
            decision.name: decision.choices[action] for decision, action in zip(self.decisions, actions, strict=True)
        }

    def encode(self, configuration: Configuration) -> Actions:
        """The actions of a configuration: the inverse of :meth:`decode`."""
        try:
            return tuple(decision.choices.index(configuration[decision.name]) for decision in self.decisions)
        except (KeyError, ValueError) as error:
            raise UserError(f"configuration {configuration} is not in the space: {error}") from None

    def sample(self, rng: np.random.Generator) -> Actions:
        """Actions drawn uniformly."""
        return tuple(int(rng.integers(len(decision.choices))) for decision in self.decisions)
