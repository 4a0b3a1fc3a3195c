"""Durable writes: a file is either as it was or as it shall be, whatever happens to the process or the machine."""

import errno
import os
import pwd
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tnas_bench.errors import UserError

ADVICE = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some of your quota",
    errno.EROFS: "make it writable, or take another folder",
}


@contextmanager
def on_disk(path: Path) -> Iterator[None]:
    """Say in one line what the system refuses: a full disk, a missing permission, a missing file."""
    try:
        yield
    except OSError as error:
        denied = error.errno in (errno.EACCES, errno.EPERM)
        advice = _whose(path) if denied else ADVICE.get(error.errno, "mend that")
        raise UserError(
            f"{path}: {error.strerror or error}; {advice} and run the command again, all that is finished is kept"
        ) from None


def _whose(path: Path) -> str:
    """What to do about a denied right: at the first file or folder, from the path upwards, that may be looked at."""
    for place in (path, *path.parents):
        try:
            owner = place.stat().st_uid
        except OSError:
            continue
        it = "it" if place == path else place
        return f"{it} belongs to {_user(owner)}, you are {_user(os.geteuid())}: ask for the right to write there"
    return "ask for the right to write there"


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def check_writable(folder: Path) -> None:
    """Raise UserError if the folder may not be written, or made: better told before hours of work than after."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    with on_disk(there), tempfile.TemporaryFile(dir=there):
        pass


def write_atomic(path: Path, content: bytes) -> None:
    """Write a whole file in one step, to survive a loss of power."""
    temporary = path.with_name(path.name + ".tmp")
    with on_disk(path):
        with temporary.open("wb") as file:
            _write(file, content)
        os.replace(temporary, path)
        _sync_folder(path.parent)


def append(path: Path, content: bytes) -> None:
    """Add to the end of a file, to survive a loss of power; a crash can tear the last line only."""
    with on_disk(path), path.open("ab") as file:
        _write(file, content)


def _write(file, content: bytes) -> None:
    file.write(content)
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """A renamed file is safe only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
