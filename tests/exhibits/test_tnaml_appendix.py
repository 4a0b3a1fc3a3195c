"""The appendix: its tables by hand and from sealed studies, its curves as matplotlib drew them."""

import numpy as np
import pandas as pd
import pytest
import tnaml_made

from tnas_bench.config import load_scale
from tnas_bench.exhibits.published import read
from tnas_bench.exhibits.tnaml_appendix import EXHIBIT, Read, build, draw, reads
from tnas_bench.journal import Trial
from tnas_bench.journal.sealed import seal
from tnas_bench.spaces.tnaml import text_space
from tnas_bench.tasks.registry import task_rows


@pytest.fixture
def frame(two_seeds, scale):
    card = tnaml_made.card(["sms_spam"], rows=5574, classes=2, mean_characters=None, sure="verified")
    return build(Read(two_seeds, [card]), scale)


def test_space_by_hand(frame):
    """2 modules, 2, 3 numbers of layers, 2 sizes, 2 activations, 2 rates of dropout, 2 learning rates: 192."""
    space = EXHIBIT.tables(frame)["Search space"].set_index(("Decision", ""))
    assert space.loc["hidden layers"].tolist() == ["0, 1, 2", "3", "1, 2"]
    assert space.loc["fine-tune the module"].tolist() == ["yes, no", "2", "yes"]
    assert space.loc["learning rate, wide tower"].tolist() == ["0.003, 0.01", "2", "0.003, 0.01"]
    assert space.loc["all configurations"].tolist() == ["–", "192", "1.1 billion"]


def test_modules_by_hand(frame):
    (row,) = EXHIBIT.tables(frame)["Embedding modules"].to_numpy().tolist()
    assert row == ["small", "16", "1,234", "en", "no", "yes", "–"]


def test_a_module_of_the_paper_is_known(two_seeds, scale):
    card = tnaml_made.card(["sms_spam"])
    card["inputs"]["modules"] = {
        "nnlm-es-dim50": {"dimension": 50, "language": "es", "trained": True, "stand_in": False}
    }
    (row,) = EXHIBIT.tables(build(Read(two_seeds, [card]), scale))["Embedding modules"].to_numpy().tolist()
    assert row == ["nnlm-es-dim50", "50", "–", "es", "yes", "no", "yes"]


def test_data_sets_by_hand(frame):
    spam, ranges = EXHIBIT.tables(frame)["Data sets"].to_numpy().tolist()
    assert spam == ["Sms Spam †", "transfer", "800", "100", "100", "1,000", "5,574", "2", "2", "50", "–"]
    assert ranges == ["All", *["–"] * 4, "1,000 to 1,000", "500 to 420k", "2 to 2", "2 to 157", "50 to 50", "19 to 20k"]


def test_sizes_from_memory_say_so(two_seeds, scale):
    frame = build(Read(two_seeds, [tnaml_made.card(["sms_spam"], rows=5574, sure="memory")]), scale)
    assert EXHIBIT.tables(frame)["Data sets"]["Rows", "published"].iloc[0] == "5,574 (memory)"
    assert "(memory): not verified." in EXHIBIT.notes(frame)


def test_data_sets_of_all_studies_in_the_order_of_the_paper(two_seeds, scale):
    cards = [tnaml_made.card(tasks) for tasks in (["subj_movie", "airline"], ["mine", "emotion"])]
    frame = build(Read(two_seeds, cards), scale)
    assert [title.removesuffix(" †") for title in EXHIBIT.tables(frame)["Data sets"]["Data set", ""]] == [
        *["Airline", "Emotion", "Subj Movie", "Mine"],
        "All",
    ]


def test_validation_curves_by_hand(frame):
    """RS of conftest: seed 0 reaches 0.2, 0.4 and 0.6 at trials 2, 6 and 7; seed 1 reaches 0.8 at trial 3."""
    rs = frame[frame["variant"] == "random_search"]
    np.testing.assert_allclose(rs["low"], [0, 0, 0.2, 0.2, 0.2, 0.4, 0.6, 0.6, 0.6, 0.6])
    ends = EXHIBIT.tables(frame)["Validation accuracy-topN (%) where the curves end [lowest, highest seed]"]
    assert ends.iloc[0].tolist() == ["SMS Spam", "10", "70.0 [60.0, 80.0]", "65.0 [50.0, 80.0]", "75.0 [60.0, 90.0]"]
    (axes,) = draw(frame).axes
    np.testing.assert_allclose(axes.lines[0].get_xydata(), rs[["trial", "mean"]])
    assert axes.get_ylabel() == "Validation accuracy-top1"


def test_cards_of_sealed_studies_are_read(tmp_path, two_seeds):
    """The teacher's tasks are told too."""
    folders = {task: tmp_path / task for task in ("airline", "emotion")}
    for task, folder in folders.items():
        folder.mkdir()
        card = tnaml_made.card([task])
        header = {"name": f"tnaml/transfer/naml/{task}", "seed": 0, **card["study"]}
        trial = Trial(0, 0, task, (0,) * 7, 1, 0.1, 0.1, 0.1)
        seal(folder, header, [trial], {"inputs": card["inputs"], "seconds": 1.0, "median_seconds": 1.0, "learnt": {}})
    found = reads([folders["emotion"]], [folders["airline"]])
    assert found.trials["task"].tolist() == ["emotion"]
    assert [list(card["inputs"]["tasks"]) for card in found.cards] == [["airline"], ["emotion"]]


def test_what_the_paper_names_is_in_our_space():
    """And its size is that of the space of the scale with the paper's budgets."""
    paper = load_scale("paper")
    space = {decision.name: decision.choices for decision in text_space(paper.modules, paper.training_steps).decisions}
    named = read(EXHIBIT.name).query("part == 'space' and measure == 'choices'").set_index("item")["value"]
    for decision in ("hidden_layers", "hidden_size", "dropout", "wide_learning_rate"):
        assert {float(choice) for choice in named[decision].split(", ")} <= set(space[decision])
    assert set(named["activation"].split(", ")) <= set(space["activation"])
    assert set(read(EXHIBIT.name).query("part == 'module'")["item"]) <= set(paper.modules)
    assert np.prod([len(choices) for choices in space.values()]) / 1e9 == pytest.approx(1.1, abs=0.05)


def test_ranges_of_the_paper_hold_the_literature_s_sizes():
    sizes = pd.DataFrame([row.published for row in task_rows() if row.role in ("pretraining", "transfer")])
    assert (sizes["rows"].min(), sizes["rows"].max()) == (500, pytest.approx(420_000, rel=0.01))
    assert (sizes["classes"].min(), sizes["classes"].max()) == (2, 157)
    assert (sizes["mean_characters"].min(), sizes["mean_characters"].max()) == (19, 20_000)
