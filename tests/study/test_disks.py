"""Disks that are full, read-only, without locks, or another user's: one line, and nothing finished is lost."""

import errno
import fcntl
import os
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import pytest
from study_fakes import FakeTrainer, answer_of, make_study, results, run_echo, start, trained_seeds

from tnas_bench.errors import UserError
from tnas_bench.journal.durable import check_writable

STUDY = make_study(trials=12, round_size=4)
PAGE = 4096  # bytes; a file on a tmpfs takes a multiple
NOBODY, GROUP = 65534, 100


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    run_echo(folder, STUDY)
    return folder


class Disk:
    """A file system of its own."""

    def __init__(self, place):
        self.place = place
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place]
        if subprocess.run(mount, capture_output=True).returncode:
            pytest.skip("mounting a file system needs root")

    def make(self, option):
        subprocess.run(["mount", "-o", f"remount,{option}", self.place], check=True)

    def leave_free(self, pages):
        """Fill it but for so many pages, and return the file that does."""
        filler = self.place / "filler"
        filler.write_bytes(b"0" * (os.statvfs(self.place).f_bavail * PAGE - pages * PAGE))
        return filler


@pytest.fixture
def disk(tmp_path):
    (tmp_path / "disk").mkdir()
    disk = Disk(tmp_path / "disk")
    yield disk
    subprocess.run(["umount", disk.place], check=True)


def one_line(told, path, reason):
    assert str(told.value).startswith(f"{path}") and reason in str(told.value) and "\n" not in str(told.value)


def test_a_disk_that_fills_at_any_write_loses_nothing(reference, disk, tmp_path):
    filled = 0
    for pages in range(14):
        folder, trainer = disk.place / f"study{pages}", FakeTrainer(tmp_path / f"log{pages}")
        filler = disk.leave_free(pages)
        try:
            run_echo(folder, STUDY, trainer)
        except UserError as error:
            told, filled = str(error), filled + 1
            assert told.startswith(str(folder)) and "No space left on device; free some space and run" in told
            assert "\n" not in told
        filler.unlink()
        run_echo(folder, STUDY, trainer)
        assert (
            len(trained_seeds(trainer.log)) <= len(set(trained_seeds(trainer.log))) + 4
        )  # all but the unwritten group
        assert results(folder) == results(reference)
    assert 5 < filled < 14


def test_a_disk_that_has_become_read_only(reference, disk):
    folder = disk.place / "study"
    run_echo(folder, make_study(trials=4, round_size=4))
    disk.make("ro")
    for refused in (lambda: run_echo(folder, STUDY), lambda: check_writable(folder)):
        with pytest.raises(UserError) as told:
            refused()
        one_line(told, folder, "Read-only file system; make it writable, or take another folder and run")
    disk.make("rw")
    run_echo(folder, STUDY)
    assert results(folder) == results(reference)


@pytest.mark.parametrize("refusal", [errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK])
def test_a_file_system_without_locks(tmp_path, monkeypatch, refusal):
    def flock(*_):
        raise OSError(refusal, os.strerror(refusal))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(UserError) as told:
        run_echo(tmp_path / "study", STUDY)
    one_line(told, tmp_path / "study", "its file system has no locks")


@pytest.fixture
def public():
    """A folder in which each member of a group may write."""
    if os.geteuid():
        pytest.skip("becoming other users needs root")
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, 0, GROUP)
        os.chmod(folder, 0o2775)
        yield Path(folder)


def become(user, group, umask):
    """Give up being root, in the process of a test."""
    os.umask(umask)
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)


ONE, OTHER = (partial(become, user, GROUP, 0o002) for user in (NOBODY, NOBODY - 1))  # of one group
CLOSED, STRANGER = partial(become, NOBODY, GROUP, 0o022), partial(become, NOBODY - 1, NOBODY - 1, 0o022)


def test_the_folder_of_another_user_names_both(public):
    folder = public / "study"
    assert answer_of(*start(folder, make_study(trials=4), FakeTrainer(), prepare=CLOSED)) == "done"
    answer = answer_of(*start(folder, STUDY, FakeTrainer(), prepare=STRANGER))
    told = "it belongs to nobody, you are user 65533: ask for the right to write there and run the command again"
    assert answer.startswith(f"{folder}: Permission denied; {told}") and "\n" not in answer


def test_two_users_of_one_group_continue_each_others_studies(reference, public):
    folder = public / "study"
    first = make_study(trials=4, round_size=4)
    assert answer_of(*start(folder, first, FakeTrainer(), prepare=ONE)) == "done"
    assert answer_of(*start(folder, STUDY, FakeTrainer(), prepare=OTHER)) == "done"
    assert results(folder) == results(reference)
