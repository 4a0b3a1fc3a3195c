"""Simultaneous search: curves and accuracies by hand, what a reader sees, what matplotlib drew, sealed studies."""

import mnms_made
import numpy as np
import pandas as pd
import pytest

from tnas_bench.errors import UserError
from tnas_bench.exhibits import find
from tnas_bench.exhibits.mnms_simultaneous import EXHIBIT, build, draw
from tnas_bench.journal import Trial
from tnas_bench.journal.sealed import seal

TASKS = ("sst", "spanish_tokens")
TITLES = ["Sentiment SST", "Spanish tokens"]


@pytest.fixture
def frame(scale):
    return build(mnms_made.searched(), scale)


def test_curves_are_as_long_as_the_shortest(scale):
    """Of SST, the study on both has three trials and the search apart four: its last, 0.9, is not counted."""
    both = mnms_made.study("mnms", TASKS, 0, 5)
    apart = pd.concat([mnms_made.study("apart", (task,), 0, 4) for task in TASKS])
    both["validation"], both["test"] = [0.1, 0.0, 0.4, 0.0, 0.3], [0.2, 0.0, 0.3, 0.0, 0.9]
    apart["validation"], apart["test"] = [0.2, 0.1, 0.6, 0.9] * 2, [0.1, 0.1, 0.5, 0.0] * 2
    results = mnms_made.searched(seeds=(0,))._replace(trials=pd.concat([both, apart]))
    frame = build(results, scale)
    sst = frame[(frame["task"] == "sst") & (frame["part"] == "curve")].set_index(["variant", "measure"])
    assert sst.loc[("mnms", "validation"), "mean"].tolist() == [0.1, 0.4, 0.4]
    assert sst.loc[("mnms", "test"), "mean"].tolist() == [0.2, 0.3, 0.3]
    assert sst.loc[("apart", "validation"), "mean"].tolist() == [0.2, 0.2, 0.6]
    accuracies = EXHIBIT.tables(frame)["Accuracy-top1 (%) of tasks searched at once, and apart"]
    assert accuracies["Test"].iloc[0].tolist() == [
        "30.0",
        "50.0",
        "–",
        "83.1 (LSTM, Barnes et al. 2017); 87.8 (more complex model, Le and Mikolov 2014)",
    ]
    assert accuracies["Trials", ""].tolist() == ["3", "2"]


def test_too_few_trials_are_named(scale):
    results = mnms_made.searched(trials=4)
    with pytest.raises(UserError, match=r"has 2 trials of sst, fewer than top_n \(3\)"):
        build(results, scale.model_copy(update={"top_n": 3}))


def test_a_study_without_any_trial_of_a_task_is_not_overlooked(scale):
    results = mnms_made.searched()
    never = results.trials.query("not (variant == 'mnms' and seed == 1 and task == 'sst')")
    with pytest.raises(UserError, match="has 0 trials of sst"):
        build(results._replace(trials=never), scale)


def test_no_studies_of_it(scale):
    results = mnms_made.searched()
    with pytest.raises(UserError, match="no study of mnms/pretraining"):
        build(results._replace(trials=results.trials.assign(experiment="transfer")), scale)


def test_order_of_rows_does_not_matter(frame, scale):
    results = mnms_made.searched()
    shuffled = results._replace(trials=results.trials.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(build(shuffled, scale), frame)


def test_tasks_that_are_told_apart_lie_beyond_chance(scale):
    frame = build(mnms_made.searched(trials=400, leaning=1.0), scale)
    assert (frame["mean"] > frame["chance_high"])[frame["part"] == "distance"].all()


def test_what_a_reader_sees(frame, scale):
    _, late, models = EXHIBIT.tables(frame).values()
    assert late["Decision", ""].tolist() == ["embedding module", "hidden layers", "activation", "all decisions"]
    assert late["Most frequent", "Sentiment SST"].str.match(r"(?:english|0|relu) \(\d+%\)|$").all()
    assert models["both at once"].to_numpy().tolist() == [["english", "spanish"], ["0", "1"], ["relu", "swish"]]
    assert models["apart"].iloc[:, 1].tolist() == ["english", "0", "relu"]  # each study's only task has the first
    assert any("several tasks can be searched at once" in note for note in EXHIBIT.notes(frame))
    assert "In brackets: 95% Student-t interval over seeds." in EXHIBIT.notes(frame)
    one = build(mnms_made.searched(seeds=(0,)), scale)
    assert not any("In brackets" in note for note in EXHIBIT.notes(one))


def test_seeds_that_learnt_different_models_are_counted(scale):
    results = mnms_made.searched(seeds=(0, 1, 2))
    learnt = results.learnt.copy()
    learnt.loc[(learnt["seed"] == 2) & (learnt["variant"] == "mnms"), "activation"] = "tanh"
    models = list(EXHIBIT.tables(build(results._replace(learnt=learnt), scale)).values())[-1]
    assert models["both at once", "Sentiment SST"].iloc[-1] == "relu (2); tanh (1)"


def test_the_picture_holds_the_numbers(frame):
    figure = draw(frame)
    curves, other, distances, *bars = figure.axes
    assert [axes.get_title(loc="left") for axes in (curves, other)] == TITLES
    line = next(line for line in curves.lines if line.get_label() == "both at once")
    shown = frame.query("part == 'curve' and task == 'sst' and variant == 'mnms' and measure == 'validation'")
    np.testing.assert_allclose(line.get_xydata(), shown[["trial", "mean"]])
    dots = frame[frame["part"] == "distance"]
    np.testing.assert_allclose(distances.lines[0].get_xdata().astype(float), dots["mean"])
    np.testing.assert_allclose([bar.get_width() for bar in distances.patches], dots["chance_high"])
    assert [axes.get_title(loc="left") for axes in bars] == ["embedding module", "hidden layers", "activation"]
    shares = frame[(frame["part"] == "share") & (frame["decision"] == "activation")]
    np.testing.assert_allclose([bar.get_width() for bar in bars[-1].patches], shares["mean"])
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["both at once", "apart", *TITLES]


def test_without_trials_of_both_tasks_late_there_is_nothing_to_compare(scale):
    results = mnms_made.searched(trials=8, seeds=(0,))
    late = (results.trials["variant"] == "mnms") & (results.trials["trial"] >= 6)
    frame = build(results._replace(trials=results.trials.assign(task=results.trials["task"].mask(late, "sst"))), scale)
    assert len(EXHIBIT.tables(frame)) == 2 and any("nothing to compare" in note for note in EXHIBIT.notes(frame))
    assert len(draw(frame).axes) == 2 + 3


def test_sealed_studies_are_read(tmp_path, scale):
    """Decisions keep their order, though it is not that of their names; shares are of the choices of the trials."""
    space = {"module": ["english", "spanish"], "activation": ["relu", "swish"]}
    tasks = {task: {"title": task, "grade": "exact", "rows": {"validation": 9, "test": 9}} for task in TASKS}
    folders = []
    for variant, of in (("mnms", TASKS), ("apart", TASKS[:1]), ("apart", TASKS[1:])):
        folder = tmp_path / f"{variant}-{of[0]}"
        folder.mkdir()
        trials = [Trial(n, n, of[n % len(of)], (n % 2, 1), n, 0.5, 0.5, 0.4) for n in range(8)]
        inputs = {"tasks": {task: tasks[task] for task in of}, "modules": {}}
        learnt = {"most_probable": {task: [1, 0] for task in of}}
        name = f"mnms/pretraining/{variant}/{'multitask' if len(of) > 1 else of[0]}"
        header = {"name": name, "seed": 0, "settings": {"space": space}}
        seal(folder, header, trials, {"inputs": inputs, "seconds": 1.0, "median_seconds": 0.1, "learnt": learnt})
        folders.append(folder)
    results = EXHIBIT.reads(folders)
    assert list(results.space) == ["module", "activation"]
    late = EXHIBIT.tables(build(results, scale))["Choices in the last quarter of the search of both at once"]
    assert late["Most frequent"].to_numpy().tolist() == [
        ["english (100%)", "spanish (100%)"],
        ["swish (100%)", "swish (100%)"],
        ["", ""],
    ]


def test_it_is_found():
    assert find("mnms_simultaneous") is EXHIBIT
