"""Statistics against hand numbers and against scipy's own interval."""

import numpy as np
import pytest
from scipy import stats

from tnas_bench.stats import mean_interval, restricted_mean


def test_interval_by_hand():
    estimate = mean_interval([1, 2, 3], -100, 100)  # deviation 1, t(0.975, 2) = 4.302653, divided by sqrt(3)
    assert estimate.mean == 2
    assert estimate.low == pytest.approx(2 - 2.484138, abs=1e-6)
    assert estimate.high == pytest.approx(2 + 2.484138, abs=1e-6)
    assert (estimate.seeds, estimate.censored) == (3, 0)


def test_interval_agrees_with_scipy():
    values = [0.71, 0.74, 0.69, 0.75, 0.77]
    estimate = mean_interval(values, 0, 1)
    confidence = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (estimate.low, estimate.high) == pytest.approx((confidence.low, confidence.high))


def test_interval_stays_where_the_quantity_lives():
    estimate = mean_interval([95, 99], 0, 100)
    assert estimate.high == 100 and estimate.low == pytest.approx(97 - 12.706205 * 2)


def test_one_seed_has_no_interval():
    estimate = mean_interval([0.5], 0, 1)
    assert estimate.mean == 0.5 and np.isnan([estimate.low, estimate.high]).all()


def test_censored_seeds_count_as_the_bound():
    estimate = restricted_mean([10, None, 30], 100)
    assert estimate.mean == pytest.approx(140 / 3) and estimate.censored == 1


def test_all_censored():
    estimate = restricted_mean([None, None], 250)
    assert (estimate.mean, estimate.low, estimate.high, estimate.censored) == (250, 250, 250, 2)
