import numpy as np
import pytest
from controllers_made import SPACE
from scipy.stats import chisquare

from tnas_bench.controllers.best_first import BestFirst
from tnas_bench.controllers.random_search import RandomSearch

#                     task, actions, reward
TRIALS = [("b", (0, 0), 0.7), ("a", (0, 1), 0.9), ("b", (1, 0), 0.8), ("a", (1, 0), 0.5), ("a", (0, 1), 0.2)]
LATER = [("a", (1, 2), 0.9), ("c", (1, 1), 0.1), ("b", (0, 2), 0.7)]
# By hand, in order of first appearance. b: (1, 0), (0, 0), then (0, 2), as good as that but later; a: (0, 1), (1, 2),
# as good but later, (1, 0); c: (1, 1). In turns: (1, 0), (0, 1), (1, 1); (0, 0), (1, 2); (0, 2), (1, 0) again.
EXPECTED = [(1, 0), (0, 1), (1, 1), (0, 0), (1, 2), (0, 2)]


def test_the_best_of_each_task_come_first_by_hand():
    controller = BestFirst(SPACE, 0)
    controller.recall(TRIALS)
    controller.recall(LATER)
    controller.transfer(1)
    assert [controller.ask("new") for _ in EXPECTED] == EXPECTED


def test_then_it_is_the_random_search_of_its_new_seed():
    controller, random = BestFirst(SPACE, 0), RandomSearch(SPACE, 1)
    controller.recall(TRIALS)
    controller.transfer(1)
    for _ in range(3):
        controller.ask("new")
    counts = np.zeros((2, 3))
    for _ in range(3000):
        actions = controller.ask("new")
        assert actions == random.ask("new")
        counts[actions] += 1
    assert chisquare(counts.ravel()).pvalue > 0.01


@pytest.mark.parametrize("seed", range(3))
def test_without_memories_it_is_random_search(seed):
    controller, random = BestFirst(SPACE, seed), RandomSearch(SPACE, seed)
    assert [controller.ask("task") for _ in range(50)] == [random.ask("task") for _ in range(50)]
    controller.transfer(seed + 1)
    assert controller.ask("task") == RandomSearch(SPACE, seed + 1).ask("task")
