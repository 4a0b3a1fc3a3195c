"""Transfer of MNMS: trials to the bar and accuracies by hand, bounds of speed-ups, the panels of the picture."""

import mnms_made
import numpy as np
import pandas as pd
import pytest

from tnas_bench.errors import UserError
from tnas_bench.exhibits import find
from tnas_bench.exhibits.mnms_transfer import EXHIBIT, build, draw

IMDB = "sentiment_imdb"


def search(variant, seed, best):
    """Ten trials of IMDB; validation is nought except where told, test half of it."""
    study = mnms_made.study(variant, (IMDB,), seed, 10, "transfer")
    validation = np.array([best.get(trial, 0.0) for trial in range(1, 11)])
    return study.assign(validation=validation, test=validation / 2)


@pytest.fixture
def by_hand():
    """From scratch: 0.6 at trial 7 (seed 0), 0.8 at trial 3 (seed 1): the bars are 0.8 for seed 0, 0.6 for seed 1."""
    return pd.concat(
        [
            search("mnms", 0, {4: 0.9}),
            search("mnms", 1, {6: 0.7}),
            search("scratch", 0, {7: 0.6}),
            search("scratch", 1, {3: 0.8}),
        ]
    )


def test_trials_to_the_best_from_scratch_by_hand(by_hand, scale):
    """Seen after 5 and 10 trials; the first search from scratch never attains 0.8, and counts as 10."""
    found = build(by_hand, scale).query("part == 'trials'").set_index("variant")
    assert found.loc["mnms", ["mean", "censored"]].tolist() == [7.5, 0]
    assert found.loc["scratch", ["mean", "censored"]].tolist() == [7.5, 1]
    table = EXHIBIT.tables(build(by_hand, scale))["Trials to the best validation accuracy from scratch"]
    assert table["Trials", "from scratch"].tolist() == ["≥ 8 [0, 10]"]
    assert table["Speed-up"].to_numpy().tolist() == [["≥ 1.0", "–"]]
    assert table["B", ""].tolist() == ["10"]


def test_accuracies_by_hand(by_hand, scale):
    (first, _) = EXHIBIT.tables(build(by_hand, scale)).values()
    row = first.iloc[0]
    assert row["Test", "pretrained"].startswith("40.0 [")  # 45 and 35
    assert row["Validation", "from scratch"].startswith("70.0 [")
    assert row["Test", "designed by people"] == "92.58 (Le and Mikolov 2014)" and row["Test", "paper"] == "–"


def test_speed_ups_are_bounds_where_a_search_missed_the_bar(by_hand, scale):
    slow = by_hand.assign(validation=by_hand["validation"].mask(by_hand["variant"] == "mnms", 0.1))
    table = EXHIBIT.tables(build(slow, scale))["Trials to the best validation accuracy from scratch"]
    assert table["Trials", "pretrained"].tolist() == ["> 10"] and table["Speed-up", "ours"].tolist() == ["–"]
    one = build(slow[slow["seed"] == 1], scale)
    table = EXHIBIT.tables(one)["Trials to the best validation accuracy from scratch"]
    assert table["Speed-up", "ours"].tolist() == ["≤ 0.5"]  # from scratch 5, pretrained never in 10
    assert any("with one seed, the best of that very search" in note for note in EXHIBIT.notes(one))


def test_without_searches_from_scratch_there_is_no_bar(by_hand, scale):
    frame = build(by_hand[by_hand["variant"] == "mnms"], scale)
    (table,) = EXHIBIT.tables(frame).values()
    assert table["Test", "from scratch"].tolist() == ["–"]
    assert not any("The bar" in note for note in EXHIBIT.notes(frame))


def test_a_column_a_task_and_a_row_a_measure(scale):
    frame = build(mnms_made.transferred(), scale)
    panels = draw(frame).axes
    titles = [
        f"{task}: {measure}" for measure in ("validation", "test") for task in ("Sentiment IMDB", "Sentiment Cine")
    ]
    assert [axes.get_title(loc="left") for axes in panels] == titles
    scratch = next(line for line in panels[3].lines if line.get_label() == "from scratch")
    points = frame.query("part == 'curve' and task == 'sentiment_cine' and measure == 'test' and variant == 'scratch'")
    np.testing.assert_allclose(scratch.get_xydata(), points[["trial", "mean"]])


def test_what_it_was_pretrained_on_is_told(scale):
    frame = build(mnms_made.transferred(pretrained_on="Sentiment SST, Spanish tokens (variant)"), scale)
    assert "MNMS was pretrained on Sentiment SST, Spanish tokens (variant)." in EXHIBIT.notes(frame)


def test_studies_of_pretraining_are_not_those_of_transfer(scale):
    with pytest.raises(UserError, match="no study of mnms/transfer"):
        build(mnms_made.searched().trials, scale)


def test_it_is_found():
    assert find("mnms_transfer") is EXHIBIT
