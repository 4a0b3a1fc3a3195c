"""The workflow at its tiny scale: planned, run, killed, continued."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}
ENVIRONMENT.pop("TNAS_DATA_MIRROR", None)
# Nothing here may need a network: pip is told that there is no index, and everything else that there is a dead proxy.
ENVIRONMENT |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}
ENVIRONMENT |= dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")


def snakemake(*arguments):
    """The command, with the settings of the default profile."""
    profile = ["--workflow-profile", ROOT / "workflow/profiles/default"]
    return ["snakemake", "--snakefile", ROOT / "Snakefile", *profile, *arguments]


def jobs(dry_run: str) -> dict[str, int]:
    """Jobs of a dry run, by rule."""
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", dry_run, re.MULTILINE)}


def sealed(folder: Path) -> dict[str, str]:
    """The hash of every sealed study."""
    files = sorted((folder / "results/tiny").rglob("trials.parquet"))
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def plan(folder, *arguments):
    command = snakemake("-n", *arguments)
    return jobs(subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=True).stdout)


def test_paper_scale_plans_all_tasks_and_modules(tmp_path):
    planned = plan(tmp_path)
    assert (planned["task"], planned["module"], planned["image_module"]) == (8 + 13 + 8 + 1 + 1, 8, 5)
    transfer = 3 * 13 + 3 * 13 + 2 * 13 + 3 * 13 + 3 * 4  # methods, beyond the paper, ablation, again, algorithms
    learnt = 2 + 2 * 8  # all tasks at once, or one at a time
    assert planned["study"] == 5 * (learnt + transfer + (1 + 3) + (1 + 2 + 2)) + 3 * 8  # images, mnms, table
    assert planned["distances"] == 8 * 10 and planned["base_search"] == 8 * 3
    assert planned["search"] == 2 * (12 + 6) * 3
    assert planned["network"] == 8 * 10 + 2 * 2 * 3  # VGG-16 on every task; two others on the targets of the tables


def test_one_exhibit_plans_just_what_it_needs(tmp_path):
    planned = plan(tmp_path, "tnaml_table1", "--config", "scale=lab")
    assert planned["exhibit"] == 1 and "figure" not in planned and "report" not in planned
    assert (planned["module"], planned["module_of_tasks"]) == (3, 5)


def test_a_module_of_tasks_is_made_of_the_training_texts_of_its_scale(tmp_path):
    text = (ROOT / "workflow/config/tiny.yaml").read_text(encoding="utf-8")
    mine = text.replace("[generated-dim16]", "[ppmi-en-dim50]").replace("max_rows: 200", "max_rows: 600")
    (tmp_path / "mine.yaml").write_text(mine, encoding="utf-8")
    card = "data/modules/mine/ppmi-en-dim50/card.json"
    command = snakemake(card, "--cores", "1", "--config", "scale=mine.yaml")
    done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    trained = json.loads((tmp_path / card).read_text(encoding="utf-8"))["tasks"]
    assert list(trained) == ["airline", "sst", "sms_spam", "customer_reviews"]
    train = tmp_path / "data/tasks/mine/sst/train.parquet"
    assert trained["sst"] == hashlib.sha256(train.read_bytes()).hexdigest()
    assert plan(tmp_path, card, "--config", "scale=mine.yaml") == {}
    train.with_name("test.parquet").write_bytes(b"other texts")
    assert plan(tmp_path, card, "--config", "scale=mine.yaml") == {}
    train.write_bytes(b"other texts")
    assert plan(tmp_path, card, "--config", "scale=mine.yaml") == {"module_of_tasks": 1, "total": 1}


def test_of_a_frozen_encoder_a_card_is_prepared(tmp_path):
    text = (ROOT / "workflow/config/tiny.yaml").read_text(encoding="utf-8")
    mine = text.replace("[generated-dim16]", "[generated-dim16, use-multilingual]")
    (tmp_path / "mine.yaml").write_text(mine, encoding="utf-8")
    planned = plan(tmp_path, "tnaml_table1", "--config", "scale=mine.yaml")
    assert (planned["module"], planned["encoder"]) == (1, 1)
    card = tmp_path / "data/modules/use-multilingual/card.json"
    card.parent.mkdir(parents=True)
    card.write_text("{}", encoding="utf-8")
    assert "encoder" not in plan(tmp_path, "tnaml_table1", "--config", "scale=mine.yaml")


def test_the_default_profile_is_found_beside_the_snakefile(tmp_path):
    command = ["snakemake", "-n", "--config", "scale=tiny"]
    told = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=True).stderr
    assert "profiles/default" in told


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A folder in which the tiny workflow has run, with two jobs at a time."""
    folder = tmp_path_factory.mktemp("undisturbed")
    command = snakemake("--cores", "2", "--config", "scale=tiny")
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def test_it_ends_with_every_exhibit_and_a_page_that_says_what_it_is(undisturbed):
    reports = undisturbed / "reports/tiny"
    for name in ("tnaml_table1", "tnaml_fig2"):
        for form in ("csv", "md", "tex"):
            assert "tiny: generated texts" in (reports / f"tables/{name}.{form}").read_text(encoding="utf-8")
    assert (reports / "figures/tnaml_fig2.png").read_bytes().startswith(b"\x89PNG")
    page = (reports / "index.html").read_text(encoding="utf-8")
    assert "tiny: generated texts" in page and "SMS Spam" in page and "generated" in page
    assert len(sealed(undisturbed)) == 7
    for name in ("ldnas_fig1", "ldnas_sigma"):
        assert (reports / f"figures/{name}.png").read_bytes().startswith(b"\x89PNG")
        assert "Task 7 †" in (reports / f"tables/{name}.md").read_text(encoding="utf-8")


def test_a_second_call_has_nothing_to_do(undisturbed):
    assert plan(undisturbed, "--config", "scale=tiny") == {}


def test_what_came_sealed_with_a_checkout_is_not_computed_again(undisturbed, tmp_path):
    """A checkout holds no journals and no weights, and dates its files in any order."""
    files = [*undisturbed.rglob("results/**/*.parquet"), *undisturbed.rglob("results/**/runcard.json")]
    for file in sorted(files, key=lambda file: hashlib.sha256(bytes(file)).digest()):
        copy = tmp_path / file.relative_to(undisturbed)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    wanted = plan(tmp_path, "tnaml_table1", "ldnas_fig1", "--config", "scale=tiny")
    assert wanted == {"tnaml_table1": 1, "ldnas_fig1": 1, "exhibit": 2, "figure": 1, "total": 5}


def test_a_killed_run_continues_with_the_plain_command_and_ends_the_same(undisturbed, tmp_path):
    command = snakemake("tnaml_table1", "tnaml_fig2", "--cores", "1", "--config", "scale=tiny")
    with subprocess.Popen(
        command, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0
    ) as running:
        while running.poll() is None and not list(tmp_path.rglob("journal.jsonl")):
            time.sleep(0.1)
        assert running.poll() is None, "it ended before it could be killed"
        os.killpg(running.pid, signal.SIGKILL)
    assert len(sealed(tmp_path)) < 7
    done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert sealed(tmp_path) == sealed(undisturbed)
