"""Metrics against numbers worked out by hand and against a slow, obvious second implementation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tnas_bench.metrics import accuracy_top_n, area_under_curve, evaluated_trials, speed_up, trials_to_reach

accuracies = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])  # few values, so that ties are the rule


def obvious(validation, test, n):
    """Sort all trials so far, best validation first, the earlier first among equals; nothing before trial n."""
    curves = [(math.nan, math.nan)] * min(n - 1, len(validation))
    for seen in range(n, len(validation) + 1):
        best = sorted(range(seen), key=lambda trial: (-validation[trial], trial))[:n]
        curves.append((sum(validation[i] for i in best) / len(best), sum(test[i] for i in best) / len(best)))
    return [pair[0] for pair in curves], [pair[1] for pair in curves]


def test_top_two_by_hand():
    validation, test = accuracy_top_n([0.5, 0.7, 0.6, 0.9], [0.4, 0.8, 0.2, 0.6], 2)
    np.testing.assert_allclose(validation, [np.nan, 0.6, 0.65, 0.8])
    np.testing.assert_allclose(
        test, [np.nan, 0.6, 0.5, 0.7]
    )  # third trial replaces the first although its test is worse


def test_of_equals_the_earlier_child_counts():
    _, test = accuracy_top_n([0.5, 0.5, 0.5], [0.1, 0.2, 0.9], 2)
    np.testing.assert_allclose(test, [np.nan, 0.15, 0.15])


@given(st.lists(st.tuples(accuracies, accuracies), min_size=1, max_size=40), st.integers(1, 12))
def test_second_implementation(trials, n):
    validation, test = zip(*trials, strict=True)
    np.testing.assert_allclose(accuracy_top_n(validation, test, n), obvious(validation, test, n))


@given(st.permutations(list(range(12))), st.integers(1, 5))
def test_order_of_distinct_trials_does_not_change_the_end(order, n):
    validation = np.linspace(0.1, 0.9, 12)
    ends = [curve[-1] for curve in accuracy_top_n(validation[list(order)], 1 - validation[list(order)], n)]
    np.testing.assert_allclose(ends, [validation[-n:].mean(), 1 - validation[-n:].mean()])


def test_evaluated_every_five_trials_and_at_the_end():
    assert evaluated_trials(15).tolist() == [5, 10, 15]
    assert evaluated_trials(12).tolist() == [5, 10, 12]
    assert evaluated_trials(3).tolist() == [3]


def test_trials_to_reach_looks_at_evaluated_trials_only():
    curve = [0.1, 0.2, 0.9, 0.2, 0.3, 0.5, 0.6, 0.6, 0.6, 0.6]
    assert trials_to_reach(curve, 0.3) == 5
    assert trials_to_reach(curve, 0.55) == 10  # above the bar at trials 3 and 7 already
    assert trials_to_reach(curve, 0.55, every=1) == 3
    assert trials_to_reach(curve, 0.61) is None


def test_fewer_than_n_children_attain_nothing():
    validation, _ = accuracy_top_n([0.9, 0.9, 0.9, 0.9, 0.9, 0.1, 0.1], [0.5] * 7, 6)
    assert trials_to_reach(validation, 0.8) is None
    assert area_under_curve(validation) == pytest.approx((4.6 + 4.6) / 12)


def test_a_bar_of_equal_accuracies_is_attained_in_spite_of_rounding():
    bar = 0.1 + 0.2  # 0.30000000000000004
    assert trials_to_reach([0.3] * 5, bar) == 5


def test_speed_up_and_area():
    assert speed_up(20, 430) == 21.5
    assert area_under_curve([0.2, 0.4, 0.9]) == pytest.approx(0.5)
