"""Processes: workers on this machine, that live as long as their parent does."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.sharedctypes import Synchronized

from tnas_bench.device import use_gpu, use_one_thread


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """An executor of ``count`` processes; one is a thread of this process. Leaving it drops what waits."""
    executor = ThreadPoolExecutor(1, initializer=use_one_thread) if count == 1 else _spawned(count)
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


def _spawned(count: int) -> Executor:
    """Not forked: to fork a process with threads or CUDA breaks it."""
    spawn = get_context("spawn")
    return ProcessPoolExecutor(count, spawn, initializer=_start_worker, initargs=(spawn.Value("i", 0),))


def _start_worker(started: Synchronized) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted, and ends its workers
    threading.Thread(target=_die_with_parent, daemon=True).start()
    use_one_thread()
    with started.get_lock():
        turn, started.value = started.value, started.value + 1
    use_gpu(turn)


def _die_with_parent() -> None:
    """A killed parent cannot stop its workers: they would train on for nobody."""
    parent_process().join()
    os._exit(1)
