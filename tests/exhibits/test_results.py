"""Results are read from sealed studies alone, and a mistake is named in one line."""

from dataclasses import replace

import pytest

from tnas_bench.errors import UserError
from tnas_bench.exhibits.results import load, load_learnt
from tnas_bench.journal import Trial
from tnas_bench.journal.sealed import read_card, seal
from tnas_bench.study import Study

TRIALS = [Trial(0, 0, "emotion", (0,), 11, 0.1, 0.05, 0.3), Trial(1, 0, "emotion", (1,), 12, 0.2, 0.1, 0.4)]


def study(folder, name="tnaml/transfer/naml/emotion", grade="variant", title="Emotion", stand_in=True, **modules):
    folder.mkdir()
    task = {"grade": grade, "title": title, "rows": {"validation": 40, "test": 50}}
    known = {"m": {"stand_in": stand_in}, "real": {"stand_in": False, "trainable": True}}
    inputs = {"tasks": {"emotion": task}, "modules": known | modules}
    learnt = {"most_probable": {"emotion": [1]}, "embeddings": {"emotion": [0.5, -0.5]}}
    header = {"name": name, "seed": 3, "settings": {"space": {"activation": ["relu", "swish"]}}}
    costs = {"seconds": 8.0, "median_seconds": 3.5, "cpu": "A"}
    seal(folder, header, TRIALS, {"inputs": inputs, "learnt": learnt, **costs})
    return folder


def test_a_study_is_known_by_its_run_card(tmp_path):
    assert load([study(tmp_path / "any")]).loc[1].to_dict() == {
        "trial": 1,
        "task": "emotion",
        "validation": 0.2,
        "half": 0.1,
        "test": 0.4,
        "paper": "tnaml",
        "experiment": "transfer",
        "variant": "naml",
        "seed": 3,  # of the study; the trials' own are the children's
        "mean_seconds": 4.0,
        "median_seconds": 3.5,
        "cpu": "A",
        "title": "Emotion",
        "grade": "variant",
        "validation_rows": 40,
        "test_rows": 50,
        "activation": "swish",
        "stand_ins": "m",
        "pretrained_on": "",
    }


def test_actions_are_read_in_the_order_of_the_decisions(tmp_path):
    """Not in that of their names: the first action is the module's."""
    space = {"module": ["m", "real"], "activation": ["relu", "swish", "tanh"]}
    header = Study("tnaml/transfer/naml/emotion", ("emotion",), 3, 1, 1, {"space": space}).header
    folder, card = tmp_path / "sealed", read_card(study(tmp_path / "other"))
    inputs = {"inputs": card["inputs"], "seconds": 1.0, "median_seconds": 1.0}
    folder.mkdir()
    seal(folder, header, [replace(TRIALS[0], actions=(1, 2))], inputs)
    assert load([folder])[["module", "activation"]].to_numpy().tolist() == [["real", "tanh"]]


def test_what_a_controller_had_learnt_is_in_its_run_card(tmp_path):
    (row,) = load_learnt([study(tmp_path / "any")]).to_dict("records")
    assert (row["task"], row["trials"], row["activation"]) == ("emotion", 2, "swish")
    assert row["embedding"] == [0.5, -0.5] and row["stand_ins"] == "m"


def test_what_pretraining_read_is_told(tmp_path):
    exact, subset = study(tmp_path / "a", grade="exact"), study(tmp_path / "b", grade="subset", title="News")
    frame = load([study(tmp_path / "c", stand_in=False)], [exact])
    assert (frame["pretrained_on"].iloc[0], frame["stand_ins"].iloc[0]) == ("Emotion", "")
    assert load([exact], [subset])["pretrained_on"].iloc[0] == "News (subset)"


def test_a_frozen_module_stands_in_and_says_so(tmp_path):
    encoders = {"a": {"stand_in": True, "trainable": False}, "z": {"stand_in": False, "trainable": False}}
    frame = load([study(tmp_path / "any", **encoders)])
    mark = "(frozen: fine_tune is without effect)"
    assert frame["stand_ins"].iloc[0] == f"a {mark}, m, z {mark}"


def test_a_changed_file_is_refused(tmp_path):
    folder = study(tmp_path / "changed")
    seal(study(tmp_path / "other"), {"name": "x", "seed": 0}, TRIALS[:1], {})
    (folder / "trials.parquet").write_bytes((tmp_path / "other/trials.parquet").read_bytes())
    with pytest.raises(UserError, match=r"changed.trials\.parquet: is not the one of runcard\.json"):
        load([folder])


def test_a_study_that_is_not_finished(tmp_path):
    with pytest.raises(UserError, match=r"has no runcard\.json"):
        load([tmp_path])


def test_no_studies():
    with pytest.raises(UserError, match="run the studies"):
        load([])
