"""Controllers on a planted reward, whose truth is known: they must learn, and what they learn must transfer."""

from functools import partial
from itertools import starmap

import numpy as np
import pytest

from tnas_bench.config import ControllerSettings
from tnas_bench.controllers.registry import make
from tnas_bench.seeds import stream
from tnas_bench.spaces.tnaml import text_space

SPACE = text_space([f"module-{number}" for number in range(8)], (100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000))
SETTINGS = ControllerSettings(learning_rate=1e-3)
BLOCKS = ((0, 1), (2, 3), (5, 7), (8, 11), (4,), (6,), (9,), (10,))  # decisions that interact
ROUND = 10


class Planted:
    """A task whose reward is a sum over blocks of one or two decisions, scaled to [0, 1], plus noise.

    A block is a table of normal values: one for each choice, and one for each pair of choices. Three quarters of the
    variance of every value are common to all tasks of a family.
    """

    def __init__(self, family: int, task: str):
        self.name = task
        self.common, self.own = stream("planted", family), stream("planted", family, task)
        self.tables = list(starmap(self._table, BLOCKS))
        self.low, self.high = (sum(map(extreme, self.tables)) for extreme in (np.min, np.max))
        self.noise = stream("planted", family, task, "noise")

    def _table(self, *block):
        sizes = [len(SPACE.decisions[decision].choices) for decision in block]
        each = np.meshgrid(*map(self._normal, sizes), indexing="ij")
        return sum(each) + (self._normal(*sizes) if len(block) == 2 else 0)

    def _normal(self, *shape):
        return np.sqrt(0.75) * self.common.normal(size=shape) + np.sqrt(0.25) * self.own.normal(size=shape)

    def truth(self, actions):
        """The reward without noise: 0 at the worst configuration of the space, 1 at the best."""
        places = [tuple(actions[decision] for decision in block) for block in BLOCKS]
        total = sum(table[place] for table, place in zip(self.tables, places, strict=True))
        return (total - self.low) / (self.high - self.low)

    def reward(self, actions):
        return self.truth(actions) + 0.02 * self.noise.normal()


def search(controller, tasks, trials, seed=0):
    """The noise-free rewards of a study in rounds of ten, each proposal for a task drawn uniformly."""
    draw, truths = stream("planted", "tasks", seed), []
    for _ in range(trials // ROUND):
        names = draw.choice(sorted(tasks), ROUND)
        proposals = [(name, controller.ask(name)) for name in names]
        for name, actions in proposals:
            controller.tell(name, actions, tasks[name].reward(actions))
        controller.update()
        truths += [tasks[name].truth(actions) for name, actions in proposals]
    return np.array(truths)


def top10(truths):
    return np.sort(truths)[-10:].mean()


def random_search(family):
    return search(make("random_search", SPACE, family, SETTINGS), {"new": Planted(family, "new")}, 1000)


# Ten wins in ten: the sign test against "no better than random search" has p = 2 ** -10 < 0.01.
@pytest.mark.parametrize("family", range(10))
def test_naml_learns_where_random_search_does_not(family):
    # Planted optimum: the truth of every proposal is known.
    naml = search(make("naml", SPACE, family, SETTINGS), {"new": Planted(family, "new")}, 1000)
    assert naml[-100:].mean() > random_search(family).mean() + 0.15


@pytest.mark.parametrize("family", range(3))
def test_a_pretrained_controller_needs_a_tenth_of_the_trials_of_random_search(family):
    # Planted optimum: four related tasks to learn on, a fifth to transfer to.
    bar = top10(random_search(family))
    controller = make("tnaml", SPACE, family, SETTINGS)
    search(controller, {name: Planted(family, name) for name in "abcd"}, 600)
    controller.transfer(family)
    assert top10(search(controller, {"new": Planted(family, "new")}, 100)) >= bar
    assert top10(search(make("naml", SPACE, family, SETTINGS), {"new": Planted(family, "new")}, 100)) < bar


# Trials enough to learn; algorithms that cost more have fewer of them.
BUDGETS = {"agnostic": 1000, "urex": 1000, "ppo": 500, "mnms": 300, "trpo": 300, "optuna_nsga2": 500, "optuna_tpe": 300}


@pytest.mark.parametrize("family", range(2))
@pytest.mark.parametrize("name", BUDGETS)
def test_every_algorithm_learns(name, family):
    # Planted optimum: the truth of every proposal is known.
    truths = search(make(name, SPACE, family, SETTINGS), {"new": Planted(family, "new")}, BUDGETS[name])
    assert truths[-100:].mean() > random_search(family).mean() + 0.1


def test_a_gaussian_process_learns_within_few_trials():
    # Planted optimum: the truth of every proposal is known.
    truths = search(make("optuna_gp", SPACE, 0, SETTINGS), {"new": Planted(0, "new")}, 40)
    assert truths[-10:].mean() > random_search(0).mean() + 0.1


@pytest.mark.parametrize(("name", "trials"), [("agnostic", 600), ("final_child", 300), ("mnms", 300)])
def test_what_is_learnt_on_related_tasks_helps_from_the_start(name, trials):
    # Planted optimum: four related tasks to learn on, a fifth to transfer to.
    controller = make(name, SPACE, 0, SETTINGS)
    search(controller, {name: Planted(0, name) for name in "abcd"}, trials)
    controller.transfer(0)
    truths = search(controller, {"new": Planted(0, "new")}, 20)
    assert truths.mean() > random_search(0).mean() + 0.05


@pytest.mark.parametrize("family", range(3))
def test_what_was_best_on_related_tasks_is_a_good_start(family):
    # Planted optimum: as above, without learning.
    controller, rng = make("best_first", SPACE, family, SETTINGS), stream("planted", "recalled", family)
    for task in map(partial(Planted, family), "abcd"):
        proposals = [SPACE.sample(rng) for _ in range(75)]
        controller.recall((task.name, actions, task.reward(actions)) for actions in proposals)
    controller.transfer(family)
    truths = search(controller, {"new": Planted(family, "new")}, 20)
    assert truths.mean() > random_search(family).mean() + 0.05
