"""The command line as a user meets it: another process, exit codes, one line for a mistake."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def run(command, folder, **environment):
    """The finished process of a command, run in a folder of its own with nothing of the user's environment."""
    variables = {key: value for key, value in os.environ.items() if key != "TNAS_DATA_MIRROR"}
    variables |= {"PATH": f"{BIN}:{os.environ['PATH']}", **environment}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)


def tiny(tmp_path, old, new):
    """A scale file of the user's own."""
    text = (ROOT / "workflow" / "config" / "tiny.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "mine.yaml").write_text(text.replace(old, new), encoding="utf-8")
    return "mine.yaml"


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["data", "get", "airline", "--scale", "lab"], "TNAS_DATA_MIRROR"),
        (["data", "get", "airlines", "--scale", "lab"], "airline"),
        (["data", "get", "airline", "--scale", "huge"], "unknown scale 'huge'"),
        (["module", "nnlm-en-dim50", "--mirror", "nowhere"], "nowhere: no such folder"),
        (["module", "ppmi-en-dim50", "--scale", "tiny"], "tnas-bench data get airline"),
        (["module", "ppmi-es-dim50", "--scale", "tiny"], "has no task of language 'es'"),
        (["module", "word2vec"], "word2vec"),
        (["study", "--scale", "tiny"], "--csv FILE"),
        (["study", "tnaml/transfer/naml/sms_spam/seed9", "--scale", "tiny"], "plans no study"),
        (["study", "tnaml/transfer/naml/sms_spam/seed0", "--scale", "tiny"], "tnas-bench data get sms_spam"),
        (["study", "--csv", "none.csv", "--scale", "tiny"], "none.csv"),
        (["exhibit", "tnaml_table9", "--scale", "tiny"], "unknown exhibit"),
        (["exhibit", "tnaml_table1", "--scale", "tiny"], "is not finished"),
        (["data", "get", "airline", "--scale", "lab", "--mirror", "nowhere"], "nowhere: no such folder"),
        (["study", "--csv", "mine.csv", "--controller", "tnaml", "--scale", "tiny"], "--pretrained"),
        (["report", "--scale", "tiny"], "make it with: tnas-bench claims"),
        (["audit", "--scale", "tiny"], "results/tiny: nothing is sealed there"),
        (["compare", "tiny", "HEAD"], "git knows no such commit"),
        (["export", "--scale", "tiny", "--into", "crate.zip"], "results/tiny: nothing is sealed there"),
        (["table", "make", "--scale", "smoke"], "is not finished"),
        (["table", "search", "--task", "sms_spam", "--scale", "smoke"], "tnas-bench table make"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, arguments, told):
    done = run(["tnas-bench", *arguments], tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1, done.stderr
    assert told in done.stderr
    assert not list(tmp_path.rglob("*.parquet")) and not list(tmp_path.rglob("card.json"))


def test_budget_zero(tmp_path):
    done = run(["tnas-bench", "study", "--scale", tiny(tmp_path, "transfer: 10", "transfer: 0"), "any"], tmp_path)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "mine.yaml: trials.transfer" in done.stderr


def test_wrong_checksum_is_refused_and_nothing_is_left(tmp_path):
    (tmp_path / "raw/sms_spam").mkdir(parents=True)
    (tmp_path / "raw/sms_spam/SMSSpamCollection").write_text("ham\thello\n", encoding="utf-8")
    done = run(["tnas-bench", "data", "get", "sms_spam", "--scale", "lab"], tmp_path, TNAS_DATA_MIRROR=str(tmp_path))
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "SMSSpamCollection" in done.stderr and "sha256" in done.stderr.lower()
    assert not (tmp_path / "data/tasks").exists() or not list((tmp_path / "data/tasks").rglob("*"))


def test_a_malformed_row_is_named(tmp_path):
    rows = [f"text number {row},{'good' if row % 2 else 'bad'}" for row in range(40)]
    rows[17] += ",one field too many"
    (tmp_path / "mine.csv").write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    done = run(["tnas-bench", "study", "--csv", "mine.csv", "--scale", "tiny"], tmp_path)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "mine.csv" in done.stderr and "19" in done.stderr
    assert not (tmp_path / "results").exists() or not list((tmp_path / "results").rglob("*.parquet"))


def test_unknown_scale_in_the_workflow(tmp_path):
    done = run(["snakemake", "-n", "--snakefile", ROOT / "Snakefile", "--config", "scale=huge"], tmp_path)
    assert done.returncode != 0
    assert "unknown scale 'huge': take one of lab, paper, smoke, tiny" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_read_only_folder_is_told_before_anything_runs(tmp_path):
    if run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", tmp_path], tmp_path).returncode:
        pytest.skip("mounting a file system needs root")
    try:
        done = run(["snakemake", "-n", "--snakefile", ROOT / "Snakefile", "--config", "scale=tiny"], tmp_path)
    finally:
        subprocess.run(["umount", tmp_path], check=True)
    told = done.stdout + done.stderr
    assert done.returncode != 0 and "Traceback" not in told
    assert f"\n{tmp_path}: Read-only file system; make it writable, or take another folder and run" in told
