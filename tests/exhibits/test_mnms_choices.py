"""What was chosen late for each task, and how far apart it is: by hand, and against all labellings."""

from itertools import combinations

import mnms_made
import numpy as np
import pandas as pd
import pytest

from tnas_bench.exhibits.mnms_choices import ALL, distances, late_trials, models, shares, total_variation

SPACE = {"activation": ["relu", "swish", "tanh"], "fine_tune": [True, False]}


def window(tasks, activations, fine_tune):
    return pd.DataFrame(
        {"trial": range(len(tasks)), "task": list(tasks), "activation": activations, "fine_tune": fine_tune}
    )


@pytest.fixture
def seed_0():
    """a: relu, relu, swish; b: swish, swish."""
    activations = ["relu", "swish", "relu", "swish", "swish"]
    return window("abaab", activations, [True, True, False, True, True])


def test_late_are_the_last_trials_of_a_study_whatever_their_task():
    study = pd.DataFrame({"trial": range(10), "task": list("abababaaaa")}).sample(frac=1, random_state=1)
    assert sorted(late_trials(study)["trial"]) == [7, 8, 9]  # a quarter of ten, rounded up


def test_shares_by_hand(seed_0):
    other = window("ab", ["relu", "tanh"], [True, False])
    found = shares({0: seed_0, 1: other}, SPACE, ["a", "b"]).set_index(["task", "decision", "choice"])
    relu = found.loc["a", "activation", "relu"]
    assert relu[["mean", "low", "high"]].tolist() == pytest.approx([5 / 6, 2 / 3, 1])  # 2 of 3, 1 of 1
    assert found.loc["b", "activation", "swish"].tolist() == [0.5, 0, 1, 2]
    assert found.loc["b", "fine_tune", "False"].tolist() == [0.5, 0, 1, 2]
    np.testing.assert_allclose(found.groupby(["task", "decision"])["mean"].sum(), 1)
    assert found.index.get_level_values("choice").unique().tolist() == ["relu", "swish", "tanh", "True", "False"]


def test_distances_by_hand(seed_0):
    """Activation: (2/3 + 2/3) / 2; fine_tune: 2/3 against 1."""
    found = distances({0: seed_0}, SPACE, "a").set_index("decision")["mean"]
    assert found.to_dict() == pytest.approx({"activation": 2 / 3, "fine_tune": 1 / 3, ALL: 1 / 2})


def test_chance_is_that_of_all_labellings(seed_0):
    exact = []
    for of_a in combinations(range(5), 3):
        a, b = seed_0.iloc[list(of_a)]["activation"], seed_0.drop(index=list(of_a))["activation"]
        exact.append(sum(abs((a == choice).mean() - (b == choice).mean()) for choice in SPACE["activation"]) / 2)
    found = distances({0: seed_0}, SPACE, "a").set_index("decision").loc["activation"]
    assert found["chance"] == pytest.approx(np.mean(exact), abs=4 * np.std(exact) / np.sqrt(1000))
    assert found["chance_high"] == pytest.approx(max(exact))  # 3 of 10 labellings are the farthest


def test_the_mean_over_seeds_varies_less_by_chance(seed_0):
    one = distances({0: seed_0}, SPACE, "a").set_index("decision")
    many = distances(dict.fromkeys(range(20), seed_0), SPACE, "a").set_index("decision")
    assert many.loc[ALL, "mean"] == one.loc[ALL, "mean"]
    assert many.loc[ALL, "chance_high"] < one.loc[ALL, "chance_high"]  # draws of seeds are their own
    assert many.loc[ALL, "chance"] == pytest.approx(one.loc[ALL, "chance"], abs=0.03)


def test_tasks_that_are_alike_seldom_lie_beyond_chance():
    """Expected: 2 of 40, at a twentieth each; 7 or more would be odd (0.3%)."""
    windows = {seed: mnms_made.study("mnms", ("a", "b"), seed, 60) for seed in range(40)}
    found = [distances({seed: each}, mnms_made.SPACE, "a").iloc[-1] for seed, each in windows.items()]
    assert sum(cell["mean"] > cell["chance_high"] for cell in found) < 7


def test_alike_and_disjoint_choices():
    labels = np.array([[True, True, False, False]])
    assert total_variation(labels, np.array([[1, 0], [0, 1], [1, 0], [0, 1]])) == [0]
    assert total_variation(labels, np.array([[1, 0], [1, 0], [0, 1], [0, 1]])) == [1]


def test_a_window_of_one_task_is_left_out(seed_0):
    alone = window("aa", ["relu", "relu"], [True, True])
    assert distances({0: alone}, SPACE, "a").empty
    assert distances({0: seed_0, 1: alone}, SPACE, "a")["seeds"].unique() == [1]
    assert set(shares({1: alone}, SPACE, ["a", "b"])["task"]) == {"a"}


def test_models_are_counted_over_seeds():
    learnt = pd.DataFrame({"task": "a", "variant": "mnms", "activation": ["relu", "tanh", "relu"], "fine_tune": True})
    found = models(learnt, SPACE).set_index("choice")["mean"]
    assert found.to_dict() == pytest.approx({"relu": 2 / 3, "tanh": 1 / 3, "True": 1})
