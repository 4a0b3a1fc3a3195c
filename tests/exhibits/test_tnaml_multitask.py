"""Multitask training against numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest
import tnaml_made

from tnas_bench.config import DrawRule
from tnas_bench.errors import UserError
from tnas_bench.exhibits.tnaml_multitask import EXHIBIT, build, draw


def study(variant, task, seed, validation, trials=None):
    """A study on a task; test accuracies are half of those on validation. ``trials``: their numbers in the study."""
    frame = tnaml_made.study("pretraining", variant, task, seed, len(validation))
    frame["trial"] = range(len(validation)) if trials is None else trials
    return frame.assign(validation=validation, test=np.array(validation) / 2)


@pytest.fixture
def results():
    """Multitask has three trials of SST with seed 0 and four with seed 1, the others five of each task."""
    by_task = {"complaints": [0.1, 0.5, 0.2, 0.6, 0.3], "sst": [0.4, 0.2, 0.3, 0.8, 0.1]}
    alone = [
        study(variant, task, seed, values)
        for variant in ("random_search", "naml")
        for task, values in by_task.items()
        for seed in (0, 1)
    ]
    multitask = [
        study("tnaml", "complaints", 0, [0.6] * 6, [0, 2, 4, 6, 7, 8]),
        study("tnaml", "complaints", 1, [0.6] * 5, [0, 2, 4, 6, 8]),
        study("tnaml", "sst", 0, [0.2, 0.4, 0.3], [1, 3, 5]),
        study("tnaml", "sst", 1, [0.2, 0.4, 0.5, 0.9], [1, 3, 5, 7]),
    ]
    return pd.concat([*alone, *multitask], ignore_index=True)


@pytest.fixture
def frame(results, scale):
    return build(results.sample(frac=1, random_state=1), scale)


def line(frame, task, variant, measure, part="curve"):
    chosen = (frame["task"] == task) & (frame["variant"] == variant) & (frame["measure"] == measure)
    return frame[chosen & (frame["part"] == part)]


def test_a_task_is_compared_at_the_trials_that_all_have(frame):
    assert line(frame, "sst", "naml", "test")["trial"].tolist() == [1, 2, 3]
    assert line(frame, "complaints", "tnaml", "test")["trial"].tolist() == [1, 2, 3, 4, 5]


def test_curves_count_the_trials_of_the_task_alone(frame):
    multitask = line(frame, "sst", "tnaml", "validation")
    np.testing.assert_allclose(multitask["mean"], [20, 40, 45])  # seed 1 finds 0.5 in its third trial of the task
    np.testing.assert_allclose(multitask["high"], [20, 40, 50])
    np.testing.assert_allclose(line(frame, "sst", "tnaml", "test")["low"], [10, 20, 20])


def test_ends_and_differences_by_hand(frame):
    """On SST multitask ends at 40 and 50, NAML at 40; on Complaints all end at 60."""
    end = line(frame, "sst", "tnaml", "validation", "end").squeeze()
    assert end["mean"] == pytest.approx(45) and end["seeds"] == 2
    sst, complaints = (line(frame, task, "naml", "test", "difference").squeeze() for task in ("sst", "complaints"))
    assert (sst["mean"], sst["outcome"]) == (pytest.approx(2.5), "win")
    assert sst["high"] == pytest.approx(2.5 + 12.706205 * 2.5)
    assert (complaints["mean"], complaints["outcome"]) == (pytest.approx(0), "draw")


def test_what_a_reader_sees(frame):
    overall, ends, differences = EXHIBIT.tables(frame).values()
    assert overall["Higher-similar-lower"].to_numpy().tolist() == [["1-1-0", "2-6-0"]] * 2 + [["1-1-0", "–"]] * 2
    assert overall["Higher-lower", "sure"].tolist() == ["0-0"] * 4
    assert ends["Trials", ""].tolist() == ["5", "3"] and ends["Task", ""].tolist() == ["Complaints †", "Sst †"]
    assert ends["Multitask", "test"].tolist() == ["30.0 [30.0, 30.0]", "22.5 [0.0, 54.3]"]
    assert differences["NAML", "test: is"].tolist() == ["similar (margin 0.1)", "higher (margin 0.1)"]


def test_lower_by_the_rule_of_the_scale(results, scale):
    better = results.assign(validation=results["validation"].where(results["variant"] != "naml", 0.9))
    better["test"] = better["validation"]
    overall, *_ = EXHIBIT.tables(build(better, scale)).values()
    assert overall["Higher-similar-lower", "ours"].tolist()[:2] == ["0-0-2", "0-0-2"]
    generous = scale.model_copy(update={"draw": DrawRule(points=100)})
    overall, *_ = EXHIBIT.tables(build(better, generous)).values()
    assert overall["Higher-similar-lower", "ours"].tolist()[:2] == ["0-2-0", "0-2-0"]


def test_fewer_trials_than_n_have_no_accuracy(results, scale):
    frame = build(results, scale.model_copy(update={"top_n": 4}))
    assert line(frame, "sst", "naml", "test")["mean"].isna().all()
    _, ends, differences = EXHIBIT.tables(frame).values()
    assert ends["NAML", "test"].tolist()[1] == "–" and differences["RS", "validation"].tolist()[1] == "–"
    assert any("fewer than N trials of Sst" in note for note in EXHIBIT.notes(frame))
    assert len(draw(frame).axes) == 4
    none = EXHIBIT.tables(build(results, scale.model_copy(update={"top_n": 7})))
    assert len(none) == 1


def test_a_task_that_multitask_training_never_drew(results, scale):
    frame = build(results.query("variant != 'tnaml' or task != 'sst'"), scale)
    overall, ends, _ = EXHIBIT.tables(frame).values()
    assert ends["Multitask", "test"].tolist()[1] == "–" and ends["Trials", ""].tolist() == ["5", "5"]
    assert overall["Tasks", "ours"].tolist() == ["1"] * 4


def test_a_method_with_a_seed_that_never_drew_a_task_is_left_out_of_it(results, scale):
    frame = build(results.query("variant != 'tnaml' or task != 'sst' or seed != 0"), scale)
    assert set(frame.loc[(frame["task"] == "sst") & (frame["part"] == "end"), "variant"]) <= {"random_search", "naml"}
    assert "tnaml" in set(frame.loc[(frame["task"] == "complaints") & (frame["part"] == "end"), "variant"])


def test_panels_come_in_pairs_and_hold_the_points(frame):
    figure = draw(frame)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == [f"{task}: {measure}" for task in ("Complaints †", "Sst †") for measure in ("validation", "test")]
    multitask = next(each for each in figure.axes[2].lines if each.get_label() == "Multitask")
    np.testing.assert_allclose(multitask.get_ydata(), [20, 40, 45])


def test_no_pretraining_studies(scale):
    with pytest.raises(UserError, match="no study of tnaml/pretraining"):
        build(tnaml_made.study("transfer", "naml", "sst", 0), scale)
