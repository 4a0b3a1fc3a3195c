"""Who watches the watcher: work that forgets or repeats what was finished is found out."""

import random
import sys

import pytest
import torch
from kills import WORKS, options_of
from lives import Life
from works import Work

# Finishes a "trial" twenty times a second; FAULT stands for what goes wrong when it is started again.
WRITER = """
import json, pathlib, time
timings = pathlib.Path("results/study/timings.jsonl")
timings.parent.mkdir(parents=True, exist_ok=True)
have = timings.read_text().splitlines(keepends=True) if timings.exists() else []
FAULT
timings.write_text("".join(have))
for number in range(len(have), 60):
    time.sleep(0.05)
    with timings.open("a") as file:
        file.write(json.dumps({"trial": number, "seconds": time.perf_counter()}) + "\\n")
"""


def life(folder, fault=""):
    (folder / "writer.py").write_text(WRITER.replace("FAULT", fault))
    return Life(Work("writer", (sys.executable, "writer.py"), (0.3, 0.5), ("all",)), folder, random.Random(0), 5)


def test_work_that_keeps_everything_passes(tmp_path):
    whole = life(tmp_path)
    whole.run(1)
    assert whole.kills.total() == 1 and whole.finished


@pytest.mark.parametrize("fault", ["have = have[:-1]", "have = []"])
def test_work_that_repeats_a_trial_is_found_out(tmp_path, fault):
    with pytest.raises(AssertionError, match="was done again"):
        life(tmp_path, fault).run(1)


def test_work_that_loses_a_trial_is_found_out(tmp_path):
    with pytest.raises(AssertionError, match="is lost"):
        life(tmp_path, "timings.write_text(''.join(have[:1])); have and exit()").run(1)


def test_a_checkpoint_behind_its_journal_is_found_out(tmp_path):
    study = tmp_path / "results" / "study"
    study.mkdir(parents=True)
    (study / "journal.jsonl").write_text('{"header": 1}\n{"step": 0}\n{"step": 1}\n')
    torch.save({"next": 1}, study / "checkpoint.pt")
    with pytest.raises(AssertionError, match="would be done again"):
        life(tmp_path)._look()


def test_the_long_run_takes_all_works_or_one():
    assert options_of([]).work == "all" and options_of(["--kills", "9"]).kills == 9
    assert [options_of([name]).work for name in WORKS] == ["study", "training", "workflow"]
