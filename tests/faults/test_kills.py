"""Twenty kills on the way; `python tests/faults/kills.py --kills 200` is the long run."""

import itertools

import pytest
from lives import live
from tiny_made import left
from works import STUDY, TRAINING, new, undisturbed_run, workflow

TARGETS = ("tnaml_table1", "tnaml_fig2")
SEED = 1


@pytest.fixture
def empty(tmp_path, undisturbed):
    """Makes new folders, with data for studies and trainings."""
    numbers = itertools.count()
    return lambda: new(tmp_path / f"life{next(numbers)}", undisturbed)


@pytest.mark.parametrize("work, kills", [(STUDY, 8), (TRAINING, 6)], ids=["study", "training"])
def test_killed_work_ends_as_undisturbed_work_and_does_nothing_twice(empty, work, kills):
    wanted, seconds = undisturbed_run(work, empty())
    total, kept = live(work, wanted, seconds, empty, kills, SEED)
    assert total.total() == kills and kept > kills


def test_a_killed_workflow_goes_on_with_the_plain_command(undisturbed, tmp_path):
    """Snakemake alone, and its jobs go on without it, or both at once."""
    work = workflow(*TARGETS, victims=("first", "all"))
    wanted = {
        path: content for path, content in left(undisturbed).items() if "ldnas" not in path and "index" not in path
    }
    numbers = itertools.count()
    total, kept = live(work, wanted, 60, lambda: new(tmp_path / str(next(numbers))), 6, SEED)
    assert total.total() == 6 and kept > 6
