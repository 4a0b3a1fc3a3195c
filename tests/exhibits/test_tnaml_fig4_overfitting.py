"""Figure 4, left and centre: gaps, control, retrainings and held-out rows by hand; panels as matplotlib drew them."""

import itertools

import numpy as np
import pandas as pd
import pytest

from tnas_bench.exhibits.tnaml_fig4_overfitting import EXHIBIT, build, draw, guide, held_out, retrained


def study(validation, test, half=None, variant="random_search", task="prog_opinion", seed=0, rows=5):
    """Four trials of different activations and sizes, whose accuracies are given."""
    frame = pd.DataFrame({"validation": validation, "half": validation if half is None else half, "test": test})
    facts = {"paper": "tnaml", "experiment": "transfer", "variant": variant, "task": task, "seed": seed}
    decisions = {"activation": ["relu", "relu", "tanh", "swish"][: len(frame)], "hidden_size": 8}
    marks = {"grade": "exact", "stand_ins": "", "pretrained_on": "", "validation_rows": rows}
    return frame.assign(trial=range(len(frame)), **facts, **decisions, **marks)


@pytest.fixture
def four(scale):
    """Four trials a study, the two best, one retraining."""
    trials = scale.trials.model_copy(update={"transfer": 4, "fixed": 4, "retrainings": 1})
    return scale.model_copy(update={"trials": trials, "top_n": 2})


@pytest.fixture
def first():
    return study([0.2, 0.6, 0.8, 0.4], [0.5, 0.3, 0.1, 0.7])


def ends(frame):
    return frame[frame["part"] == "end"].set_index("measure")["mean"]


def test_gap_and_control_by_hand(first, four):
    """Best two by validation: 0.6 and 0.8, with 0.3 and 0.1 on test; by test: 0.5 and 0.7, with 0.2 and 0.4."""
    found = ends(build(first, four))
    assert found[["validation", "test", "gap"]].tolist() == pytest.approx([0.7, 0.2, 0.5])
    assert found[["control_test", "control_validation", "control_gap"]].tolist() == pytest.approx([0.6, 0.3, 0.3])


def test_curves_start_when_there_are_n_children(first, four):
    frame = build(first, four)
    gaps = frame[(frame["part"] == "curve") & (frame["measure"] == "gap")]
    assert gaps["trial"].tolist() == [2, 3, 4]
    np.testing.assert_allclose(gaps["mean"], [0.4 - 0.4, 0.7 - 0.2, 0.7 - 0.2])


def test_rows_left_out_by_hand():
    """Of five rows, half is of three. The best two by half have all three right; then 5 * 0.8 - 3 = 1 of the other
    two rows, and 5 * 0.6 - 3 = 0: on average a quarter. On test they have 0.3 and 0.1."""
    found = held_out(study([0.8, 0.6, 0.4, 0.8], [0.3, 0.1, 0.7, 0.9], half=[1, 1, 0, 2 / 3]), 2, 5)
    assert found == pytest.approx({"half": 1, "rest": 0.25, "half_gap": 0.8, "rest_gap": 0.05})


def test_noise_alone_makes_no_gap_on_rows_left_out():
    """Children of one true accuracy, evaluated by tossing coins: the half that chose is too high, the rest is not."""
    random = np.random.default_rng(0)
    half, rest = random.binomial(50, 0.7, (2, 100_000)) / 50
    found = held_out(pd.DataFrame({"half": half, "validation": (half + rest) / 2, "test": 0.7}), 1000, 100)
    assert found["half_gap"] > 0.1 and abs(found["rest_gap"]) < 0.01


def test_a_single_row_leaves_nothing_out():
    found = held_out(study([1, 1, 0, 0], [1, 1, 1, 1]), 2, 1)
    assert np.isnan(found["rest"]) and found["half_gap"] == 0


def test_the_same_configurations_are_compared(first):
    """Relu is best at 0.6 (its repeat at 0.2 does not count), tanh at 0.8; swish was not trained again."""
    again = study([0.5, 0.7], [0.4, 0.2], variant="random_search_again").assign(activation=["tanh", "relu"])
    pairs = retrained(first, again).set_index("validation_again")
    assert pairs.loc[0.5].to_dict() == {"validation_then": 0.8, "test_then": 0.1, "test_again": 0.4}
    assert pairs.loc[0.7].to_dict() == {"validation_then": 0.6, "test_then": 0.3, "test_again": 0.2}


def test_what_a_reader_sees(first, four):
    again = study([0.5], [0.4], variant="random_search_again").assign(activation="tanh")
    chosen, control, fresh, half = EXHIBIT.tables(build(pd.concat([first, again]), four)).values()
    assert chosen.iloc[0].tolist()[:6] == ["Prog Opinion", "5", "116", "70.0", "20.0", "50.0"]
    assert control["RS"].iloc[0].tolist() == ["60.0", "30.0", "30.0"]
    assert fresh["RS"].iloc[0].tolist() == ["80.0 → 50.0", "10.0 → 40.0"]
    assert half["RS"].iloc[0].tolist() == ["50.0", "50.0"]  # half as validation: the rest is as well
    assert set(fresh["NAML"].iloc[0]) == {"–"}


def test_intervals_over_seeds(first, four):
    """Gaps of 0.5 and 0.3: 0.4 +- 12.7062 * 0.1, cut to differences of accuracies."""
    other = study([0.2, 0.6, 0.8, 0.4], [0.5, 0.5, 0.3, 0.7], seed=1)
    (gap,) = build(pd.concat([first, other]), four).query("part == 'end' and measure == 'gap'").to_dict("records")
    assert (gap["mean"], gap["low"], gap["high"], gap["seeds"]) == (pytest.approx(0.4), pytest.approx(-0.870620), 1, 2)


def test_another_task_stands_in_and_says_so(noise, scale):
    frame = build(noise(["emotion", "subj_movie"]), scale)
    assert set(frame[frame["part"] == "curve"]["task"]) == {"emotion"}
    assert any("Emotion stands in its place" in note for note in EXHIBIT.notes(frame))
    frame = build(noise(["emotion", "prog_opinion"]), scale)
    assert set(frame[frame["part"] == "curve"]["task"]) == {"prog_opinion"}
    assert not any("stands in its place" in note for note in EXHIBIT.notes(frame))


def test_guide_meets_gaps_of_its_shape():
    rows = pd.Series([100, 400, 900])
    assert guide(pd.DataFrame({"validation_rows": rows, "mean": 0.3 / np.sqrt(rows)})) == pytest.approx(0.3)


def test_panels(noise, scale):
    results = noise(["emotion", "prog_opinion", "sms_spam"])
    sizes = {"emotion": 4000, "prog_opinion": 116, "sms_spam": 557}
    frame = build(results.assign(validation_rows=results["task"].map(sizes)), scale)
    *lines, scatter = draw(frame).axes
    assert lines[0].get_title(loc="left") == "Prog Opinion †: validation"
    assert len({axes.get_ylim() for axes in lines}) == 2  # accuracies share theirs; the gap has its own
    of_tnaml = frame[(frame["part"] == "curve") & (frame["variant"] == "tnaml")]
    for axes, measure in zip(lines, ["validation", "test", "gap", "control_test", "control_validation"], strict=True):
        points = of_tnaml[of_tnaml["measure"] == measure][["trial", "mean"]]
        np.testing.assert_allclose(axes.lines[2].get_xydata(), points)
    assert [len(line.get_xdata()) for line in scatter.lines] == [3, 3, 3, 50]  # three methods on three tasks; a curve


@pytest.mark.parametrize("largest", [110, 700, 4023])
def test_ticks_of_the_sizes_do_not_touch(noise, scale, largest):
    results = noise(["emotion", "prog_opinion", "sms_spam"])
    sizes = {"emotion": largest, "prog_opinion": 40, "sms_spam": 60}
    figure = draw(build(results.assign(validation_rows=results["task"].map(sizes)), scale))
    figure.draw_without_rendering()
    axes = figure.axes[-1]
    low, high = axes.get_xlim()
    shown = [tick.label1.get_window_extent() for tick in axes.xaxis.get_major_ticks() if low <= tick.get_loc() <= high]
    assert len(shown) >= 2
    assert all(left.x1 + 2 < right.x0 for left, right in itertools.pairwise(shown))
