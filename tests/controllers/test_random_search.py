import numpy as np
from scipy.stats import chisquare

from tnas_bench.controllers.random_search import RandomSearch
from tnas_bench.spaces import Decision, Space

SPACE = Space((Decision("first", ("a", "b")), Decision("second", ("x", "y", "z"))))


def test_proposals_are_uniform_whatever_the_rewards():
    controller, counts = RandomSearch(SPACE, 0), np.zeros((2, 3))
    for _ in range(3000):
        actions = controller.ask("task")
        controller.tell("task", actions, float(actions == (0, 0)))
        controller.update()
        counts[actions] += 1
    assert chisquare(counts.ravel()).pvalue > 0.01
