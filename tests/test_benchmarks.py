"""The benchmarks run, and end with the ratios that they promise. How large those are is for an idle machine to tell."""

import json
import subprocess
import sys
from importlib import import_module
from itertools import product
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest
from tabular_made import grid_studies

from tnas_bench import plan, plan_ldnas
from tnas_bench.config import load_scale
from tnas_bench.journal.steps import read_steps
from tnas_bench.modules.prepare import prepare as prepare_module
from tnas_bench.run import best, planned, run_job, trainer_of
from tnas_bench.run_ldnas import run_search
from tnas_bench.tabular.files import write
from tnas_bench.tabular.gather import gather
from tnas_bench.tabular.search import search
from tnas_bench.tasks import Split, Task
from tnas_bench.tasks.prepare import prepare as prepare_task

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


def ending(name, *options, folder=None):
    """What the last line of a benchmark tells."""
    command = [sys.executable, BENCHMARKS / f"{name}.py", *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("name", "options", "ratios"),
    [
        ("children", "--generated --steps 2", {"ratio_tuned", "ratio_plain"}),
        ("fisher", "--examples 2 --rounds 1", {"ratio_gradient_pass", "ratio_vmap", "ratio_memory_bound"}),
        ("fuse", "--candidates 2 --images 20 --repeats 1", {"ratio_coefficients", "ratio_round"}),
        ("depthwise", "--channels 4 --cells 1 --batch 2 --repeats 1", {"sep_conv_5x5", "dil_conv_5x5"}),
        ("verdicts", "--draws 10", {"most_wrong", "least_power"}),
    ],
)
def test_a_benchmark_ends_with_its_ratios(name, options, ratios):
    found = ending(name, *options.split())
    assert ratios <= found.keys() and all(found[ratio] >= 0 for ratio in ratios)


def test_the_best_models_of_a_search_are_trained_again(tmp_path, monkeypatch):
    """Its first row is what they have from other initial weights, which the study's trainer tells, too."""
    monkeypatch.chdir(tmp_path)
    scale, study = load_scale("tiny"), "tnaml/transfer/random_search/sms_spam"
    prepare_task("sms_spam", plan.task_folder(scale, "sms_spam"), scale.data, None, cache=Path("cache"))
    for module in scale.modules:
        prepare_module(module, plan.module_folder(scale, module), Path("cache"))
    job = planned(plan.find_study(scale, f"{study}/seed0"))
    run_job(job)
    found = ending("retrain", study, "--task", "sms_spam", "--scale", "tiny", "--models", "2", folder=tmp_path)
    models = [model for _, _, model in best(job, 2)]
    tests = [score.test for score in trainer_of(job).train(models, "sms_spam", range(2))]
    assert found["models"] == 2 and found["as found"] == pytest.approx(100 * sum(tests) / 2)
    assert {f"module {module}" for module in scale.modules} < found.keys()

    found = ending(
        "retrain", study, "--task", "sms_spam", "--scale", "tiny", "--models", "2", "--splits", "2", folder=tmp_path
    )
    assert found["as found"] == pytest.approx(100 * sum(tests) / 2)
    assert found.keys() == {"models", "as found", "random split 1", "random split 2"}


def test_other_splits_hold_the_same_rows():
    texts = tuple(f"text {number}" for number in range(12))
    parts = [Split(texts[at], np.arange(12)[at]) for at in (slice(0, 7), slice(7, 9), slice(9, 12))]
    sys.path.append(str(BENCHMARKS))
    first, again, other = (import_module("retrain").dealt(Task("t", "text", "d", (), *parts), n) for n in (0, 0, 1))
    assert [len(split) for split in first.values()] == [7, 2, 3]
    rows = [(text, label) for split in first.values() for text, label in zip(split.inputs, split.labels, strict=True)]
    assert sorted(rows, key=lambda row: row[1]) == list(zip(texts, range(12), strict=True))
    assert first["test"].inputs == again["test"].inputs != other["test"].inputs


def test_found_cells_are_trained_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scale, search = load_scale("tiny"), "random_search-full-paper"
    prepare_task("task3", plan.task_folder(scale, "task3"), scale.data, None, cache=Path("cache"))
    run = plan_ldnas.Run(scale, "search", search, "task3", 0)
    run_search(run)
    options = (search, "--task", "task3", "--scale", "tiny", "--test-images", "20")
    found = ending("retrain_cells", *options, folder=tmp_path)[search]
    _, records = read_steps(plan_ldnas.final(run).folder)
    assert found["sealed"] == pytest.approx(100 * records[-1]["test"])
    assert found["again"] / 5 == pytest.approx(round(found["again"] / 5)) and 0 <= found["again"] <= 100  # of 20 images


def test_more_trials_by_lookup(tmp_path):
    scale, table = load_scale("tiny"), gather(grid_studies(tmp_path), "made up")
    write(table, tmp_path)
    common = (tmp_path / "table.parquet", "--seeds", "2", "--scale", "tiny")
    found = ending("lookup", "algorithms", *common, "--trials", "60", "70")
    cases = list(product(table.tasks, range(2)))
    late = [trial.validation for case in cases for trial in search(table, "naml", case[0], 70, case[1], scale)[20:]]
    assert found["naml"]["to trial 70"] == pytest.approx(100 * fmean(late))
    found = ending("lookup", "pretraining", *common, "--trials", "9")["9 trials"]
    ours, rival = (
        [_top(search(table, name, task, scale.trials.fixed, seed, scale, 9), scale.top_n) for task, seed in cases]
        for name in ("tnaml", "agnostic")
    )
    assert found["models"] == 1  # of the one other task
    assert found["T-NAML's lead"] == pytest.approx(100 * (fmean(ours) - fmean(rival)))


def _top(trials, n):
    """Mean test accuracy of the n best by validation."""
    return fmean(trial.test for trial in sorted(trials, key=lambda trial: -trial.validation)[:n])
