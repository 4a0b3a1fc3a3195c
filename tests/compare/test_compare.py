"""Compare: what matters is a line, what does not is a number; commits are read as folders are."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from pandas import DataFrame
from sealed_made import made, reseal
from typer.testing import CliRunner

from tnas_bench import plan
from tnas_bench.cli import app
from tnas_bench.compare import compare
from tnas_bench.compare.sources import scale_of, source
from tnas_bench.errors import UserError
from tnas_bench.journal.sealed import read_trials

TESTS = [0.5, 0.9, 0.7, 0.6]  # their mean is 0.675
STUDY = "tnaml/transfer/naml/sms_spam"


@pytest.fixture
def sides(tmp_path, monkeypatch):
    """Two equal folders of results, with two seeds of a study."""
    monkeypatch.chdir(tmp_path)
    for side in ("old", "new"):
        for seed, tests in enumerate((TESTS, [0.6, 0.9, 0.7, 0.6])):
            made(Path(side, "results/tiny", STUDY, f"seed{seed}"), tests, seed=seed)
    return Path("old/results/tiny"), Path("new/results/tiny")


def test_equal_results_that_differ_in_times_machine_and_bytes_are_the_same(sides):
    card = sides[1] / STUDY / "seed0" / "runcard.json"
    facts = {"seconds": 99.0, "cpu": "other", "sealed": "2027-01-01T00:00:00+00:00"}
    card.write_text(json.dumps(json.loads(card.read_text()) | facts))
    shutil.copy2(sides[0] / STUDY / "seed1/runcard.json", sides[1] / STUDY / "seed1/runcard.json")
    found = compare(*sides)
    assert (found.changes, found.same) == ([], 2)
    assert found.apart == {"seconds": 1, "cpu": 1, "sealed": 1}


def test_another_trial_is_told_with_how_far_accuracies_moved_against_the_spread_over_seeds(sides):
    reseal(sides[1] / STUDY / "seed0", 1, test=1.0, card={"commit": "b" * 40})
    (change,) = compare(*sides).changes
    spread = 100 * np.std([0.675, 0.7], ddof=1)  # of the seeds on the first side
    assert change == (
        f"{STUDY}/seed0: 4 trials, other from number 1 on (test); best test 90.00 → 100.00, top 10 67.50 → 70.00 "
        f"(+2.50; spread over 2 seeds {spread:.2f}); computed with other commit"
    )


def test_settings_and_budgets_that_changed_results_are_told(sides):
    shutil.rmtree(sides[1] / STUDY / "seed0")
    header = {"settings": {"rate": 0.2, "steps": 3}}
    made(sides[1] / STUDY / "seed0", [*TESTS, 0.8], header=header)
    (change,) = compare(*sides).changes
    assert "4 → 5 trials, the same as far as both go" in change
    assert "settings.rate 0.1 → 0.2, settings.steps nothing → 3" in change


def test_settings_without_effect_are_counted(sides):
    reseal(sides[1] / STUDY / "seed0", header={"settings": {"rate": 0.2}})
    found = compare(*sides)
    assert not found.changes and found.apart["settings"] == 1


def test_studies_of_one_side_alone_are_a_line_a_variant(sides):
    shutil.rmtree(sides[1] / STUDY)
    made(sides[1] / "tnaml/transfer/ppo/sst/seed0", TESTS)
    assert compare(*sides).changes == [
        "tnaml/transfer/naml: 2 only in the first: sms_spam/seed0, sms_spam/seed1",
        "tnaml/transfer/ppo: 1 only in the second: sst/seed0",
    ]


def test_a_broken_seal_and_an_empty_folder_are_one_line(sides, tmp_path):
    (sides[1] / STUDY / "seed0/trials.parquet").write_bytes(b"")
    with pytest.raises(UserError, match="is not the one of runcard"):
        compare(*sides)
    with pytest.raises(UserError, match="nothing is sealed there"):
        compare(sides[0], tmp_path / "none")


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("lab", "lab"),
        ("results/lab", "lab"),
        ("HEAD~1:results/tiny", "tiny"),
        ("a/results/smoke", "smoke"),
        ("HEAD", None),
    ],
)
def test_what_is_compared_names_its_scale(text, scale):
    assert scale_of(text) == scale


def git(*arguments):
    identity = ["-c", "user.name=someone", "-c", "user.email=someone@example.org"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(sides):
    """A repository whose one commit has the results of the first side, and whose working folder those of the second."""
    git("init")
    shutil.copytree(sides[0], "results/tiny")
    Path("results/tiny/notes.txt").write_text("not sealed")
    git("add", "results")
    git("commit", "--message", "results")
    reseal(Path("results/tiny", STUDY, "seed0"), 1, test=1.0)


def test_commits_are_read_as_folders_and_nothing_but_sealed_files(repository):
    for text, scale in (("HEAD", "tiny"), ("HEAD:results/tiny", None), ("HEAD:results/tiny/", None)):
        with source(text, scale) as found:
            assert found.folder.parts[-2:] == ("results", "tiny")
            assert {file.name for file in found.folder.rglob("*") if file.is_file()} == {
                "runcard.json",
                "trials.parquet",
            }
            assert len(compare(found.folder, Path("results/tiny")).changes) == 1
        assert not found.folder.exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("HEAD", "give COMMIT:results/SCALE"),
        ("nothing:results/tiny", "git knows no"),
        ("--all:results", "git knows no"),
    ],
)
def test_what_is_nowhere_is_one_line(repository, text, told):
    with pytest.raises(UserError, match=told), source(text, None):
        pass


def judged(scale):
    """A ledger that goes by the results of the working folder."""
    best = 1.0 in read_trials(plan.results(scale) / STUDY / "seed0")["test"].to_list()
    verdicts = ["reproduced" if best else "not reproduced", "not run" if best else "inconclusive", "reproduced"]
    return DataFrame({"id": ["first", "second", "third"], "verdict": verdicts})


def test_the_command_fails_where_results_differ_and_judges_both_sides(repository, monkeypatch):
    same = CliRunner().invoke(app, ["compare", "tiny", "results/tiny"])
    assert (same.exit_code, same.stdout) == (0, "2 runs have the same results\n")
    monkeypatch.setattr("tnas_bench.claims.ledger.ledger", judged)
    other = CliRunner().invoke(app, ["compare", "HEAD", "tiny"])
    lines = other.stdout.splitlines()
    assert other.exit_code == 1 and lines[0].startswith(f"{STUDY}/seed0: 4 trials, other from number 1 on")
    assert lines[1:] == [
        "claim first: not reproduced → reproduced",
        "claims, 1 of them: inconclusive → not run",
        "verdicts: 2 of 3 changed",
        "1 runs have the same results",
    ]


def test_results_that_cannot_be_judged_are_compared_all_the_same(repository):
    """They have no space and no inputs, as those of another version may."""
    other = CliRunner().invoke(app, ["compare", "HEAD", "tiny"])
    assert other.exit_code == 1 and "verdicts: not compared" in other.stdout
