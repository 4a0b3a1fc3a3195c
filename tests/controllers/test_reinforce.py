from itertools import product

import numpy as np
import pytest
import torch

from tnas_bench.config import ControllerSettings
from tnas_bench.controllers.policy import Policy
from tnas_bench.controllers.reinforce import Reinforce, reinforce_loss
from tnas_bench.seeds import stream
from tnas_bench.spaces import Decision, Space

SPACE = Space((Decision("first", ("a", "b")), Decision("second", ("x", "y", "z"))))
EVERYTHING = torch.tensor(list(product(range(2), range(3))))
ADVANTAGES = torch.tensor([0.3, -1.2, 0.8, 2.0, -0.5, 0.1])
RATE = 0.01


def settings(**changes):
    return ControllerSettings(**{"learning_rate": RATE, "initial_range": 0.5} | changes)


@pytest.fixture
def policy():
    return Policy(SPACE, 0, settings())


@pytest.fixture
def task():
    return torch.tensor(stream("test", "task").uniform(-1, 1, 25), dtype=torch.float32, requires_grad=True)


def gradient(value, policy, task):
    """The gradient for all weights and the task embedding, as one vector."""
    parts = torch.autograd.grad(value, [*policy.parameters(), task], retain_graph=True)
    return torch.cat([part.flatten() for part in parts])


def joint(policy, task):
    """pi of all six configurations, shape (6,)."""
    first, second = policy.log_probabilities(task.expand(6, -1), EVERYTHING)
    return (first[range(6), EVERYTHING[:, 0]] + second[range(6), EVERYTHING[:, 1]]).exp()


def test_the_expected_gradient_is_the_gradient_of_the_expected_advantage(policy, task):
    pi = joint(policy, task)
    losses = reinforce_loss(policy, task.expand(6, -1), EVERYTHING, ADVANTAGES, entropy=0)
    estimate = gradient((pi.detach() * losses).sum(), policy, task)
    exact = gradient((pi * ADVANTAGES).sum(), policy, task)
    assert exact.norm() > 0.01
    torch.testing.assert_close(-estimate, exact, atol=1e-6, rtol=1e-4)


def test_the_mean_over_samples_tends_to_that_gradient(policy, task):
    pi, number, rng = joint(policy, task).detach(), 2000, stream("test", "estimator")
    losses = reinforce_loss(policy, task.expand(6, -1), EVERYTHING, ADVANTAGES, entropy=0)
    each = torch.stack([gradient(loss, policy, task) for loss in losses])
    exact = pi @ each
    error = ((pi @ each**2 - exact**2).clamp(min=0) / number).sqrt()
    actions = torch.tensor([policy.sample(task.detach(), rng) for _ in range(number)])
    advantages = ADVANTAGES[3 * actions[:, 0] + actions[:, 1]]
    sampled = gradient(reinforce_loss(policy, task.expand(number, -1), actions, advantages, 0).mean(), policy, task)
    assert ((sampled - exact).abs() <= 4 * error + 1e-6).all()


@pytest.mark.parametrize("place", range(6))
def test_the_entropy_is_that_of_the_distributions_met_on_the_way(policy, task, place):
    table = joint(policy, task).reshape(2, 3)
    first = table.sum(1)
    second = table[place // 3] / first[place // 3]  # given the first action
    exact = sum(-(pi * pi.log()).sum() for pi in (first, second))
    loss = reinforce_loss(policy, task.expand(1, -1), EVERYTHING[[place]], torch.zeros(1), entropy=0.5)[0]
    assert loss.item() == pytest.approx(-0.5 * exact.item(), rel=1e-5)
    expected = gradient(-0.5 * exact, policy, task)
    torch.testing.assert_close(gradient(loss, policy, task), expected, atol=1e-6, rtol=1e-4)


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


def weights(controller):
    return torch.nn.utils.parameters_to_vector(controller.policy.parameters()).detach().clone()


def tell_one_round(controller):
    for actions, reward in [((0, 1), 0.5), ((1, 2), 0.9), ((1, 0), 0.1)]:
        controller.tell("task", actions, reward)


def first_adam_step(controller):
    """The weights after one step of an Adam without a past: its averages are the gradient and its square."""
    slope = torch.cat(
        [part.flatten() for part in torch.autograd.grad(controller.loss(), controller.policy.parameters())]
    )
    return weights(controller) - RATE * slope / (slope.abs() + 1e-8)


def test_an_update_is_one_adam_step_on_the_mean_loss():
    controller = Reinforce(SPACE, 0, settings(entropy=0.1))
    tell_one_round(controller)
    task = controller._embedding("task").expand(3, -1)
    # Plain averages: b = 0.5, 0.7, 0.5; sigma2 = 0, 0.02, (2 * 0.02 + 0.16) / 3.
    advantages = torch.tensor([0, 0.2 / 0.02**0.5, -0.4 / (0.2 / 3) ** 0.5])
    losses = reinforce_loss(controller.policy, task, torch.tensor([(0, 1), (1, 2), (1, 0)]), advantages, 0.1)
    assert controller.loss().item() == pytest.approx(losses.mean().item(), rel=1e-5)
    expected = first_adam_step(controller)
    controller.update()
    torch.testing.assert_close(weights(controller), expected, atol=1e-5, rtol=0)
    assert controller.told == []


def test_rewards_are_normalised_by_task():
    controller = Reinforce(SPACE, 0, settings())
    for task, reward in [("easy", 0.9), ("hard", 0.1), ("easy", 1.0), ("hard", 0.2)]:
        controller.tell(task, (0, 0), reward)
    assert [advantage for _, _, advantage in controller.told] == pytest.approx([0, 0, 2**0.5, 2**0.5])


def test_only_the_embedding_belongs_to_a_task():
    controller = Reinforce(SPACE, 0, settings())
    controller.ask("a"), controller.ask("b")
    a, b = (controller._embedding(task) for task in "ab")
    a_before, b_before, pi_before = a.detach().clone(), b.detach().clone(), joint(controller.policy, b)
    play(controller, ["a"])
    assert torch.equal(b, b_before) and not torch.equal(a, a_before)
    assert (joint(controller.policy, b) - pi_before).abs().max() > 1e-3


def test_a_tasks_embedding_does_not_depend_on_the_tasks_met_before():
    one, other = (Reinforce(SPACE, 0, settings()) for _ in range(2))
    one.ask("a"), one.ask("b"), other.ask("b")
    assert torch.equal(one._embedding("b"), other._embedding("b"))
    assert not torch.equal(one._embedding("a"), one._embedding("b"))


def test_transfer_keeps_the_weights_and_forgets_the_tasks():
    controller = Reinforce(SPACE, 0, settings())
    play(controller, ["a", "b"])
    learnt, old = weights(controller), controller._embedding("a").detach().clone()
    controller.transfer(1)
    assert torch.equal(weights(controller), learnt)
    assert not torch.equal(controller._embedding("a"), old)
    controller.tell("a", (0, 0), 0.9)
    assert controller.told[0][2] == 0  # the first trial of a task has no advantage


@pytest.mark.parametrize("reset", [True, False])
def test_transfer_resets_adam_if_so_set(reset):
    controller = Reinforce(SPACE, 0, settings(reset_optimizer=reset))
    play(controller, ["a", "b"])
    controller.transfer(1)
    tell_one_round(controller)
    expected = first_adam_step(controller)
    controller.update()
    assert torch.allclose(weights(controller), expected, atol=1e-5, rtol=0) == reset


def test_a_transferred_controller_is_a_function_of_its_seeds():
    proposals = []
    for seed, transfer_seed in [(0, 7), (0, 7), (0, 8), (1, 7)]:
        controller = Reinforce(SPACE, seed, settings())
        play(controller, ["a", "b"])
        controller.transfer(transfer_seed)
        proposals.append(play(controller, ["new"], rounds=5))
    assert proposals[0] == proposals[1]
    assert proposals[0] != proposals[2] and proposals[0] != proposals[3]


def test_told_proposals_need_not_have_been_asked_here():
    # A resumed study tells what its journal holds.
    teacher, student = Reinforce(SPACE, 0, settings()), Reinforce(SPACE, 0, settings())
    tell_one_round(teacher), tell_one_round(student)
    teacher.ask("task")
    teacher.update(), student.update()
    assert torch.equal(weights(teacher), weights(student))
    assert np.isfinite(weights(student).numpy()).all()
