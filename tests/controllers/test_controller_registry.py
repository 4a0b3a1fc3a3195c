import json
import os
import subprocess
import sys

import pytest
import torch

from tnas_bench.config import ControllerSettings
from tnas_bench.controllers.registry import CONTROLLERS, make
from tnas_bench.errors import UserError
from tnas_bench.spaces.tnaml import text_space

SPACE = text_space(("small", "big"), (10, 20, 50))
SETTINGS = ControllerSettings(learning_rate=0.01)


def proposals(name, seed):
    """The proposals of three rounds of three, over two tasks."""
    controller, everything = make(name, SPACE, seed, SETTINGS), []
    for _ in range(3):
        asked = [(task, controller.ask(task)) for task in ("one", "two", "one")]
        for task, actions in asked:
            controller.tell(task, actions, sum(actions) / 100)
        controller.update()
        everything += [list(actions) for _, actions in asked]
    return everything


@pytest.mark.parametrize("name", CONTROLLERS)
def test_proposals_are_plain_numbers_within_the_space(name):
    for actions in proposals(name, 0):
        assert all(type(action) is int for action in actions)
        assert SPACE.encode(SPACE.decode(tuple(actions))) == tuple(actions)


@pytest.mark.parametrize("name", CONTROLLERS)
def test_same_seed_and_calls_same_proposals(name):
    torch.manual_seed(0)
    first = proposals(name, 0)
    torch.manual_seed(1)
    assert proposals(name, 0) == first
    assert proposals(name, 1) != first


def test_another_process_proposes_the_same():
    code = f"import json; from {__name__} import *; print(json.dumps([proposals(name, 5) for name in CONTROLLERS]))"
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": os.path.dirname(__file__)}
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == [proposals(name, 5) for name in CONTROLLERS]


def test_an_unknown_controller_is_the_users_mistake():
    with pytest.raises(UserError, match="unknown controller 'ppo': take one of random_search, naml, tnaml"):
        make("ppo", SPACE, 0, SETTINGS)
