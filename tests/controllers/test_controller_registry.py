import json
import os
import subprocess
import sys

import pytest
import torch

from tnas_bench.config import ControllerSettings, PpoSettings
from tnas_bench.controllers.registry import CONTROLLERS, make, settings_of
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
    assert (proposals(name, 1) == first) == (name == "grid")  # which knows no chance


def test_another_process_proposes_the_same():
    code = f"import json; from {__name__} import *; print(json.dumps([proposals(name, 5) for name in CONTROLLERS]))"
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": os.path.dirname(__file__)}
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == [proposals(name, 5) for name in CONTROLLERS]


def test_an_unknown_controller_is_the_users_mistake():
    with pytest.raises(UserError, match="unknown controller 'sarsa': take one of random_search, naml, tnaml, agnostic"):
        make("sarsa", SPACE, 0, SETTINGS)
    with pytest.raises(UserError, match="unknown controller 'sarsa'"):
        settings_of("sarsa", SETTINGS)


@pytest.mark.parametrize("name", CONTROLLERS)
def test_a_controller_is_made_again_from_the_settings_that_it_depends_on(name):
    known = settings_of(name, SETTINGS)
    assert json.loads(json.dumps(known)) == known and known["learning_rate"] == 0.01
    again = ControllerSettings(**known)
    assert settings_of(name, again) == known
    assert make(name, SPACE, 0, again).ask("task") == make(name, SPACE, 0, SETTINGS).ask("task")


def test_other_algorithms_settings_are_none_of_a_controllers():
    blocks = {"ppo", "trpo", "urex", "replay"}
    own = {name: blocks & settings_of(name, SETTINGS).keys() for name in CONTROLLERS}
    expected = {"ppo": {"ppo"}, "trpo": {"trpo"}, "urex": {"urex"}, "mnms": {"replay"}}
    assert own == {name: set() for name in CONTROLLERS} | expected
    changed = SETTINGS.model_copy(update={"ppo": PpoSettings(epochs=99)})
    assert settings_of("tnaml", changed) == settings_of("tnaml", SETTINGS)
    assert settings_of("ppo", changed)["ppo"]["epochs"] == 99
