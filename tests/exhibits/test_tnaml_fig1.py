"""Figure 1: similarities, clusters and models of made embeddings, by hand."""

import numpy as np
import pandas as pd
import pytest
import tnaml_made

from tnas_bench.errors import UserError
from tnas_bench.exhibits.published import read
from tnas_bench.exhibits.tnaml_fig1 import EXHIBIT, build, draw

TASKS = read("tnaml_fig1")["task"].tolist()
EAST, NORTH, WEST = [1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]
AS_PAPER = dict(zip(TASKS, [EAST] * 4 + [NORTH] * 3 + [WEST], strict=True))
SMALL, LARGE = {"hidden_size": 64, "fine_tune": True}, {"hidden_size": 256, "fine_tune": True}
MODELS = dict(zip(TASKS, [LARGE, LARGE, LARGE, SMALL] + [SMALL] * 4, strict=True))


@pytest.fixture
def frame(scale):
    learnt = tnaml_made.learnt(sorted(TASKS), embeddings=AS_PAPER, choices=MODELS)
    return build(learnt.sample(frac=1, random_state=1), scale)


def test_the_tasks_come_in_the_order_of_the_papers_labels(frame):
    assert frame["task"].drop_duplicates().tolist()[:-1] == TASKS
    assert TASKS[0] == "complaints" and TASKS[-1] == "us_economy"


def test_similarities_by_hand(scale):
    """Of two seeds at 0 and 60 degrees: cosines 1 and 0.5."""
    near, far = (
        tnaml_made.learnt(["airline", "sst"], (seed,), {"airline": EAST, "sst": other})
        for seed, other in ((0, [2.0, 0.0]), (1, [1.0, 3**0.5]))
    )
    frame = build(pd.concat([near, far]), scale)
    pair = frame[(frame["part"] == "similarity") & (frame["task"] == "sst") & (frame["other"] == "airline")].squeeze()
    assert pair["mean"] == pytest.approx(0.75) and pair["deviation"] == pytest.approx(0.5 / 2**0.5)


def test_clusters_as_the_papers_agree_wholly_and_not_by_chance(frame):
    agreements = frame[frame["part"] == "agreement"].set_index("measure")
    assert agreements.loc["adjusted_rand", ["mean", "deviation"]].tolist() == [1, 0]
    assert agreements.loc["adjusted_rand", "exceeded"] == 1 / 1001  # none of 1,000, which is not to say never
    within, across = (
        1,
        -(7 / 2**0.5) / 19,
    )  # of nineteen pairs across, seven are with the outlier, the others at 90 degrees
    assert agreements.loc["contrast", "mean"] == pytest.approx(within - across)
    assert agreements["chance"].abs().max() < 0.05 and (agreements["chance_high"] < agreements["mean"]).all()


def test_clusters_and_models_stand_beside_the_papers(frame):
    models = EXHIBIT.tables(frame)["Clusters and their most probable models"]
    assert models["Cluster", ""].tolist() == [
        *("Ours, 1", "Ours, 2", "Ours, 3"),
        *("Paper, first", "Paper, second", "Paper, in neither"),
    ]
    assert models["Tasks", ""].tolist()[0] == models["Tasks", ""].tolist()[3]
    assert models["Model", "Size"].tolist() == ["256 (75%)", "64 (100%)", "64 (100%)", "256", "64", "–"]
    assert models["Model", "Fine-tuned"].tolist()[2:] == ["True (100%)", "True", "True", "–"]
    assert models["Model", "Wide rate"].tolist()[3:] == ["0.01", "0.003", "–"]


def test_choices_that_are_as_frequent_are_all_told(scale):
    models = dict(zip(TASKS, [LARGE, LARGE, SMALL, SMALL] + [SMALL] * 4, strict=True))
    frame = build(tnaml_made.learnt(TASKS, embeddings=AS_PAPER, choices=models), scale)
    assert (
        EXHIBIT.tables(frame)["Clusters and their most probable models"]["Model", "Size"].iloc[0]
        == "64, 256 (50% each)"
    )


def test_there_are_as_many_clusters_as_the_paper_has_among_the_tasks(scale):
    six = build(tnaml_made.learnt([task for task in TASKS if task not in ("complaints", "us_economy")]), scale)
    assert set(six.loc[six["part"] == "cluster", "cluster"]) == {"1", "2"}
    others = build(tnaml_made.learnt(["emotion", "sms_spam", "mine", "yours"]), scale)
    assert set(others.loc[others["part"] == "cluster", "cluster"]) == {"1", "2", "3"}


@pytest.mark.parametrize("tasks", [["sst"], ["airline", "sst"], ["airline", "complaints"]])
def test_few_tasks_are_drawn_but_tell_nothing_of_agreement(tasks, scale):
    frame = build(tnaml_made.learnt(tasks, (0,)), scale)
    assert "agreement" not in set(frame["part"]) and len(EXHIBIT.tables(frame)) == 2
    assert any("Too few of the paper's tasks" in note for note in EXHIBIT.notes(frame))
    theirs = {"Airline": "first", "Complaints": "first", "Sst": "second"}
    names = [f"{title} † ({theirs[title]})" for title in frame.loc[frame["part"] == "cluster", "title"].unique()]
    assert [label.get_text() for label in draw(frame).axes[0].get_yticklabels()] == names


def test_tasks_that_some_seed_never_met_are_left_out(scale):
    learnt = tnaml_made.learnt(["airline", "sst"])
    frame = build(learnt.drop(index=learnt.index[-1]), scale)  # seed 1 never met SST
    assert frame.loc[frame["part"] == "cluster", "task"].tolist() == ["airline"]
    with pytest.raises(UserError, match="no task that all studies"):
        build(learnt.iloc[[0, 3]], scale)


def test_the_heat_map_is_on_the_papers_scale_with_outlined_clusters(scale):
    interleaved = {"airline": EAST, "economic_news": EAST, "news_aggregator": NORTH, "sst": NORTH}
    frame = build(tnaml_made.learnt(list(interleaved), embeddings=interleaved), scale)
    axes = draw(frame).axes[0]
    (mesh,) = axes.collections
    assert mesh.get_clim() == (-0.8, 0.8) and np.ma.count_masked(mesh.get_array()) == 4  # the diagonal
    bold = [text.get_text() for text in axes.texts if text.get_weight() == "bold"]
    assert bold == ["1", "2", "2", "1"]  # News Aggregator, Airline, Economic News, SST
    assert len(axes.lines) == 4 * 4 + 8  # edges of the first cluster's four corner cells and of the second's block
