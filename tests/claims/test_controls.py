"""Controls: where there is nothing to be found no claim is reproduced, and where there is something it is."""

import controls_made
import numpy as np
import pytest
from controls_made import SCALE, order, searched

from tnas_bench.claims.evidence import equivalence
from tnas_bench.claims.rules import Verdict, value
from tnas_bench.controllers.registry import make
from tnas_bench.spaces import Decision, Space


@pytest.fixture(scope="module")
def planted():
    return searched(controls_made.planted())


def test_a_planted_transfer_is_found_with_three_seeds_on_five_tasks(planted):
    assert order(planted, "tnaml", "random_search") is Verdict.REPRODUCED
    assert order(planted, "tnaml", "naml") is Verdict.REPRODUCED
    assert order(planted, "naml", "tnaml") is Verdict.REFUTED


def test_transfer_from_a_controller_that_was_not_taught_is_no_better_than_none(planted):
    assert order(planted, "untrained", "naml") is Verdict.INCONCLUSIVE
    assert order(planted, "tnaml", "untrained") is Verdict.REPRODUCED


def test_on_shuffled_labels_no_search_is_better_than_random_search():
    cells = searched(controls_made.shuffled())
    assert cells["value"].mean() == pytest.approx(100 / 3, abs=5)  # three classes
    for search in ("naml", "tnaml", "untrained"):
        assert order(cells, search, "random_search") is not Verdict.REPRODUCED


def proposed(reward, seeds=12):
    """By seed, how often one choice of two is among the last proposals of a controller that is told such rewards."""
    space, shares = Space((Decision("only", ("a", "b")),)), []
    for seed in range(seeds):
        controller = make("naml", space, seed, SCALE.controller_at(0.01))
        for _ in range(20):
            for actions in [controller.ask("task") for _ in range(10)]:
                controller.tell("task", actions, reward(actions))
            controller.update()
        shares.append(np.mean([controller.ask("task") == (1,) for _ in range(100)]))
    return shares


@pytest.mark.parametrize(
    ("reward", "verdict"), [(lambda actions: 0.7, Verdict.REPRODUCED), (lambda actions: actions[0], Verdict.REFUTED)]
)
def test_a_reward_that_is_always_the_same_teaches_nothing(reward, verdict):
    """A random search would propose it half of the time."""
    assert value(equivalence(proposed(reward), 0.5, 0.05), "").verdict is verdict
