"""A scale whose price must be accepted: refused before its first job, and started after that."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}
MODULE = "data/modules/generated-dim16/card.json"


def run(folder, *command):
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)


def snakemake(folder, *arguments):
    profile = ["--workflow-profile", ROOT / "workflow/profiles/default"]
    return run(folder, "snakemake", "--snakefile", ROOT / "Snakefile", *profile, MODULE, *arguments)


def test_it_starts_only_when_its_price_was_accepted(tmp_path):
    text = (ROOT / "workflow/config/tiny.yaml").read_text(encoding="utf-8")
    less = {
        "exhibits: [tnaml_table1, tnaml_fig2, ldnas_fig1, ldnas_sigma]": "exhibits: [tnaml_table1]",
        "\npretraining_tasks: [airline, sst]": "\npretraining_tasks: [sst]",
        "\ntransfer_tasks: [sms_spam, customer_reviews]": "\ntransfer_tasks: [sms_spam]",
    }
    for here, there in less.items():
        assert here in text
        text = text.replace(here, there)
    (tmp_path / "mine.yaml").write_text(f"price: {{accept: true}}\n{text}", encoding="utf-8")
    scale = "--config", "scale=mine.yaml"

    refused = snakemake(tmp_path, "--cores", "1", *scale)
    told = [line for line in refused.stderr.splitlines() if line.startswith("error: ")]
    assert refused.returncode == 1 and len(told) == 1, refused.stderr
    assert "run `tnas-bench price --scale mine.yaml`" in told[0] and "Traceback" not in refused.stderr
    assert not (tmp_path / MODULE).exists()

    price = run(tmp_path, "tnas-bench", "price", "--accept", "--scale", "mine.yaml", "--cores", "3")
    assert price.returncode == 0, price.stderr
    for part in ("text children", "core-hours left", "With --cores 3", "missing inputs (3)", "Disk", "Accepted"):
        assert part in price.stdout

    started = snakemake(tmp_path, "--cores", "1", *scale)
    assert started.returncode == 0, started.stderr
    assert (tmp_path / MODULE).exists()
