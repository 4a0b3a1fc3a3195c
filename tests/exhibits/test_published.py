"""The published cells must bear out what the paper's own text says about them (section 4.1)."""

import numpy as np
import pytest

from tnas_bench.exhibits.published import in_paper_order, read


@pytest.fixture
def halves():
    cells = read("tnaml_table1")
    halves = {
        name: half.pivot(index="task", columns="variant", values="value") for name, half in cells.groupby("measure")
    }
    return halves["trials"], halves["accuracy"]


def test_thirteen_by_six(halves):
    assert all(half.shape == (13, 3) and half.notna().all(axis=None) for half in halves)
    margins = read("tnaml_table1").dropna(subset="margin")
    assert set(margins["variant"]) == {"tnaml"} and set(margins["measure"]) == {"accuracy"} and len(margins) == 13
    assert read("tnaml_table1")["place"].is_unique


def test_statements_on_the_left_half(halves):
    trials, _ = halves
    fastest = trials.idxmin(axis=1)
    assert fastest[fastest != "tnaml"].to_dict() == {"sentiment_imdb": "naml"}  # 12 of 13
    speed_ups = trials["naml"] / trials["tnaml"]
    assert (speed_ups >= 10).sum() == 9
    assert np.median(speed_ups) == pytest.approx(21.5, abs=0.05)
    assert (trials % 5 == 0).all(axis=None)
    budgets = read("tnaml_table1").query("measure == 'trials'").groupby("task")["budget"].first()
    assert (trials["random_search"] <= budgets).all()


def test_statements_on_the_right_half(halves):
    _, accuracy = halves
    best = accuracy.max(axis=1) - accuracy["tnaml"]
    assert best[best > 0].index.tolist() == ["sentiment_cine"]  # best on all but one
    against_naml = np.sign(accuracy["tnaml"] - accuracy["naml"])
    assert against_naml.value_counts().to_dict() == {1: 11, 0: 1, -1: 1}


def test_figure_2_shows_all_transfer_tasks_but_subj():
    panels = read("tnaml_fig2")
    assert set(read("tnaml_table1")["task"]) - set(panels["task"]) == {"subj_movie"}
    assert panels["title"].str.lower().is_monotonic_increasing


def test_paper_order_with_a_task_of_the_users_own():
    titles = in_paper_order(["subj_movie", "mine", "emotion"], read("tnaml_table1"))
    assert list(titles.items()) == [("emotion", "Emotion"), ("subj_movie", "Subj Movie"), ("mine", "mine")]
