"""Locks: one process at a time, by the kernel's lock on a file (flock). It is free the moment its owner dies, whatever
kills it, so that no lock is ever left to be removed by hand.

On a folder that several hosts share, the lock is as good as its file system. Linux makes it a lock of the server's on
NFS, which holds between hosts; not so where NFS is mounted with ``nolock`` or ``local_lock=flock``: hosts do not see
each other then, and must not write one folder at the same time. A lost host's lock ends when the server gives it up:
with NFS 4 after its grace period, a minute or two; with NFS 3 when the host is back.
"""

import errno
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from tnas_bench.errors import UserError

NO_LOCKS = {errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK}  # what file systems say that have none
POLL = 0.2  # seconds between two looks whether the lock is free


@contextmanager
def alone(path: Path, what: Path, owner: Callable[[], str] = lambda: "another process") -> Iterator[None]:
    """Hold the lock file ``path``, in a folder that is there, to write ``what``; ``owner`` names who has it now.

    It tells whom it waits for, and waits as long as the owner lives: a job that outlived its workflow ends its work,
    and then there is nothing left to do for the one that took its place. Raises UserError where the file system has no
    locks, OSError where it refuses the file.
    """
    lock = filelock.FileLock(path, fallback_to_soft=False)
    try:
        if not _is_free(lock):
            warnings.warn(f"{what}: is being written by {owner()}; waiting for its end", stacklevel=3)
            lock.acquire(poll_interval=POLL)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        raise UserError(f"{what}: its file system has no locks ({error.strerror}); work on one that has") from None
    try:
        yield
    finally:
        lock.release()


def _is_free(lock: filelock.FileLock) -> bool:
    """Take the lock if nobody has it."""
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return False
    return True
