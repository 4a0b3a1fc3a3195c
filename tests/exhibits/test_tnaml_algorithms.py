"""The preliminary experiment: late means and ranks by hand, lines as matplotlib drew them."""

import numpy as np
import pandas as pd
import pytest

from tnas_bench.config import Budgets
from tnas_bench.exhibits.tnaml_algorithms import EXHIBIT, build, draw


@pytest.fixture
def two_tasks(scale):
    return scale.model_copy(update={"algorithm_tasks": ("sms_spam", "emotion")})


@pytest.fixture
def results(study):
    """Mean validation accuracies over ten trials: REINFORCE 0.06 and 0.02 (two seeds), TRPO 0.05, UREX 0.04, PPO 0.04,
    RS 0.01; on Emotion REINFORCE 0.01, TRPO 0.05 and no others. Of Disasters nobody asked."""
    heights = {"naml": 0.6, "trpo": 0.5, "urex": 0.4, "ppo": 0.4, "random_search": 0.1}
    spam = [study(variant, 0, {4: height}) for variant, height in heights.items()]
    emotion = [study("naml", 0, {4: 0.1}, "emotion"), study("trpo", 0, {4: 0.5}, "emotion")]
    return pd.concat([*spam, study("naml", 1, {2: 0.2}), *emotion, study("naml", 0, {1: 1}, "disasters")])


def test_late_means_and_ranks_by_hand(results, two_tasks):
    """On SMS Spam: TRPO 0.05, then REINFORCE, UREX and PPO, all three 0.04, then RS."""
    late = build(results, two_tasks).query("part == 'late'")
    spam = late[late["task"] == "sms_spam"].set_index("variant")
    assert spam["mean"].to_dict() == pytest.approx(
        {"random_search": 0.01, "naml": 0.04, "trpo": 0.05, "urex": 0.04, "ppo": 0.04}
    )
    assert spam["rank"].to_dict() == {"random_search": 5, "naml": 3, "trpo": 1, "urex": 3, "ppo": 3}
    assert spam.loc["naml", "high"] == pytest.approx(0.04 + 12.706205 * 0.02)
    assert spam["mean_rank"].to_dict() == {"random_search": 5, "naml": 2.5, "trpo": 1, "urex": 3, "ppo": 3}
    assert set(late["task"]) == {"sms_spam", "emotion"}


def test_only_the_last_fifty_trials_count(two_tasks):
    accuracies = np.arange(60) < 10 + 5  # five of the last fifty are right
    facts = {"paper": "tnaml", "experiment": "transfer", "variant": "ppo", "task": "emotion", "seed": 0}
    frame = pd.DataFrame({"trial": range(60), "validation": accuracies * 1.0, "test": 0.0})
    results = frame.assign(**facts, grade="exact", stand_ins="", pretrained_on="")
    scale = two_tasks.model_copy(update={"trials": Budgets(pretraining=1, transfer=60, fixed=1)})
    assert build(results, scale).query("part == 'late'")["mean"].item() == pytest.approx(0.1)


def test_what_a_reader_sees(results, two_tasks):
    (table,) = EXHIBIT.tables(build(results, two_tasks)).values()
    rows = table.set_index(("Algorithm", ""))
    assert rows.index.tolist() == ["RS", "REINFORCE", "TRPO", "UREX", "PPO"]
    assert rows.loc["TRPO"].tolist() == ["5.0", "1", "5.0", "1", "1.00", "among the best"]
    assert rows.loc["UREX"].tolist() == ["4.0", "3", "–", "–", "3.00", "–"]
    assert rows.loc["REINFORCE", ("SMS Spam", "ours")] == "4.0 [0.0, 29.4]"


def test_a_panel_a_task_with_all_algorithms_told_apart(results, two_tasks):
    frame = build(results, two_tasks)
    figure = draw(frame)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["SMS Spam", "Emotion"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["RS", "REINFORCE", "TRPO", "UREX", "PPO"]
    lines = figure.axes[0].lines
    assert len({line.get_color() for line in lines}) == len(lines) == 5
    curve = frame[(frame["task"] == "sms_spam") & (frame["variant"] == "trpo") & (frame["part"] == "curve")]
    np.testing.assert_allclose(lines[2].get_xydata(), curve[["trial", "mean"]])
