"""Cost and savings against numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from tnas_bench.claims.measures import costs
from tnas_bench.exhibits.tnaml_cost import ALL, EXHIBIT, build
from tnas_bench.metrics import amortisation, saving

SECONDS = {"random_search": (10.0, 20.0), "naml": (30.0, 50.0), "tnaml": (40.0, 60.0)}  # medians, by seed


@pytest.fixture
def results(two_seeds):
    """Of the trials of Table 1's test: RS 7.5 (a seed censored), NAML 10 (a seed censored), T-NAML 5."""
    seconds = [SECONDS[variant][seed] for variant, seed in zip(two_seeds["variant"], two_seeds["seed"], strict=True)]
    return two_seeds.assign(median_seconds=seconds, mean_seconds=np.array(seconds) + 1, cpu="Abacus")


def value(frame, task, variant, measure, column="value"):
    chosen = (frame["task"] == task) & (frame["variant"] == variant) & (frame["measure"] == measure)
    return frame.loc[chosen, column].item()


def test_formulas_with_the_papers_numbers():
    """T = 268, B = 500 and S = 22 give 35.5 hours, and 1.05 M tasks."""
    assert saving(500, 268, 22) == pytest.approx(35.5, abs=0.05)
    assert amortisation(22) == pytest.approx(1.048, abs=0.001)
    assert saving(500, 268, 0.5) < 0 and amortisation(0.5) == amortisation(1) == np.inf


def test_seconds_by_hand(results, scale):
    """Medians of six studies: between 30 and 40; means of theirs."""
    frame = build(results, scale)
    assert value(frame, "sms_spam", "all", "seconds") == 35 and value(frame, "sms_spam", "tnaml", "seconds") == 50
    assert value(frame, "sms_spam", "all", "mean_seconds") == 36
    assert value(frame, ALL, "all", "seconds", "published") == 268


def test_speed_ups_and_savings_by_hand(results, scale):
    """S is 10 / 5 over NAML; five trials of 35 seconds save half of their time; pretraining: two tasks, ten trials."""
    frame = build(results, scale)
    assert value(frame, "sms_spam", "naml", "speed_up") == 2
    assert value(frame, "sms_spam", "random_search", "speed_up") == 1.5
    assert value(frame, "sms_spam", "naml", "saving") == pytest.approx(5 * 35 / 2 / 3600)
    assert value(frame, "sms_spam", "naml", "speed_up", "published") == pytest.approx(3390 / 70)
    assert [value(frame, ALL, "naml", "amortisation", column) for column in ("value", "published")] == [2, 1.05]
    assert value(frame, ALL, "naml", "new_tasks") == 4
    assert value(frame, ALL, "random_search", "break_even") == pytest.approx(10 / (5 * (1 - 1 / 1.5)))


def test_median_and_mean_over_tasks(results, scale):
    """A task of twice the seconds, another of eight times."""
    others = [
        results.assign(task=task, median_seconds=times * results["median_seconds"])
        for task, times in (("emotion", 2), ("disasters", 8))
    ]
    frame = build(pd.concat([results, *others]), scale)
    least = 5 * 35 / 2 / 3600
    assert value(frame, ALL, "naml", "median_saving") == pytest.approx(2 * least)
    assert value(frame, ALL, "naml", "mean_saving") == pytest.approx(11 / 3 * least)
    assert value(frame, ALL, "all", "seconds") == 70


def test_measures_over_tasks_are_of_the_tasks_that_have_all_seeds(results, scale):
    """Emotion, twice as slow, has seed 0 alone: what is left is SMS Spam, as without it."""
    slow = results.assign(task="emotion", median_seconds=2 * results["median_seconds"])
    uneven = pd.concat([results, slow[slow["seed"] == 0]])
    for measure in (costs.seconds, costs.mean_saving):
        pd.testing.assert_frame_equal(measure(uneven, scale), measure(results, scale))
    assert costs.seconds(uneven, scale)["value"].tolist() == [30, 50]


def test_censored_speed_ups_are_bounds_and_say_so(results, scale):
    frame = build(results, scale)
    assert value(frame, "sms_spam", "naml", "speed_up", "bound") == "≥"
    assert value(frame, ALL, "naml", "amortisation", "bound") == "≤"
    savings, _, by_task = EXHIBIT.tables(frame).values()
    assert by_task["Over NAML", "S"].tolist() == ["≥ 2"]
    assert savings["Over NAML"].iloc[3].tolist() == ["≤ 2", "1.05"]
    assert any("(censored)" in note for note in EXHIBIT.notes(frame))


def test_neither_bound_where_searches_of_both_missed_the_bar(results, scale):
    never = results.assign(validation=results["validation"].where(results["variant"] != "tnaml", 0))
    frame = build(never, scale)
    assert value(frame, "sms_spam", "naml", "speed_up") == 1
    assert value(frame, "sms_spam", "naml", "speed_up", "bound") == "~"
    savings, *_ = EXHIBIT.tables(frame).values()
    assert savings["Over NAML", "ours"].tolist() == ["~ 1", "~ 0", "~ 0", "never", "never", "never"]


def test_an_upper_bound_where_only_transfer_missed_the_bar(results, scale):
    """NAML attains both bars at once, T-NAML none of them."""
    accuracies = results["variant"].map({"naml": 1.0, "tnaml": 0.0}).fillna(results["validation"])
    frame = build(results.assign(validation=accuracies), scale)
    assert [value(frame, "sms_spam", "naml", "speed_up", column) for column in ("value", "bound")] == [0.5, "≤"]
    assert value(frame, "sms_spam", "naml", "saving") == pytest.approx(-5 * 35 / 3600)


def test_nothing_is_bounded_where_all_searches_attain_the_bar(results, scale):
    frame = build(results.assign(validation=0.5), scale)
    assert not frame["bound"].any() and not any("censored" in note for note in EXHIBIT.notes(frame))
    assert value(frame, "sms_spam", "naml", "speed_up") == 1


def test_what_a_cost_is_and_of_what_machine(results, scale):
    notes = EXHIBIT.notes(build(results, scale))
    assert any("on one thread" in note and "machine: Abacus" in note for note in notes)
    assert any("here 2" in note for note in notes)


def test_without_random_search_there_are_costs_but_no_speed_up(results, scale):
    frame = build(results[results["variant"] != "random_search"], scale)
    assert set(frame["measure"]) == {"seconds", "mean_seconds"}
    savings, costs, _ = EXHIBIT.tables(frame).values()
    assert set(savings["Over NAML", "ours"]) == {"–"} and costs["Median", "RS"].tolist() == ["–", "", ""]
    assert costs["Median", "all"].tolist() == ["45", "45", "268"]
