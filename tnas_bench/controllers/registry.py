"""The controllers by name: one row each."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tnas_bench.config import ControllerSettings, PolicySettings
from tnas_bench.controllers import Controller
from tnas_bench.controllers.agnostic import Agnostic
from tnas_bench.controllers.best_first import BestFirst
from tnas_bench.controllers.final_child import FinalChild
from tnas_bench.controllers.grid import Grid
from tnas_bench.controllers.mnms import Mnms
from tnas_bench.controllers.optuna_samplers import SAMPLERS, OptunaSampler
from tnas_bench.controllers.ppo import Ppo
from tnas_bench.controllers.random_search import RandomSearch
from tnas_bench.controllers.reinforce import Reinforce
from tnas_bench.controllers.trpo import Trpo
from tnas_bench.controllers.urex import Urex
from tnas_bench.errors import UserError
from tnas_bench.spaces import Space

ANY = "any"
Make = Callable[[Space, int, ControllerSettings], Controller]


@dataclass(frozen=True)
class Row:
    """How a controller is made, and what it depends on."""

    make: Make
    block: str | None = None  # the settings of its algorithm
    teacher: str | None = None  # the controller whose study may teach it; ANY; None: it starts from scratch


def _without_settings(kind: Callable[[Space, int], Controller]) -> Make:
    return lambda space, seed, settings: kind(space, seed)


CONTROLLERS = {
    "random_search": Row(_without_settings(RandomSearch)),
    "naml": Row(Reinforce),  # from scratch on one task
    "tnaml": Row(Reinforce, teacher="tnaml"),  # trained on several tasks, then transferred
    "agnostic": Row(Agnostic, teacher="agnostic"),
    "final_child": Row(FinalChild, teacher="agnostic"),
    "best_first": Row(_without_settings(BestFirst), teacher=ANY),
    "ppo": Row(Ppo, block="ppo"),
    "trpo": Row(Trpo, block="trpo"),
    "urex": Row(Urex, block="urex"),
    "mnms": Row(Mnms, block="replay", teacher="mnms"),
    "grid": Row(lambda space, seed, settings: Grid(space)),
    **{name: Row(_without_settings(partial(OptunaSampler, name))) for name in SAMPLERS},
}


def row(name: str) -> Row:
    """The row of a controller; an unknown one is the user's mistake."""
    if name not in CONTROLLERS:
        raise UserError(f"unknown controller {name!r}: take one of {', '.join(CONTROLLERS)}")
    return CONTROLLERS[name]


def make(name: str, space: Space, seed: int, settings: ControllerSettings) -> Controller:
    """A fresh controller; its state is a function of the seed and of the calls it receives."""
    return row(name).make(space, seed, settings)


def settings_of(name: str, settings: ControllerSettings) -> dict:
    """The settings that a study of this controller depends on, as JSON values: what its journal says of them."""
    block = row(name).block
    return settings.model_dump(mode="json", include={*PolicySettings.model_fields, *([block] if block else [])})
