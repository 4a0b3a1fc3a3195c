"""Figure 2: its points by hand, its panels and lines as matplotlib drew them."""

import numpy as np
import pandas as pd

from tnas_bench.config import Budgets
from tnas_bench.exhibits.curves import POINTS
from tnas_bench.exhibits.published import read
from tnas_bench.exhibits.tnaml_fig2 import EXHIBIT, build, draw


def test_points_by_hand(two_seeds, scale):
    frame = build(two_seeds, scale)
    rs = frame[frame["variant"] == "random_search"]
    assert rs["trial"].tolist() == list(range(1, 11))
    np.testing.assert_allclose(rs["low"], [0, 0, 0.1, 0.1, 0.1, 0.2, 0.3, 0.3, 0.3, 0.3])
    np.testing.assert_allclose(rs["high"], [0, 0.1, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4])
    np.testing.assert_allclose(rs["mean"], (rs["low"] + rs["high"]) / 2)


def test_panels_come_in_the_order_of_the_paper_and_subj_last(noise, scale):
    frame = build(noise(read("tnaml_table1")["task"].unique()), scale)
    drawn = [axes for axes in draw(frame).axes if axes.axison]
    assert [axes.get_title(loc="left") for axes in drawn] == [
        f"{t} †" for t in [*read("tnaml_fig2")["title"], "Subj Movie"]
    ]
    assert all(len(axes.lines) == 3 and len(axes.collections) == 3 for axes in drawn)
    assert [text.get_text() for text in draw(frame).legends[0].get_texts()] == ["RS", "NAML", "T-NAML"]


def test_lines_hold_the_points(two_seeds, scale):
    frame = build(two_seeds, scale)
    tnaml = next(line for line in draw(frame).axes[0].lines if line.get_label() == "T-NAML")
    np.testing.assert_allclose(tnaml.get_xydata(), frame[frame["variant"] == "tnaml"][["trial", "mean"]])


def test_long_curves_are_thinned_but_keep_their_ends(scale):
    trials = pd.DataFrame(
        {"trial": range(1000), "validation": np.linspace(0, 1, 1000), "test": np.linspace(0, 0.5, 1000)}
    )
    facts = {"paper": "tnaml", "experiment": "transfer", "variant": "naml", "task": "emotion", "seed": 0}
    results = trials.assign(**facts, grade="exact", stand_ins="", pretrained_on="")
    budgets = Budgets(pretraining=1, transfer=1000, fixed=1)
    frame = build(results, scale.model_copy(update={"trials": budgets}))
    assert len(frame) == POINTS
    assert frame["trial"].iloc[[0, -1]].tolist() == [scale.top_n, 1000]
    assert frame["mean"].iloc[-1] == 0.5


def test_ends_as_text(two_seeds, scale):
    """Heights: RS's seeds have 18 and 32 on average over the ten trials, NAML's 18 and 25, T-NAML's 45 and 18."""
    (table,) = EXHIBIT.tables(build(two_seeds, scale)).values()
    assert table["RS"].iloc[0].tolist() == ["35.0 [30.0, 40.0]", "25.0"]
    assert table["NAML"].iloc[0].tolist() == ["32.5 [25.0, 40.0]", "21.5"]
    assert table["T-NAML"].iloc[0].tolist() == ["37.5 [30.0, 45.0]", "31.5"]
    assert table.iloc[0, :2].tolist() == ["SMS Spam", "10"]
