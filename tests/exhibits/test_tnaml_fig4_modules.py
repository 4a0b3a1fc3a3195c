"""Figure 4, right: shares and accuracies by hand, lines as matplotlib drew them."""

import numpy as np
import pandas as pd
import pytest

from tnas_bench.config import Budgets
from tnas_bench.exhibits import curves
from tnas_bench.exhibits.tnaml_fig4_modules import EXHIBIT, build, draw, language, share

ES, EN = "nnlm-es-dim50", "nnlm-en-dim128"


def study(modules, variant="tnaml", task="sentiment_cine", seed=0):
    """Trials of these modules; test accuracies rise from 0 to 1."""
    tests = np.linspace(0, 1, len(modules))
    facts = {"paper": "tnaml", "experiment": "transfer", "variant": variant, "task": task, "seed": seed}
    frame = pd.DataFrame({"trial": range(len(modules)), "validation": tests, "test": tests, "module": modules})
    return frame.assign(**facts, grade="exact", stand_ins="", pretrained_on="")


@pytest.fixture
def long(scale):
    """As many trials as are given, and accuracy-top1."""

    def make(trials):
        return scale.model_copy(update={"trials": Budgets(pretraining=1, transfer=trials, fixed=1)})

    return make


def test_a_window_holds_a_hundred_trials():
    """Chosen in the first 50 of 200 trials only: always, then less and less, never once the window has left them."""
    shares = share(pd.Series(np.arange(200) < 50))
    assert shares[[0, 49, 99, 124, 149, 199]].tolist() == pytest.approx([1, 1, 0.5, 0.25, 0, 0])


def test_shares_by_hand(scale):
    """Two seeds: English first, then Spanish in one of them for the last five trials of ten."""
    frame = build(pd.concat([study([EN] * 10), study([EN] * 5 + [ES] * 5, seed=1)]), scale)
    spanish = frame[frame["module"] == ES]
    np.testing.assert_allclose(spanish["high"], [0] * 5 + [1 / 6, 2 / 7, 3 / 8, 4 / 9, 5 / 10])
    np.testing.assert_allclose(spanish["mean"], spanish["high"] / 2)
    assert not spanish["low"].any() and set(spanish["language"]) == {"es"}
    by_trial = frame[frame["part"] == "share"].groupby("trial")["mean"].sum()
    np.testing.assert_allclose(by_trial, 1)


def test_accuracies_are_read_after_two_thousand_trials(long):
    results = pd.concat([study([EN] * 2001, variant) for variant in ("random_search", "naml", "tnaml")])
    frame = build(results, long(2001))
    (row,) = frame[(frame["part"] == "accuracy") & (frame["variant"] == "tnaml")].to_dict("records")
    assert row["trial"] == 2000 and row["mean"] == pytest.approx(1999 / 2000) and row["published"] == 79.8
    shares, accuracies = EXHIBIT.tables(frame).values()
    assert accuracies["NAML"].iloc[0].tolist() == ["100.0", "78.1"] and accuracies["RS", "paper"].iloc[0] == "79.4"
    assert shares["T-NAML", ""].tolist() == ["100", "100"]  # the module, and all of its language
    assert not any("end after" in note for note in EXHIBIT.notes(frame))


def test_the_switch_to_the_language_of_the_task(long, monkeypatch):
    """Half of the window is Spanish at the fiftieth Spanish trial, more than half at the next."""
    monkeypatch.setattr(curves, "POINTS", 200)
    frame = build(study([EN] * 99 + [ES] * 101), long(200))
    assert frame.loc[(frame["module"] == ES) & (frame["trial"] == 149), "mean"].item() == 0.5
    assert any("es: from about trial 150 on (paper: switches at" in note for note in EXHIBIT.notes(frame))
    frame = build(study([ES] * 99 + [EN] * 101), long(200))
    assert any("es: not at the end" in note for note in EXHIBIT.notes(frame))
    frame = build(study(["mine"] * 200), long(200))
    assert not any("of the task's language" in note for note in EXHIBIT.notes(frame))


def test_languages_come_from_the_table_of_modules():
    assert [language(module) for module in (ES, EN, "mine")] == ["es", "en", ""]


def test_one_line_a_module_marked_by_its_language(scale):
    found = pd.concat([study([EN, ES, "mine"] * 3 + [EN]), study(["other"] * 10, "naml")])
    frame = build(found, scale)
    (axes,) = (figure := draw(frame)).axes
    told = [text.get_text() for text in figure.legends[0].get_texts()]
    assert told == ["mine", "other: never", f"{EN} (en)", f"{ES} (es)"]
    assert [line.get_linestyle() for line in axes.lines] == [":", ":", "-", "--"]
    assert len({line.get_color() for line in axes.lines}) == 4
    spanish = frame[(frame["module"] == ES) & (frame["variant"] == "tnaml")]
    np.testing.assert_allclose(axes.lines[3].get_xydata(), spanish[["trial", "mean"]])


def test_another_task_stands_in_without_published_values(scale):
    frame = build(study([EN] * 10, task="emotion"), scale)
    assert frame["published"].isna().all()
    notes = " ".join(EXHIBIT.notes(frame))
    assert "Emotion stands in its place" in notes and "The searches end after 10 trials" in notes
    _, accuracies = EXHIBIT.tables(frame).values()
    assert accuracies["T-NAML"].iloc[0].tolist() == ["100.0", "–"] and accuracies["RS", "ours"].iloc[0] == "–"
