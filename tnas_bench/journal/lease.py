"""Lease: one writer per study, of whom others read who it is while they wait (:mod:`tnas_bench.locks`)."""

import json
import os
import platform
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from tnas_bench import locks
from tnas_bench.journal.durable import on_disk, write_atomic


@contextmanager
def lease(folder: Path) -> Iterator[None]:
    """Hold the folder for writing, and make it if need be; waits for another owner, as long as that one lives."""
    owner = folder / "writer.json"
    with ExitStack() as held:
        with on_disk(folder):
            folder.mkdir(parents=True, exist_ok=True)
            held.enter_context(locks.alone(folder / "writer.lock", folder, lambda: _name(owner)))
        try:
            write_atomic(owner, _ourselves())
            yield
        finally:
            with suppress(OSError):  # of a disk that has become read-only; a name without a lock means nothing
                owner.unlink(missing_ok=True)


def _ourselves() -> bytes:
    since = datetime.now().astimezone().isoformat(timespec="seconds")  # only told, never reckoned with
    return json.dumps({"process": os.getpid(), "host": platform.node(), "since": since}).encode()


def _name(owner: Path) -> str:
    try:
        return "process {process} on host {host} since {since}".format(**json.loads(owner.read_bytes()))
    except (OSError, ValueError):  # it has the lock, and is about to write its name
        return "another process"
