"""Table 1 against numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from tnas_bench.errors import UserError
from tnas_bench.exhibits import find
from tnas_bench.exhibits.tnaml_table1 import EXHIBIT, build


@pytest.fixture
def frame(two_seeds, scale):
    return build(two_seeds, scale)


def cell(frame, measure, variant):
    return frame[(frame["measure"] == measure) & (frame["variant"] == variant)].squeeze()


def test_left_half_by_hand(frame):
    """A seed's bar is the best of the other RS seed; seen after 5 and 10 trials; censored seeds count as 10."""
    assert frame[frame["measure"] == "trials"].set_index("variant")[["mean", "censored"]].T.to_dict("list") == {
        "random_search": [7.5, 1],  # seed 0: never at 0.8; seed 1: above 0.6 at trial 5
        "naml": [10, 1],  # seed 0: 0.8 at trial 9, seen at 10; seed 1: never at 0.6
        "tnaml": [5, 0],
    }
    assert not frame["own_bar"].any()


def test_right_half_by_hand(frame):
    """In percent after five trials. RS: 10 and 40, so 25 +- 12.7062 * 15, cut to the range of an accuracy."""
    rs = cell(frame, "accuracy", "random_search")
    assert (rs["mean"], rs["low"], rs["high"], rs["budget"]) == (25, 0, 100, 5)
    naml = cell(frame, "accuracy", "naml")  # 20 and 25
    assert naml["mean"] == pytest.approx(22.5)
    assert naml["high"] == pytest.approx(22.5 + 12.706205 * 2.5)


def test_published_cells_stand_beside_ours(frame):
    tnaml = cell(frame, "accuracy", "tnaml")
    assert (tnaml["published"], tnaml["published_margin"], tnaml["published_budget"]) == (98.1, 0.1, 500)
    assert cell(frame, "trials", "random_search")["published"] == 4815


def test_one_seed_sets_its_own_bar_and_says_so(two_seeds, scale):
    frame = build(two_seeds[two_seeds["seed"] == 0], scale)
    rs = cell(frame, "trials", "random_search")
    assert rs["mean"] == 10 and rs["censored"] == 0 and np.isnan(rs["low"])
    assert cell(frame, "trials", "naml")["mean"] == 10
    assert "With one seed, the bar is the best of that very RS run." in EXHIBIT.notes(frame)


def test_what_a_reader_sees(two_seeds, study, scale):
    never = pd.concat([study("random_search", seed, {1: 0.5}, "emotion", "variant", "tiny") for seed in (0, 1)])
    never = pd.concat([never, *(study("naml", seed, {1: 0.4}, "emotion", "variant", "tiny") for seed in (0, 1))])
    frame = build(pd.concat([two_seeds, never]), scale)
    left, right = EXHIBIT.tables(frame).values()
    assert left["Task", ""].tolist() == ["SMS Spam", "Emotion †"]
    assert left["NAML", "ours"].tolist() == ["≥ 10 [10, 10]", "> 10"]
    assert left["T-NAML", "ours"].tolist() == ["5 [5, 5]", "–"]  # no T-NAML study of Emotion: nothing is invented
    assert right["T-NAML", "paper"].tolist() == ["98.1 ± 0.1", "–"]
    assert right["NAML", "ours"].tolist() == ["22.5 [0.0, 54.3]", "20.0 [20.0, 20.0]"]
    assert left["B", "paper"].tolist() == ["5000", "5000"]
    assert any("Emotion: variant" in note for note in EXHIBIT.notes(frame))


def test_speed_up_by_hand(frame):
    """One task: T-NAML's 5 trials against NAML's 10 and RS's 7.5, each censored once; the paper's 70, 3390 and 4815."""
    assert "Median speed-up of T-NAML over NAML: at least 2.0 (paper, same tasks: 48.4)." in EXHIBIT.notes(frame)
    assert "Median speed-up of T-NAML over RS: at least 1.5 (paper, same tasks: 68.8)." in EXHIBIT.notes(frame)


def test_rows_come_in_the_order_of_the_paper(noise, scale):
    frame = build(noise(["subj_movie", "brown_corpus", "emotion"]), scale)
    assert frame["task"].drop_duplicates().tolist() == ["brown_corpus", "emotion", "subj_movie"]


def test_without_random_search_there_is_no_bar(two_seeds, scale):
    frame = build(two_seeds[two_seeds["variant"] != "random_search"], scale)
    assert set(frame["measure"]) == {"accuracy"}
    assert len(EXHIBIT.tables(frame)) == 1


def test_order_of_rows_does_not_matter(two_seeds, scale, frame):
    shuffled = two_seeds.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(build(shuffled, scale), frame)


def test_an_unfinished_study_is_named(two_seeds, scale):
    unfinished = two_seeds.drop(index=two_seeds.index[-1])
    with pytest.raises(UserError, match=r"tnaml/transfer/tnaml/sms_spam/seed1: holds 9 of 10 trials"):
        build(unfinished, scale)


def test_more_trials_than_the_budget_are_not_read(two_seeds, scale, frame):
    late = two_seeds.assign(trial=two_seeds["trial"] + 10, validation=1.0, test=1.0)
    pd.testing.assert_frame_equal(build(pd.concat([two_seeds, late]), scale), frame)


def test_no_transfer_studies(study, scale):
    with pytest.raises(UserError, match="no study of tnaml/transfer"):
        build(study("tnaml", 0, {}, experiment="pretraining"), scale)


def test_unknown_exhibit():
    assert find("tnaml_table1") is EXHIBIT
    with pytest.raises(UserError, match="unknown exhibit 'table_one': take one of tnaml_table1, tnaml_fig1"):
        find("table_one")
