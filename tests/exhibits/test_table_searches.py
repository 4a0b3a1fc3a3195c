"""The exhibit of the tabular benchmark: its numbers by hand, its panels as matplotlib drew them."""

import numpy as np
import pytest
from table_made import TESTS, made, small

from tnas_bench.exhibits.table_searches import EXHIBIT, METHODS, build, draw


@pytest.fixture
def scale(scale):
    return small(scale)


def value(frame, task, measure, other=""):
    (found,) = frame.query("task == @task and measure == @measure and other == @other")["mean"]
    return found


def test_what_there_is_to_be_found_by_hand(scale):
    """Counted from the worst, configuration 1 ranks 4th and 3rd, the others 3rd and 2nd, 2nd and 1st, 1st and 4th."""
    frame = build(made(*TESTS), scale)
    spam = {m: value(frame, "sms_spam", m) for m in ("configurations", "best", "shared", "median", "frequent", "noise")}
    assert spam == pytest.approx(
        {"configurations": 4, "best": 80, "shared": 80, "median": 50, "frequent": 25, "noise": 10}
    )
    assert value(frame, "prog_opinion", "shared") == pytest.approx(60)
    assert value(frame, "prog_opinion", "best") == pytest.approx(90)
    assert value(frame, "sms_spam", "validation") == pytest.approx(1)
    ranks = np.array([[3, 4, 2, 1], [2, 3, 1, 4]])  # Spearman: 1 - 6 sum d^2 / (n (n^2 - 1))
    spearman = 1 - 6 * ((ranks[0] - ranks[1]) ** 2).sum() / (4 * 15)
    assert value(frame, "sms_spam", "correlation", "prog_opinion") == pytest.approx(spearman)
    ordered = frame[(frame["task"] == "sms_spam") & (frame["measure"] == "sorted")]
    np.testing.assert_allclose(ordered["mean"], [80, 60, 40, 30])
    np.testing.assert_allclose(ordered["high"] - ordered["low"], 20)


def test_searches_end_where_their_regret_ends(scale):
    frame = build(made(*TESTS), scale)
    for (task, method), rows in frame[frame["measure"] == "regret"].groupby(["task", "other"]):
        assert rows["place"].tolist() == [1, 2, 3, 4]
        best = value(frame, task, "best")
        assert rows["mean"].iloc[-1] == pytest.approx(best - value(frame, task, "found", method))
        assert (rows["low"] >= 0).all() and (rows["high"] <= best).all()
    assert set(frame["other"]) == {"", *TESTS, *METHODS}


def test_one_task_has_nothing_to_transfer_from_and_one_seed_no_noise(scale):
    frame = build(made("sms_spam", seeds=1), scale)
    assert set(frame[frame["measure"] == "found"]["other"]) == {"random_search", "naml", "optuna_tpe"}
    assert np.isnan(value(frame, "sms_spam", "noise"))
    _, searches, alike = EXHIBIT.tables(frame).values()
    assert searches["T-NAML"].iloc[0].tolist() == ["–", "–"] and alike.iloc[0].tolist() == ["Sms Spam †", "1.00"]
    assert not any("T-NAML" in note for note in EXHIBIT.notes(frame))


def test_a_reader_is_told_what_it_rests_on(scale):
    told = " ".join(EXHIBIT.notes(build(made(*TESTS), scale)))
    assert told.startswith("Not in the papers.") and "Sms Spam: subset" in told and "T-NAML and Replay" in told
    assert "2 searches of 4 trials" in told and "Modules that stand in for the papers': small." in told


def test_panels_hold_the_numbers(scale):
    frame = build(made(*TESTS), scale)
    figure = draw(frame)
    above, below = figure.axes[:2], figure.axes[2:]
    assert [axes.get_title(loc="left") for axes in above] == ["Sms Spam †", "Prog Opinion †"]
    np.testing.assert_allclose(above[0].lines[0].get_ydata(), [80, 60, 40, 30])
    assert [line.get_ydata()[0] for line in above[1].lines[1:]] == pytest.approx([60, 25])
    regrets = frame[frame["measure"] == "regret"]
    for axes, task in zip(below, TESTS, strict=True):
        for line, method in zip(axes.lines, METHODS, strict=True):
            points = regrets[(regrets["task"] == task) & (regrets["other"] == method)]
            np.testing.assert_allclose(line.get_xydata(), points[["place", "mean"]])
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["Configurations", "Best over all tasks", "Most frequent class", *METHODS.values()]
    styles = {(line.get_color(), str(line._unscaled_dash_pattern)) for line in [*above[0].lines, *below[0].lines]}
    assert len(styles) == 3 + len(METHODS)


def test_files_are_written_and_read_back(scale, save, tmp_path):
    frame = build(made(*TESTS), scale)
    save(EXHIBIT, frame, tmp_path, "made up")
    assert (tmp_path / "figures/table_searches.png").stat().st_size > 10_000
    assert "Rank correlation" in (tmp_path / "tables/table_searches.md").read_text(encoding="utf-8")
