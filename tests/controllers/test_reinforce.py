import pytest
import torch
from controllers_made import (
    ACTIONS,
    ADVANTAGES,
    EVERYTHING,
    RATE,
    SPACE,
    flat_gradient,
    joint,
    made_task,
    settings,
    tell_one_round,
    weights,
)

from tnas_bench.controllers.policy import Policy
from tnas_bench.controllers.policy_gradient import Batch
from tnas_bench.controllers.reinforce import Reinforce, reinforce_loss
from tnas_bench.seeds import stream

SIX = torch.tensor([0.3, -1.2, 0.8, 2.0, -0.5, 0.1])  # advantages of all six configurations


@pytest.fixture
def policy():
    return Policy(SPACE, 0, settings())


@pytest.fixture
def task():
    return made_task()


def losses(policy, task, actions, advantages, entropy=0.0):
    batch = Batch(task.expand(len(actions), -1), actions, torch.zeros(len(actions)), advantages)
    return reinforce_loss(policy, batch, entropy)


def gradient(value, policy, task):
    """The gradient for all weights and the task embedding."""
    return flat_gradient(value, [*policy.parameters(), task])


def test_the_expected_gradient_is_the_gradient_of_the_expected_advantage(policy, task):
    pi = joint(policy, task)
    estimate = gradient((pi.detach() * losses(policy, task, EVERYTHING, SIX)).sum(), policy, task)
    exact = gradient((pi * SIX).sum(), policy, task)
    assert exact.norm() > 0.01
    torch.testing.assert_close(-estimate, exact, atol=1e-6, rtol=1e-4)


def test_the_mean_over_samples_tends_to_that_gradient(policy, task):
    pi, number, rng = joint(policy, task).detach(), 2000, stream("test", "estimator")
    each = torch.stack([gradient(loss, policy, task) for loss in losses(policy, task, EVERYTHING, SIX)])
    exact = pi @ each
    error = ((pi @ each**2 - exact**2).clamp(min=0) / number).sqrt()
    actions = torch.tensor([policy.sample(task.detach(), rng) for _ in range(number)])
    advantages = SIX[3 * actions[:, 0] + actions[:, 1]]
    sampled = gradient(losses(policy, task, actions, advantages).mean(), policy, task)
    assert ((sampled - exact).abs() <= 4 * error + 1e-6).all()


@pytest.mark.parametrize("place", range(6))
def test_the_entropy_is_that_of_the_distributions_met_on_the_way(policy, task, place):
    table = joint(policy, task).reshape(2, 3)
    first = table.sum(1)
    second = table[place // 3] / first[place // 3]  # given the first action
    exact = sum(-(pi * pi.log()).sum() for pi in (first, second))
    loss = losses(policy, task, EVERYTHING[[place]], torch.zeros(1), entropy=0.5)[0]
    assert loss.item() == pytest.approx(-0.5 * exact.item(), rel=1e-5)
    expected = gradient(-0.5 * exact, policy, task)
    torch.testing.assert_close(gradient(loss, policy, task), expected, atol=1e-6, rtol=1e-4)


def test_an_update_is_one_adam_step_on_the_mean_loss():
    controller = Reinforce(SPACE, 0, settings(entropy=0.1))
    tell_one_round(controller)
    each = losses(controller.policy, controller.embedding("task"), torch.tensor(ACTIONS), ADVANTAGES, 0.1)
    assert controller.loss().item() == pytest.approx(each.mean().item(), rel=1e-5)
    # The first step of an Adam without a past: its averages are the gradient and its square.
    slope = flat_gradient(each.mean(), list(controller.policy.parameters()))
    expected = weights(controller) - RATE * slope / (slope.abs() + 1e-8)
    controller.update()
    torch.testing.assert_close(weights(controller), expected, atol=1e-5, rtol=0)
    assert controller.told == []
