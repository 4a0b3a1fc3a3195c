"""Clocks that jump: no result depends on the time of day, and seconds come from clocks that only go forward."""

import ast
import itertools
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from study_fakes import FakeTrainer, make_study, results, run_echo

import tnas_bench
from tnas_bench.journal import lease, sealed
from tnas_bench.journal.sealed import read_card

PACKAGE = Path(tnas_bench.__file__).parent
JUMPING = {"time.time", "time.time_ns", "time.localtime", "datetime.now", "datetime.utcnow", "datetime.today"}
DATING = {
    "price/accepted.py",
    "journal/lease.py",
    "journal/sealed.py",
}  # say when, to be read: since when a writer writes, and the seal's date


def test_nothing_but_dates_comes_from_the_wall_clock():
    asked = set()
    for path in PACKAGE.rglob("*.py"):
        calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
        if JUMPING & {ast.unparse(call.func) for call in calls}:
            asked.add(str(path.relative_to(PACKAGE)))
    assert asked == DATING


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
