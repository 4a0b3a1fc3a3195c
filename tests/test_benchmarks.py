"""The benchmarks run, and end with the ratios that they promise. How large those are is for an idle machine to tell."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


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
    command = [sys.executable, BENCHMARKS / f"{name}.py", *options.split()]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert ratios <= found.keys() and all(found[ratio] >= 0 for ratio in ratios)
