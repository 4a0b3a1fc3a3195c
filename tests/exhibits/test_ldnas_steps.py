"""The records of runs are read from sealed folders alone."""

import json

import pytest

from tnas_bench.errors import UserError
from tnas_bench.exhibits.steps import load_steps
from tnas_bench.journal.sealed import seal_rows
from tnas_bench.journal.steps import COLUMNS

HEADER = {"name": "ldnas/networks/vgg16/task3", "seed": 2, "settings": {"epochs": 2}}
IMAGES = {
    "task3": {"grade": "subset", "dataset": "mnist", "rows": {"test": 7}},
    "task7": {"grade": "exact", "dataset": "cifar10", "rows": {"test": 8}},
}


@pytest.fixture
def folder(tmp_path):
    rows = [{"step": step, "record": json.dumps({"epoch": step})} for step in range(2)]
    card = {"seconds": 1.5, "gpu": None, "inputs": {"tasks": IMAGES}}
    seal_rows(tmp_path, "steps", COLUMNS, HEADER, rows, card)
    return tmp_path


def test_a_run_is_known_by_its_run_card(folder):
    frame = load_steps([folder, folder])
    assert len(frame) == 4
    assert frame.loc[1].to_dict() == {
        "paper": "ldnas",
        "experiment": "networks",
        "variant": "vgg16",
        "task": "task3",
        "seed": 2,
        "seconds": 1.5,
        "gpu": None,
        "settings": {"epochs": 2},
        "grade": "subset",
        "dataset": "mnist",
        "test_images": 7,
        "step": 1,
        "record": {"epoch": 1},
    }


def test_a_changed_file_is_refused(folder):
    (folder / "steps.parquet").write_bytes(b"")
    with pytest.raises(UserError, match=r"steps\.parquet: is not the one of runcard\.json"):
        load_steps([folder])


def test_no_runs():
    with pytest.raises(UserError, match="run those of the exhibit"):
        load_steps([])
