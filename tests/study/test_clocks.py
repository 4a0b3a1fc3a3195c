"""Clocks: no result depends on the time of day, and what work took is what it computed, through jumps and pauses."""

import ast
import itertools
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import torch
from study_fakes import FakeTrainer, make_study, results, run_echo

import tnas_bench
from tnas_bench.journal import lease, sealed, steps
from tnas_bench.journal.sealed import read_card

PACKAGE = Path(tnas_bench.__file__).parent
JUMPING = {"time.time", "time.time_ns", "time.localtime", "datetime.now", "datetime.utcnow", "datetime.today"}
DATING = {
    "price/accepted.py",
    "journal/lease.py",
    "journal/sealed.py",
}  # say when, to be read: since when a writer writes, and the seal's date


def asking(clocks):
    """The modules of the package that call one of some clocks."""
    asked = set()
    for path in PACKAGE.rglob("*.py"):
        calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
        if clocks & {ast.unparse(call.func) for call in calls}:
            asked.add(str(path.relative_to(PACKAGE)))
    return asked


def test_nothing_but_dates_comes_from_the_wall_clock():
    assert asking(JUMPING) == DATING


class Pausing:
    """A step that another process holds up for half a second, and one that computes for some time."""

    steps = 2

    def step(self, number):
        if number == 0:
            time.sleep(0.5)
        else:
            busy = time.process_time() + 0.2
            while time.process_time() < busy:
                pass
        return {}

    def state(self):
        return {}

    def restore(self, state):
        pass


@pytest.mark.skipif(torch.cuda.is_available(), reason="with a GPU, seconds are those on the wall")
def test_a_pause_costs_nothing(tmp_path):
    steps.run(Pausing(), {"name": "made/pausing", "seed": 0, "settings": {}}, tmp_path)
    assert 0.2 <= read_card(tmp_path)["seconds"] < 0.45
    assert asking({"time.perf_counter", "time.process_time"}) == {"device.py"}  # where trials take theirs from, too


class Jumping(datetime):
    """A clock that is set back by a year and forward by a decade in turn."""

    jumps = itertools.cycle([timedelta(days=-365), timedelta(days=3650)])

    @classmethod
    def now(cls):
        return datetime.now() + next(cls.jumps)


@pytest.mark.parametrize("jumps", [1, 2])
def test_a_study_under_a_jumping_clock(tmp_path, monkeypatch, jumps):
    study = make_study(trials=12, round_size=4)
    run_echo(tmp_path / "steady", study)
    for module in (lease, sealed):
        monkeypatch.setattr(module, "datetime", Jumping)
    for _ in range(jumps):
        next(Jumping.jumps)
    for trials in (4, 8, 12):  # stopped and continued, each time in another year
        run_echo(tmp_path / "jumping", make_study(trials=trials, round_size=4), FakeTrainer(delay=0.01))
    assert results(tmp_path / "jumping") == results(tmp_path / "steady")
    assert read_card(tmp_path / "jumping")["seconds"] == pytest.approx(12 * 0.01)
