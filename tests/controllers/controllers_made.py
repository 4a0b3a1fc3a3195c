"""A space that is small enough to enumerate, and what the tests of its controllers share."""

from itertools import product

import torch

from tnas_bench.config import ControllerSettings
from tnas_bench.seeds import stream
from tnas_bench.spaces import Decision, Space

SPACE = Space((Decision("first", ("a", "b")), Decision("second", ("x", "y", "z"))))
EVERYTHING = torch.tensor(list(product(range(2), range(3))))
RATE = 0.01


def settings(**changes):
    return ControllerSettings(**{"learning_rate": RATE, "initial_range": 0.5} | changes)


def made_task():
    """A task embedding of its own."""
    return torch.tensor(stream("test", "task").uniform(-1, 1, 25), dtype=torch.float32, requires_grad=True)


def joint(policy, task):
    """pi of all six configurations, shape (6,)."""
    first, second = policy.log_probabilities(task.expand(6, -1), EVERYTHING)
    return (first[range(6), EVERYTHING[:, 0]] + second[range(6), EVERYTHING[:, 1]]).exp()


def flat_gradient(value, parameters):
    """As one vector."""
    return torch.cat([part.flatten() for part in torch.autograd.grad(value, parameters, retain_graph=True)])


def weights(controller):
    return torch.nn.utils.parameters_to_vector(controller.policy.parameters()).detach().clone()


def play(controller, tasks, rounds=3):
    """Rounds of four proposals with a reward of one's own choosing; all proposals."""
    proposals = []
    for _ in range(rounds):
        asked = [(task, controller.ask(task)) for task in (tasks * 4)[:4]]
        for task, actions in asked:
            controller.tell(task, actions, 0.2 * actions[0] + 0.1 * actions[1])
        controller.update()
        proposals += asked
    return proposals


def tell_one_round(controller):
    """Plain averages: b = 0.5, 0.7, 0.5; sigma2 = 0, 0.02, (2 * 0.02 + 0.16) / 3. Their advantages: ADVANTAGES."""
    for actions, reward in zip(ACTIONS, REWARDS, strict=True):
        controller.tell("task", actions, reward)


ACTIONS, REWARDS = ((0, 1), (1, 2), (1, 0)), (0.5, 0.9, 0.1)
ADVANTAGES = torch.tensor([0, 0.2 / 0.02**0.5, -0.4 / (0.2 / 3) ** 0.5])
