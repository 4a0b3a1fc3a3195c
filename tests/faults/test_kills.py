"""Twenty kills on the way; ``python tests/faults/kills.py --kills 200`` is the long run."""

import itertools
import shutil

import pytest
from lives import live
from tiny_made import left
from works import STUDY, TRAINING, new, undisturbed_run, workflow

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
TARGETS = ("tnaml_table1", "tnaml_fig2")
SEED = 1


@pytest.mark.parametrize("work, kills", [(STUDY, 8), (TRAINING, 6)], ids=["study", "training"])
def test_killed_work_ends_as_undisturbed_work_and_does_nothing_twice(undisturbed, tmp_path, work, kills):
    numbers = itertools.count()

    def empty():
        return new(tmp_path / f"life{next(numbers)}", undisturbed)

    wanted, seconds = undisturbed_run(work, empty())
    total, finished = live(work, wanted, seconds, empty, kills, SEED)
    assert total.total() == kills and finished


def test_a_killed_workflow_goes_on_with_the_plain_command(undisturbed, tmp_path):
    """Snakemake alone, and its jobs go on without it, or all at once; on data that are there."""
    numbers = itertools.count()

    def empty():
        folder = new(tmp_path / f"life{next(numbers)}")
        shutil.copytree(undisturbed / "data", folder / "data")
        return folder

    others = ("ldnas", "index.html", "claims.csv")
    wanted = {path: content for path, content in left(undisturbed).items() if not any(name in path for name in others)}
    seconds = float((undisturbed / "seconds").read_text())
    work = workflow(*TARGETS, victims=("first", "all"))
    assert live(work, wanted, seconds, empty, 6, SEED)[0].total() == 6
