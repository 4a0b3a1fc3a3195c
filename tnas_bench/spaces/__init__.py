"""Space: an ordered list of discrete decisions; a choice for each is a configuration."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
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

    def enumerate(self) -> Iterator[Actions]:
        """All actions in order: the choice of the last decision changes first, as the digits of a number do."""
        return itertools.product(*(range(len(decision.choices)) for decision in self.decisions))

    def number(self, actions: Actions) -> int:
        """The place of actions in :meth:`enumerate`, from 0."""
        return int(np.ravel_multi_index(actions, [len(decision.choices) for decision in self.decisions]))

    def sample(self, rng: np.random.Generator) -> Actions:
        """Actions drawn uniformly."""
        return tuple(int(rng.integers(len(decision.choices))) for decision in self.decisions)


def choices(space: Space) -> list[tuple[str, tuple]]:
    """The decisions of a space, in order, and what there is to choose."""
    return [(decision.name, decision.choices) for decision in space.decisions]


def restrict(space: Space, kept: Mapping[str, Sequence]) -> Space:
    """The part of a space that keeps some choices of each decision, in its own order; of others, all."""
    if unknown := kept.keys() - {decision.name for decision in space.decisions}:
        known = ", ".join(decision.name for decision in space.decisions)
        raise UserError(f"no decision of the space: {', '.join(sorted(unknown))}; take some of {known}")
    return Space(tuple(_restrict(decision, kept.get(decision.name, decision.choices)) for decision in space.decisions))


def _restrict(decision: Decision, kept: Sequence) -> Decision:
    if unknown := [choice for choice in kept if choice not in decision.choices]:
        raise UserError(f"{decision.name} has no choice {unknown[0]!r}; take some of {list(decision.choices)}")
    if not kept:
        raise UserError(f"{decision.name} is left without a choice; take some of {list(decision.choices)}")
    return Decision(decision.name, tuple(choice for choice in decision.choices if choice in kept))
