"""The ablations against numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest
import tnaml_made

from tnas_bench.config import DrawRule
from tnas_bench.errors import UserError
from tnas_bench.exhibits.tnaml_ablation import ALL, EXHIBIT, build, draw
from tnas_bench.metrics import accuracy_top_n


@pytest.fixture
def results(study):
    """Percent on test of the best of five trials: T-NAML 40 and 45 on both tasks; without embeddings 30 and 40 on SMS
    Spam, 44.95 and 40 on Emotion; of the best of ten, one architecture has 45 and 50, on SMS Spam alone.
    """
    return pd.concat(
        [
            study("tnaml", 0, {1: 0.8, 9: 0.99}),
            study("tnaml", 1, {5: 0.9}),
            study("tnaml", 0, {1: 0.8}, "emotion", "variant"),
            study("tnaml", 1, {5: 0.9}, "emotion", "variant"),
            study("agnostic", 0, {2: 0.6}),
            study("agnostic", 1, {3: 0.8}),
            study("agnostic", 0, {2: 0.899}, "emotion"),
            study("agnostic", 1, {3: 0.8}, "emotion"),
            study("final_child", 0, {10: 0.9}),
            study("final_child", 1, {1: 1.0}),
        ],
        ignore_index=True,
    )


@pytest.fixture
def frame(results, scale):
    return build(results, scale)


def cell(frame, task, variant, measure):
    chosen = frame[(frame["task"] == task) & (frame["variant"] == variant) & (frame["measure"] == measure)]
    return chosen.squeeze()


def test_accuracies_by_hand(frame):
    assert cell(frame, "sms_spam", "tnaml", "test")["mean"] == pytest.approx(42.5)  # trial 9 is beyond the budget
    assert cell(frame, "sms_spam", "tnaml", "validation")["mean"] == pytest.approx(85)
    assert cell(frame, "sms_spam", "agnostic", "test")["mean"] == pytest.approx(35)
    retrained = cell(frame, "sms_spam", "final_child", "test")  # all ten trainings count
    assert (retrained["trials"], retrained["children"]) == (10, 1) and retrained["mean"] == pytest.approx(47.5)


def test_differences_by_hand(frame):
    """One child each has no error: a difference beyond 0.1 points is no draw."""
    spam, emotion = (cell(frame, task, "agnostic", "difference") for task in ("sms_spam", "emotion"))
    assert (spam["mean"], spam["outcome"], spam["margin"]) == (pytest.approx(7.5), "win", 0.1)  # 10 and 5
    assert (emotion["mean"], emotion["outcome"]) == (pytest.approx(0.025), "draw")  # -4.95 and 5
    single = cell(frame, "sms_spam", "final_child", "difference")
    assert (single["mean"], single["outcome"]) == (pytest.approx(-5), "loss")  # -5 both: surely


def test_counts_and_mean_difference_stand_beside_the_papers(frame):
    agnostic = frame[(frame["task"] == ALL) & (frame["variant"] == "agnostic")].set_index("measure")
    counts = agnostic.loc[["tasks", "wins", "losses", "draws"], ["mean", "published"]]
    assert counts.to_numpy().tolist() == [[2, 13], [1, 8], [0, 4], [1, 1]]
    mean = agnostic.loc["mean_difference"]  # over seeds: 2.525 and 5
    assert (mean["mean"], mean["published"]) == (pytest.approx(3.7625), 1.8)
    assert mean["high"] == pytest.approx(3.7625 + 12.706205 * 1.2375)
    assert cell(frame, ALL, "final_child", "sure_losses")["mean"] == 1  # the interval of -5 and -5 is a point


def test_what_a_reader_sees(frame):
    overall, rows = EXHIBIT.tables(frame).values()
    assert overall["Wins-losses-draws"].to_numpy().tolist() == [["1-0-1", "8-4-1"], ["0-1-0", "8-2-3"]]
    assert overall["Wins-losses", "sure"].tolist() == ["0-0", "0-1"]
    assert rows["Task", ""].tolist() == ["SMS Spam", "Emotion †"] or rows["Task", ""].tolist() == [
        "SMS Spam",
        "Emotion",
    ]
    assert rows["One architecture"].to_numpy().tolist()[1] == ["–", "–", "–"]  # not trained on Emotion
    assert rows["No task embeddings", "T-NAML"].tolist() == ["win (margin 0.1)", "draw (margin 0.1)"]
    notes = EXHIBIT.notes(frame)
    assert any("best 1 by validation accuracy of its 10 trainings" in note for note in notes)
    assert any("within 2 standard errors" in note and "within 0.1 points" in note for note in notes)


def test_n_is_at_most_the_number_of_retrainings(scale):
    few = scale.trials.model_copy(update={"retrainings": 4})
    frame = build(tnaml_made.everything(["sms_spam"]), scale.model_copy(update={"trials": few, "top_n": 5}))
    assert cell(frame, "sms_spam", "final_child", "test")["children"] == 4
    assert cell(frame, "sms_spam", "agnostic", "test")["children"] == 5


def test_accuracies_are_the_ends_of_the_curves(scale):
    """The best children found by sorting, against accuracy-topN trial by trial."""
    results = tnaml_made.everything(["sms_spam"], seeds=(3,))
    results["validation"] = results["validation"].round(1)  # many are equal
    frame = build(results.sample(frac=1, random_state=1), scale.model_copy(update={"top_n": 3}))
    study = results.query("variant == 'agnostic'").head(5)
    validation, test = accuracy_top_n(study["validation"], study["test"], 3)
    assert cell(frame, "sms_spam", "agnostic", "validation")["mean"] == pytest.approx(100 * validation[-1])
    assert cell(frame, "sms_spam", "agnostic", "test")["mean"] == pytest.approx(100 * test[-1])


def test_the_rule_is_that_of_the_scale(results, scale):
    generous = build(results, scale.model_copy(update={"draw": DrawRule(deviations=0, points=8)}))
    assert set(generous.query("measure == 'difference'")["outcome"]) == {"draw"}
    assert any("within 8 points" in note for note in EXHIBIT.notes(generous))


def test_dots_intervals_and_margins_are_drawn_where_they_are(frame):
    first, second = draw(frame).axes
    assert [label.get_text() for label in first.get_yticklabels()] == ["SMS Spam", "Emotion †", "Mean"]
    dots = sorted(
        (x, y) for line in first.lines for x, y in zip(*line.get_data(), strict=True) if line.get_marker() == "o"
    )
    np.testing.assert_allclose(dots, [(0.025, 1), (3.7625, 2), (7.5, 0)])
    paper = next(line for line in first.lines if line.get_marker() == "D")
    assert paper.get_xdata()[2] == 1.8
    assert [bar.get_width() for bar in first.patches][:2] == pytest.approx([0.2, 0.2])
    assert second.get_title(loc="left") == "One architecture"


def test_the_mean_over_tasks_is_of_those_that_have_all_seeds(results, scale):
    uneven = results[(results["task"] != "emotion") | (results["seed"] == 0)]
    frame, told = build(uneven, scale), "The mean is of the tasks that have 2 seeds: 1 of 2."
    overall = cell(frame, ALL, "agnostic", "mean_difference")
    assert (overall["mean"], overall["seeds"]) == (pytest.approx((10 + 5) / 2), 2)  # of SMS Spam alone
    assert told in EXHIBIT.notes(frame) and told not in EXHIBIT.notes(build(results, scale))


def test_one_seed_has_no_interval(results, scale):
    frame = build(results[results["seed"] == 0], scale)
    overall, rows = EXHIBIT.tables(frame).values()
    assert overall["Wins-losses", "sure"].tolist() == ["–", "–"]
    assert rows["T-NAML", ""].tolist() == ["40.0", "40.0"]
    assert not any("interval" in note for note in EXHIBIT.notes(frame))


def test_an_unfinished_study_is_named(results, scale):
    with pytest.raises(UserError, match=r"tnaml/transfer/final_child/sms_spam/seed1: holds 9 of 10 trials"):
        build(results.drop(index=results.index[-1]), scale)
