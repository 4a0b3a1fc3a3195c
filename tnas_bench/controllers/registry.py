"""The controllers by name: one row each."""

from tnas_bench.config import ControllerSettings
from tnas_bench.controllers import Controller
from tnas_bench.controllers.random_search import RandomSearch
from tnas_bench.controllers.reinforce import Reinforce
from tnas_bench.errors import UserError
from tnas_bench.spaces import Space

CONTROLLERS = {
    "random_search": lambda space, seed, settings: RandomSearch(space, seed),
    "naml": Reinforce,  # from scratch on one task
    "tnaml": Reinforce,  # trained on several tasks, then transferred
}


def make(name: str, space: Space, seed: int, settings: ControllerSettings) -> Controller:
    """A fresh controller; its state is a function of the seed and of the calls it receives."""
    if name not in CONTROLLERS:
        raise UserError(f"unknown controller {name!r}: take one of {', '.join(CONTROLLERS)}")
    return CONTROLLERS[name](space, seed, settings)
