"""Steps: work that is stopped anywhere gives the records that it gives in one go."""

import json
import os
import shutil
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from tnas_bench.errors import UserError
from tnas_bench.journal import steps
from tnas_bench.journal.sealed import date, read_card

HEADER = {"name": "made/walk", "seed": 0, "settings": {"start": 1}}


class Stopped(Exception):
    """Stands for a power cut."""


class Walk:
    """Each step adds its number and doubles: the state matters, and so does the order."""

    def __init__(self, length, stop=None, drift=0):
        self.steps, self.stop, self.drift = length, stop, drift
        self.place, self.done = 1, []

    def step(self, number):
        if number == self.stop:
            raise Stopped
        self.done.append(number)
        self.place = 2 * (self.place + number) + self.drift
        return {"place": self.place, "share": number / 3}

    def state(self):
        return {"place": self.place}

    def restore(self, state):
        self.place = state["place"]


def places(folder):
    return [record["place"] for record in steps.read_steps(folder)[1]]


def test_records_are_those_of_the_work(tmp_path):
    steps.run(Walk(3), HEADER, tmp_path, facts={"device": "none"})
    assert places(tmp_path) == [2, 6, 16]  # 2 (1 + 0), 2 (2 + 1), 2 (6 + 2)
    card = json.loads((tmp_path / "runcard.json").read_text())
    assert card["study"] == HEADER and card["steps"] == 3 and card["device"] == "none" and card["seconds"] >= 0
    assert not (tmp_path / "checkpoint.pt").exists()


@pytest.mark.parametrize("stop", [0, 1, 4])
def test_what_was_finished_is_not_done_again(tmp_path, stop):
    with pytest.raises(Stopped):
        steps.run(Walk(5, stop), HEADER, tmp_path / "cut")
    resumed = Walk(5)
    steps.run(resumed, HEADER, tmp_path / "cut")
    steps.run(Walk(5), HEADER, tmp_path / "whole")
    assert resumed.done == list(range(stop, 5))
    for file in ("steps.parquet", "journal.jsonl"):
        assert (tmp_path / "cut" / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()


def test_a_crash_between_checkpoint_and_journal_loses_nothing(tmp_path):
    with pytest.raises(Stopped):
        steps.run(Walk(5, 3), HEADER, tmp_path)
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))  # the last append never came
    resumed = Walk(5)
    steps.run(resumed, HEADER, tmp_path)
    assert resumed.done == [3, 4] and len(places(tmp_path)) == 5


def test_without_its_checkpoint_work_is_done_again_and_compared(tmp_path):
    with pytest.raises(Stopped):
        steps.run(Walk(5, 3), HEADER, tmp_path)
    (tmp_path / "checkpoint.pt").unlink()
    with pytest.raises(UserError, match=r"journal.jsonl: step 0 was written with other results"):
        steps.run(Walk(5, drift=1), HEADER, tmp_path)
    again = Walk(5)
    steps.run(again, HEADER, tmp_path)
    assert again.done == [0, 1, 2, 3, 4]


def test_finished_work_is_sealed_anew_without_a_step(tmp_path):
    steps.run(Walk(2), HEADER, tmp_path)
    again = Walk(2)
    steps.run(again, HEADER, tmp_path)
    assert again.done == []


@pytest.mark.parametrize("change", [Path.unlink, lambda path: path.write_text("17")])
def test_a_product_that_was_lost_or_changed_is_made_again_where_it_is_wanted(tmp_path, change):
    def run(**wanted):
        work = Walk(3)
        steps.run(
            work, HEADER, tmp_path, products={"place.txt": lambda folder: place.write_text(str(work.place))}, **wanted
        )
        return work.done

    place = tmp_path / "place.txt"
    assert run() == [0, 1, 2] and place.read_text() == "16"
    assert read_card(tmp_path)["products"] == {"place.txt": sha256(b"16").hexdigest()}
    assert run(remake=True) == []
    change(place)
    assert run() == []
    assert run(remake=True) == [0, 1, 2] and place.read_text() == "16"


def test_a_product_that_was_never_made_is_made(tmp_path):
    def fail(folder):
        raise Stopped

    with pytest.raises(Stopped):
        steps.run(Walk(3), HEADER, tmp_path, products={"made.txt": fail})
    again = Walk(3)
    steps.run(again, HEADER, tmp_path, products={"made.txt": lambda folder: (folder / "made.txt").write_text("")})
    assert again.done == []  # from the checkpoint after the last step
    assert (tmp_path / "made.txt").exists()


def test_what_came_sealed_from_elsewhere_is_not_computed_again(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    steps.run(Walk(4), HEADER, there, facts={"machine": "theirs"})
    here.mkdir()
    for name in ("steps.parquet", "runcard.json"):
        shutil.copy(there / name, here)
    again = Walk(4)
    steps.run(again, HEADER, here, facts={"machine": "ours"})
    assert again.done == []
    assert (here / "journal.jsonl").read_bytes() == (there / "journal.jsonl").read_bytes()
    cards = [read_card(folder) for folder in (here, there)]
    assert cards[0] == cards[1]
    with pytest.raises(UserError, match=r"settings.start = 1, now 2"):
        (here / "journal.jsonl").unlink()
        steps.run(Walk(4), HEADER | {"settings": {"start": 2}}, here)


def test_sealed_files_are_dated_by_their_card(tmp_path):
    steps.run(Walk(2), HEADER, tmp_path)
    sealed = datetime.fromisoformat(read_card(tmp_path)["sealed"]).timestamp()
    files = [tmp_path / name for name in ("steps.parquet", "runcard.json")]
    for file in files:
        os.utime(file, (sealed + 60, sealed + 60))  # as a checkout a minute later has them
    date(tmp_path)
    assert [file.stat().st_mtime for file in files] == pytest.approx(
        [sealed + 60] * 2
    )  # no checkout: a journal is here
    (tmp_path / "journal.jsonl").unlink()
    date(tmp_path)
    assert [file.stat().st_mtime for file in files] == pytest.approx([sealed, sealed])
    date(tmp_path / "nowhere")


def test_finished_work_that_is_looked_at_again_keeps_its_card_and_is_touched(tmp_path):
    steps.run(Walk(2), HEADER, tmp_path)
    files = [tmp_path / name for name in ("steps.parquet", "runcard.json")]
    before = [file.read_bytes() for file in files]
    for file in files:
        os.utime(file, (1, 1))
    steps.run(Walk(2), HEADER, tmp_path)
    assert [file.read_bytes() for file in files] == before and all(file.stat().st_mtime > 1 for file in files)


def test_other_settings_and_damage_are_told_in_one_line(tmp_path):
    with pytest.raises(Stopped):
        steps.run(Walk(3, 2), HEADER, tmp_path)
    with pytest.raises(UserError, match=r"settings.start = 1, now 2"):
        steps.run(Walk(3), HEADER | {"settings": {"start": 2}}, tmp_path)
    (tmp_path / "checkpoint.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(UserError, match=r"checkpoint.pt: damaged; remove it"):
        steps.run(Walk(3), HEADER, tmp_path)


def test_a_checkpoint_of_another_run_is_told_in_one_line(tmp_path):
    for seed in (0, 1):
        with pytest.raises(Stopped):
            steps.run(Walk(3, 2), HEADER | {"seed": seed}, tmp_path / str(seed))
    (tmp_path / "1" / "checkpoint.pt").write_bytes((tmp_path / "0" / "checkpoint.pt").read_bytes())
    with pytest.raises(UserError, match=r"checkpoint.pt: of another run than its journal; remove it"):
        steps.run(Walk(3), HEADER | {"seed": 1}, tmp_path / "1")


def test_a_changed_seal_is_refused(tmp_path):
    steps.run(Walk(2), HEADER, tmp_path / "a")
    steps.run(Walk(2, drift=1), HEADER, tmp_path / "b")
    (tmp_path / "b" / "steps.parquet").write_bytes((tmp_path / "a" / "steps.parquet").read_bytes())
    with pytest.raises(UserError, match=r"is not the one of runcard.json"):
        steps.read_steps(tmp_path / "b")


def test_a_result_that_is_no_number_is_told_in_one_line(tmp_path):
    with pytest.raises(UserError, match=r"step 1 gave a number that is not finite"):
        steps.run(Walk(3, drift=1e308), HEADER, tmp_path)
