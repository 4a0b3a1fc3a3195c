"""The benchmarks run, and end with the ratios that they promise. How large those are is for an idle machine to tell."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tnas_bench import plan, plan_ldnas
from tnas_bench.config import load_scale
from tnas_bench.journal.steps import read_steps
from tnas_bench.modules.prepare import prepare as prepare_module
from tnas_bench.run import best, planned, run_job, trainer_of
from tnas_bench.run_ldnas import run_search
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
