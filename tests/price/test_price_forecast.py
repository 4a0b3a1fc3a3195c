"""The arithmetic of a price, by hand: bills times rates, added up by kind of work and along chains."""

import json

import pytest

from tnas_bench.price import Job, finished, forecast, ldnas, studies
from tnas_bench.price.page import number, told

RATES = {"process": {"start": 2.0}, "texts/mine": {"step": 0.5}, "networks/net": {"image": 3.0}}
JOBS = [
    Job("learn", studies.TEXTS, {("process", "start"): 1, ("texts/mine", "step"): 100}, (), 1.0),  # 52 s, finished
    Job("transfer", studies.TEXTS, {("process", "start"): 1, ("texts/mine", "step"): 36}, ("learn",), 0.25),  # 20 s
    Job("again", studies.TEXTS, {("process", "start"): 1}, ("transfer",)),  # 2 s
    Job("net", ldnas.NETWORKS, {("networks/net", "image"): 4}),  # 12 s
]


def test_lines_by_hand():
    texts, networks = forecast.lines(JOBS, RATES)
    assert (texts.work, texts.jobs, texts.done) == (studies.TEXTS, 3, 1)
    assert texts.each * 3600 == pytest.approx((52 + 20 + 2) / 3)
    assert texts.left * 3600 == pytest.approx(0.75 * 20 + 2)
    assert networks.left * 3600 == pytest.approx(12)
    assert (texts.on_gpu, networks.on_gpu) == (False, True)


def test_together_by_hand():
    assert forecast.hours(JOBS, RATES) * 3600 == pytest.approx(52 + 20 + 2 + 12)


@pytest.mark.parametrize("order", [JOBS, JOBS[::-1]])
def test_the_longest_chain_by_hand_in_any_order(order):
    assert forecast.longest_chain(order, RATES) * 3600 == pytest.approx(15 + 2)
    assert forecast.wall_time(order, RATES, 1) * 3600 == pytest.approx(15 + 2 + 12)
    assert forecast.wall_time(order, RATES, 8) * 3600 == pytest.approx(15 + 2)


def test_work_that_was_not_measured_is_no_silent_zero():
    with pytest.raises(KeyError):
        Job("job", studies.TEXTS, {("texts/other", "step"): 1}).seconds(RATES)


def test_what_is_finished(tmp_path):
    assert finished(tmp_path, 10) == 0
    (tmp_path / "journal.jsonl").write_text("header\none\ntwo\n")
    assert finished(tmp_path, 10) == 0.2
    (tmp_path / "runcard.json").write_text(json.dumps({"trials": 10}))
    assert (finished(tmp_path, 10), finished(tmp_path, 40)) == (1, 0.25)  # the budget has grown


@pytest.mark.parametrize(
    ("hours", "text"),
    [(20_000, "2.28 years"), (50, "2.08 days"), (3, "3 hours"), (0.5, "30 minutes"), (0, "0 seconds")],
)
def test_times_in_words(hours, text):
    assert told(hours) == text


def test_numbers_of_three_digits():
    assert [number(hours) for hours in (123456.7, 12.345, 0.00123)] == ["123,457", "12.3", "0.00123"]
