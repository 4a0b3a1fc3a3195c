import numpy as np
import pytest

from tnas_bench.controllers.advantage import Baseline


def test_five_rewards_by_hand():
    # decay 0.4: trials weigh 1, 1/2, then 0.4.
    #   R     b                          sigma2                              A' = (R - b) / sigma
    #   0.5   0.5                        0                                   0
    #   0.7   0.6                        (0 + 0.1^2) / 2    = 0.005          0.1 / sqrt(0.005)
    #   0.6   0.6                        0.6 * 0.005 + 0    = 0.003          0
    #   1.0   0.6 * 0.6 + 0.4  = 0.76    0.0018 + 0.4 * 0.24^2 = 0.02484     0.24 / sqrt(0.02484)
    #   0.2   0.456 + 0.08     = 0.536   0.014904 + 0.4 * 0.336^2 = 0.0600624   -0.336 / sqrt(0.0600624)
    baseline = Baseline(decay=0.4, deviation_floor=1e-3)
    advantages = [baseline.advantage(reward) for reward in (0.5, 0.7, 0.6, 1.0, 0.2)]
    assert advantages == pytest.approx([0, 0.1 / 0.005**0.5, 0, 0.24 / 0.02484**0.5, -0.336 / 0.0600624**0.5])
    assert (baseline.mean, baseline.variance) == pytest.approx((0.536, 0.0600624))


def test_the_mean_is_plain_until_the_decay_takes_over():
    rewards = np.linspace(0.3, 0.9, 100) ** 2
    baseline = Baseline(decay=0.01, deviation_floor=1e-3)
    for reward in rewards:
        baseline.advantage(reward)
    assert baseline.mean == pytest.approx(rewards.mean())
    baseline.advantage(0.0)
    assert baseline.mean == pytest.approx(0.99 * rewards.mean())


def test_after_the_first_trials_the_averages_forget_exponentially():
    baseline = Baseline(decay=0.25, deviation_floor=1e-3)
    rewards = [0.1, 0.9, 0.4, 0.7, 0.3, 0.8]
    for reward in rewards:
        baseline.advantage(reward)
    first_four = np.mean(rewards[:4])
    assert baseline.mean == pytest.approx(0.75**2 * first_four + 0.75 * 0.25 * 0.3 + 0.25 * 0.8)


def test_equal_rewards_have_no_advantage_and_tiny_differences_are_not_blown_up():
    baseline = Baseline(decay=0.01, deviation_floor=0.1)
    assert [baseline.advantage(0.5) for _ in range(3)] == [0, 0, 0]
    # b = 0.502 after a fourth trial of 0.508; sigma is far below the floor.
    assert baseline.advantage(0.508) == pytest.approx(0.006 / 0.1)
