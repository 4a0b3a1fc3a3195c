"""Workers: the executors that train the groups of a round, each on one thread, here or in other processes.

One thread everywhere: sums are then added in one order, so that a score does not depend on the number of workers.
"""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process

from tnas_bench.errors import UserError


@contextmanager
def workers(count: int) -> Iterator[Executor]:
    """An executor of ``count`` processes; one worker is a thread of this process. Leaving it drops what waits."""
    if count < 1:
        raise UserError(f"{count} workers: give 1 or more")
    use_one_thread()  # the controller learns in this process
    executor = ThreadPoolExecutor(1, initializer=use_one_thread) if count == 1 else _processes(count)
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


def _processes(count: int) -> Executor:
    """Spawned: to fork a process with threads or CUDA breaks it."""
    return ProcessPoolExecutor(count, get_context("spawn"), initializer=_start_worker)


def use_one_thread() -> None:
    """Let torch compute on one thread in this process."""
    import torch

    torch.set_num_threads(1)


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted, and ends its workers
    threading.Thread(target=_die_with_parent, daemon=True).start()
    use_one_thread()


def _die_with_parent() -> None:
    """A killed parent cannot stop its workers: they would train on for nobody."""
    parent_process().join()
    os._exit(1)
