"""Lease: one writer per study. The lock is the kernel's, so that it is free the moment its owner dies."""

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import filelock

from tnas_bench.errors import UserError
from tnas_bench.journal.durable import on_disk, write_atomic


@contextmanager
def lease(folder: Path) -> Iterator[None]:
    """Hold the folder for writing, and make it if need be; UserError names another owner."""
    owner = folder / "writer.json"
    with on_disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / "writer.lock", fallback_to_soft=False)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            raise UserError(f"{folder}: is being written by {_name(owner)}; wait for it or stop it") from None
    try:
        started = datetime.now().astimezone().isoformat(timespec="seconds")
        write_atomic(owner, json.dumps({"process": os.getpid(), "host": platform.node(), "since": started}).encode())
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


def _name(owner: Path) -> str:
    try:
        return "process {process} on host {host} since {since}".format(**json.loads(owner.read_bytes()))
    except (OSError, ValueError):  # it has the lock, and is about to write its name
        return "another process"
