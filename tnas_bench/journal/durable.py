"""Durable writes: a file is either as it was or as it shall be, whatever happens to the process or the machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tnas_bench.errors import UserError


@contextmanager
def on_disk(path: Path) -> Iterator[None]:
    """Say in one line what the system refuses: a full disk, a missing permission, a missing file."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{path}: {error.strerror or error}; mend that and run the command again, all that is finished is kept"
        ) from None


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
