import numpy as np
import pytest
import torch
from controllers_made import SPACE, joint, settings, weights

from tnas_bench.controllers.urex import Urex, urex_loss


def test_the_weights_of_three_trials_by_hand():
    # tau 0.5: R / tau - log pi = 1 + ln 2, 1 + ln 4, 2 + ln 4; over their softmax, divided by 2e: 1, 2, 2e.
    log_pi = torch.tensor([0.5, 0.25, 0.25]).log().requires_grad_()
    loss = urex_loss(log_pi, torch.tensor([0.5, 0.5, 1.0]), torch.tensor([-1.5, 0.0, 3.0]), 0.5)
    loss.backward()
    w = np.array([1, 2, 2 * np.e]) / (3 + 2 * np.e)
    assert log_pi.grad.numpy() == pytest.approx(-(np.array([-0.5, 0, 1]) + 0.5 * w), rel=1e-5)
    assert loss.item() == pytest.approx(-(np.array([-0.5, 0, 1]) + 0.5 * w) @ -np.log([0.5, 0.25, 0.25]) * -1, rel=1e-5)


def test_far_from_the_rewards_only_they_count_and_near_them_all_do():
    rewards, none = torch.tensor([0.1, 0.9]), torch.zeros(2)
    sharp, soft = torch.zeros(2, requires_grad=True), torch.zeros(2, requires_grad=True)
    urex_loss(sharp, rewards, none, 0.01).backward()
    urex_loss(soft, rewards, none, 100.0).backward()
    assert sharp.grad.numpy() / -0.01 == pytest.approx([0, 1], abs=1e-6)
    assert soft.grad.numpy() / -100 == pytest.approx([0.5, 0.5], abs=0.01)


def expected_loss(controller, task, trials, tau):
    """In numpy: ``trials`` are actions, reward, advantage."""
    pi = joint(controller.policy, controller.embedding(task)).detach().double().numpy()
    log_pi = np.log([pi[3 * first + second] for (first, second), _, _ in trials])
    logits = np.array([reward for _, reward, _ in trials]) / tau - log_pi
    w = np.exp(logits) / np.exp(logits).sum()
    advantages = np.array([advantage for *_, advantage in trials])
    return -((advantages / len(trials) + tau * w) * log_pi).sum()


def test_the_trials_of_a_task_share_weights_with_the_last_ones_before_them():
    controller = Urex(SPACE, 0, settings(urex={"window": 2, "temperature": 0.3}))
    sequence = [("a", (0, 1), 0.5), ("a", (1, 2), 0.7), ("b", (1, 1), 0.4), ("a", (0, 0), 0.6)]
    windows = [  # plain averages of rewards: 0.5, 0.6, 0.6 with variances 0, 0.005, 0.01 / 3
        {"a": [((0, 1), 0.5, 0)]},
        {"a": [((0, 1), 0.5, 0), ((1, 2), 0.7, 0.1 / 0.005**0.5)]},
        {"b": [((1, 1), 0.4, 0)]},
        {"a": [((1, 2), 0.7, 0.1 / 0.005**0.5), ((0, 0), 0.6, 0)]},
    ]
    for trial, window in zip(sequence, windows, strict=True):
        controller.tell(*trial)
        ((task, trials),) = window.items()
        expected = expected_loss(controller, task, trials, 0.3)
        assert controller.loss().item() == pytest.approx(expected, rel=1e-4)
        controller.update()


def test_a_round_longer_than_the_window_is_used_whole_and_tasks_count_alike():
    controller = Urex(SPACE, 0, settings(urex={"window": 1, "temperature": 0.3}))
    for trial in [("a", (0, 1), 0.5), ("b", (1, 1), 0.4), ("a", (1, 2), 0.7), ("a", (0, 0), 0.6)]:
        controller.tell(*trial)
    a = [((0, 1), 0.5, 0), ((1, 2), 0.7, 0.1 / 0.005**0.5), ((0, 0), 0.6, 0)]
    expected = [expected_loss(controller, "a", a, 0.3), expected_loss(controller, "b", [((1, 1), 0.4, 0)], 0.3)]
    assert controller.loss().item() == pytest.approx(np.mean(expected), rel=1e-4)


def test_transfer_forgets_the_last_trials():
    controller = Urex(SPACE, 0, settings())
    controller.tell("a", (0, 1), 0.5)
    controller.update()
    controller.transfer(1)
    controller.tell("a", (1, 1), 0.5)
    expected = expected_loss(controller, "a", [((1, 1), 0.5, 0)], 0.1)
    assert controller.loss().item() == pytest.approx(expected, rel=1e-4)


def test_there_is_no_entropy_bonus():
    one, other = (Urex(SPACE, 0, settings(entropy=entropy)) for entropy in (0.0, 10.0))
    for controller in (one, other):
        controller.tell("a", (0, 1), 0.5)
        controller.update()
    assert torch.equal(weights(one), weights(other))
