"""Our accuracies beside the literature's, worked out by hand."""

import pandas as pd
import pytest
import tnaml_made

from tnas_bench.errors import UserError
from tnas_bench.exhibits.published import read
from tnas_bench.exhibits.tnaml_literature import EXHIBIT, build


def study(experiment, task, seed, best, trials=10, grade="exact"):
    """A study of one good trial: its test accuracy is half of its validation accuracy."""
    validation = [best.get(trial, 0.0) for trial in range(1, trials + 1)]
    frame = tnaml_made.study(experiment, "tnaml", task, seed, trials, grade=grade)
    return frame.assign(validation=validation, test=[value / 2 for value in validation])


@pytest.fixture
def results():
    """T-NAML has 40 and 45 on Customer Reviews after five trials; multitask 49 on SST, in its last trial, and 40."""
    return pd.concat(
        [
            study("transfer", "customer_reviews", 0, {3: 0.8, 7: 1.0}),
            study("transfer", "customer_reviews", 1, {4: 0.9}),
            study("pretraining", "sst", 0, {9: 0.98}, 9, "subset"),
            study("pretraining", "sst", 1, {2: 0.8}, 12, "subset"),
            study("pretraining", "customer_reviews", 0, {1: 1.0}),  # transferred to: that counts
            study("transfer", "brown_corpus", 0, {1: 1.0}),
            tnaml_made.study("transfer", "naml", "mpqa_opinion", 0),
        ],
        ignore_index=True,
    )


@pytest.fixture
def frame(results, scale):
    return build(results.sample(frac=1, random_state=1), scale)


def rows(frame, task, kind):
    return frame[(frame["task"] == task) & (frame["kind"] == kind)]


def test_ours_by_hand(frame):
    reviews, sst = (rows(frame, task, "ours").squeeze() for task in ("customer_reviews", "sst"))
    assert (reviews["value"], reviews["source"], reviews["trials"]) == (pytest.approx(42.5), "T-NAML", 5)
    assert reviews["error"] == pytest.approx(100 * (0.425 * 0.575 / 100) ** 0.5)  # of 100 test rows
    assert reviews["high"] == pytest.approx(42.5 + 12.706205 * 2.5)
    assert (sst["value"], sst["source"], sst["trials"]) == (pytest.approx(44.5), "Multitask", 9)


def test_differences_by_hand(frame):
    assert rows(frame, "customer_reviews", "paper")["difference"].tolist() == [pytest.approx(42.5 - 81.4)]
    assert rows(frame, "customer_reviews", "cited")["difference"].tolist() == pytest.approx([42.5 - 82.5, 42.5 - 81.1])
    assert rows(frame, "sst", "paper")["value"].tolist() == [83.4]
    assert rows(frame, "sst", "cited")["source"].tolist()[0].startswith("Barnes")


def test_what_a_reader_sees(frame):
    (cited,) = EXHIBIT.tables(frame).values()  # there is no later result on these tasks
    assert cited["Task", ""].tolist() == ["Brown Corpus", *["Customer Reviews"] * 2, *["Sst †"] * 2]
    assert cited["Ours", "by"].tolist()[::2] == ["T-NAML, 5 trials", "T-NAML, 5 trials", "Multitask, 9 trials"]
    assert cited["Cited"].iloc[0].tolist() == ["–"] * 4
    assert cited["Cited"].iloc[1].tolist()[:3] == ["82.5", "−40.0", "−1.1"]
    assert cited["Paper's"].iloc[4].tolist() == ["83.4", "−38.9"]
    assert not any("Houlsby" in note for note in EXHIBIT.notes(frame))


def test_later_results_are_marked_as_not_of_the_paper(scale):
    frame = build(
        pd.concat([study("transfer", "sms_spam", 0, {1: 1.0}), study("pretraining", "airline", 0, {})]), scale
    )
    _, later = EXHIBIT.tables(frame).values()
    assert later["NAML of 2019 ‡", "accuracy"].tolist() == ["98.5", "84.5"]
    assert later["BERT-base of 2019 ‡", "ours − this"].tolist() == ["−49.3", "−83.6"]
    assert later["Paper's", "accuracy"].tolist() == ["98.1", "–"]
    assert rows(frame, "airline", "later_bert")["place"].item().startswith("not of this paper")
    assert any(note.startswith("‡ Not in the paper") for note in EXHIBIT.notes(frame))


def test_fewer_trials_than_n_have_no_accuracy(results, scale):
    frame = build(results[results["experiment"] == "pretraining"], scale.model_copy(update={"top_n": 10}))
    (cited,) = EXHIBIT.tables(frame).values()
    assert cited["Ours", "accuracy"].tolist()[-2:] == ["–", "–"]  # nine trials of SST with seed 0


def test_an_unfinished_study_and_missing_ones_are_named(results, scale):
    with pytest.raises(UserError, match=r"tnaml/transfer/tnaml/brown_corpus/seed0: holds 4 of 5 trials"):
        build(results[(results["task"] != "brown_corpus") | (results["trial"] < 4)], scale)
    with pytest.raises(UserError, match="no study of tnaml/transfer/tnaml"):
        build(results[results["variant"] == "naml"], scale)


def test_the_papers_own_statements_hold_for_its_numbers():
    """Section 4.1: above the cited on SMS Spam, MPQA and Subj, behind on IMDB, between the two of Customer Reviews."""
    table = read("tnaml_table1").query("measure == 'accuracy' and variant == 'tnaml'").set_index("task")["value"]
    cited = read("tnaml_literature").query("kind == 'cited' and task != 'sst'").groupby("task")["value"]
    above = table.loc[list(cited.groups)] > cited.max()
    assert set(above.index[above]) == {"sms_spam", "mpqa_opinion", "subj_movie"}
    assert cited.min()["customer_reviews"] < table["customer_reviews"] < cited.max()["customer_reviews"]


def test_later_results_are_of_the_same_fourteen_tasks():
    later = read("tnaml_literature")
    naml, bert = (set(later.loc[later["kind"] == kind, "task"]) for kind in ("later_naml", "later_bert"))
    assert naml == bert and len(naml) == 14
