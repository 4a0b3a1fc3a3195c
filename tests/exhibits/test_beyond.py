"""Searches that are not in the paper stand beside its own, marked, and change nothing of those."""

import numpy as np
import pandas as pd
import pytest

from tnas_bench.config import load_scale
from tnas_bench.exhibits import beyond, tnaml_fig2, tnaml_table1
from tnas_bench.exhibits.text import latex, markdown
from tnas_bench.plan import experiments

NAMES = ["RS", "NAML", "T-NAML", "Replay ‡", "TPE ‡"]


@pytest.fixture
def wide(scale):
    return scale.model_copy(update={"beyond": ("optuna_tpe", "best_first")})  # in another order than the columns'


@pytest.fixture
def results(two_seeds, study):
    """TPE: 0.8 at trials 4 and 5, so 5 trials to the bar and 40% on test. Replay: only seed 1, never at its bar."""
    more = [study("optuna_tpe", 0, {4: 0.8}), study("optuna_tpe", 1, {5: 0.8}), study("best_first", 1, {2: 0.5})]
    return pd.concat([two_seeds, *more], ignore_index=True)


def test_every_search_that_is_not_the_papers_is_named_explained_and_drawn():
    planned = experiments().experiments["tnaml/transfer"].variants
    searches = [name for name, variant in planned.items() if variant.beyond]
    assert searches == list(beyond.SEARCHES) == list(beyond.EXPLAINED)
    assert len({str(sorted(style.items())) for style in map(tnaml_fig2.curves.THIN.get, searches)}) == len(searches)
    assert set(load_scale("lab").beyond) <= set(searches)


def test_columns_by_hand(results, wide):
    left, right = tnaml_table1.EXHIBIT.tables(tnaml_table1.build(results, wide)).values()
    assert list(dict.fromkeys(left.columns.get_level_values(0)))[2:] == NAMES
    assert [lower for name, lower in left.columns if "‡" in name] == ["", ""]  # the paper has no number for them
    assert left[["Replay ‡", "TPE ‡"]].iloc[0].tolist() == ["> 10", "5 [5, 5]"]
    assert right[["Replay ‡", "TPE ‡"]].iloc[0].tolist() == ["25.0", "40.0 [40.0, 40.0]"]


def test_the_papers_own_stay_as_they_are(two_seeds, results, scale, wide):
    for exhibit in (tnaml_table1.EXHIBIT, tnaml_fig2.EXHIBIT):
        alone, with_others = exhibit.build(two_seeds, scale), exhibit.build(results, wide)
        own = with_others[~with_others["variant"].isin(list(beyond.SEARCHES))].reset_index(drop=True)
        pd.testing.assert_frame_equal(own, alone, check_dtype=False)  # budgets with gaps are floats
        pd.testing.assert_frame_equal(exhibit.build(results, scale), alone)  # a scale that does not list them
        text = markdown(exhibit, alone.assign(label=""), exhibit.tables(alone))
        assert not any("‡" in text for text in (*exhibit.notes(alone), text))


def test_a_note_says_what_they_are(results, wide):
    (note,) = [note for note in tnaml_fig2.notes(tnaml_fig2.build(results, wide)) if "‡" in note]
    assert note.startswith("‡ Not in the paper. Replay: ") and "TPE: " in note and "GP" not in note


def test_latex_has_a_column_for_each(results, wide):
    frame = tnaml_table1.build(results, wide).assign(label="made")
    text = latex(tnaml_table1.EXHIBIT, frame, tnaml_table1.EXHIBIT.tables(frame))
    first, second = [line for line in text.splitlines() if line.startswith(("Task", " & ours"))][:2]
    assert first.endswith(r"& Replay $^\ddagger$ & TPE $^\ddagger$ \\") and second.endswith(r"& ours & paper &  &  \\")
    assert text.isascii()


def test_they_are_drawn_thin_behind_and_without_band(results, wide):
    frame = tnaml_fig2.build(results, wide)
    (axes,) = tnaml_fig2.draw(frame).axes
    assert [line.get_label() for line in axes.lines] == NAMES and len(axes.collections) == 3
    *_, own, replay, tpe = axes.lines
    assert max(replay.get_linewidth(), tpe.get_linewidth()) < own.get_linewidth()
    assert replay.get_zorder() < own.get_zorder()
    np.testing.assert_allclose(tpe.get_ydata(), frame[frame["variant"] == "optuna_tpe"]["mean"])
