"""Comparisons of two searches against numbers worked out by hand."""

import numpy as np
import pytest

from tnas_bench.config import DrawRule
from tnas_bench.exhibits.comparison import compare

ONE = {
    0: np.array([80.0, 82.0, 84.0]),
    1: np.array([81.0, 83.0, 85.0]),
}  # means 82 and 83, each with s.e.m. 2 / sqrt(3)
OTHER = {0: np.array([79.0, 81.0]), 1: np.array([80.0, 80.0])}  # means 80 and 80, s.e.m. 1 and 0


def test_by_hand():
    """Differences 2 and 3; errors sqrt(4/3 + 1) and sqrt(4/3)."""
    found = compare(ONE, OTHER, DrawRule(deviations=2, points=0.1))
    error = ((7 / 3) ** 0.5 + (4 / 3) ** 0.5) / 2
    assert (found["mean"], found["seeds"]) == (2.5, 2)
    assert found["high"] == pytest.approx(2.5 + 12.706205 * 0.5)
    assert found["error"] == pytest.approx(error) and found["margin"] == pytest.approx(2 * error)
    assert found["outcome"] == "draw"  # 2.5 is less than 2 * 1.34


@pytest.mark.parametrize(
    ("deviations", "points", "outcome"), [(1, 0, "win"), (1, 2.5, "draw"), (0, 2.4, "win"), (0, 2.5, "draw")]
)
def test_either_margin_makes_a_draw(deviations, points, outcome):
    rule = DrawRule(deviations=deviations, points=points)
    assert compare(ONE, OTHER, rule)["outcome"] == outcome
    other_way = {"win": "loss", "draw": "draw"}[outcome]
    assert compare(OTHER, ONE, rule)["outcome"] == other_way


def test_only_seeds_that_both_have_count():
    found = compare(ONE, {1: OTHER[1], 7: np.array([0.0, 1.0])}, DrawRule())
    assert (found["mean"], found["seeds"]) == (3, 1) and np.isnan(found["low"])


def test_one_child_has_no_error_and_points_decide():
    found = compare({0: np.array([82.0])}, {0: np.array([80.0])}, DrawRule(deviations=2, points=0.5))
    assert np.isnan(found["error"]) and (found["margin"], found["outcome"]) == (0.5, "win")
