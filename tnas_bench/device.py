"""Device: where networks are trained, on how many threads, how precisely, how long, from which random numbers."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import torch
from threadpoolctl import threadpool_limits

from tnas_bench.errors import UserError
from tnas_bench.seeds import integer


def device() -> torch.device:
    """A GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def use_one_thread() -> None:
    """Let torch, and the libraries of numpy, compute on one thread in this process, whatever OMP_NUM_THREADS says."""
    torch.set_num_threads(1)
    threadpool_limits(1)


def use_gpu(turn: int) -> None:
    """Let this thread compute on one of the GPUs that are visible, taken in turn; where there is none, on the CPU."""
    if torch.cuda.is_available():
        torch.cuda.set_device(turn % torch.cuda.device_count())


def clock() -> float:
    """Seconds that this process has computed: a pause, or a busy machine, costs none. Only differences tell something.

    With a GPU, seconds on the wall, when it has nothing more to do.
    """
    if not torch.cuda.is_available():
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


@contextmanager
def memory(advice: str) -> Iterator[None]:
    """Tell in one line, with advice, that what is done inside does not fit into the GPU's memory."""
    try:
        yield
    except torch.OutOfMemoryError:
        raise UserError(f"the GPU has too little memory; {advice}") from None


def autocast(precision: str) -> AbstractContextManager:
    """Mixed precision ("bfloat16") or none ("float32") on the device."""
    return torch.autocast(device().type, dtype=torch.bfloat16, enabled=precision == "bfloat16")


@contextmanager
def seeded(*names: object) -> Iterator[None]:
    """Draw the initial weights of modules built inside from the stream of these names; others stay as they were."""
    with torch.random.fork_rng():
        torch.manual_seed(integer(*names))
        yield


def generator(*names: object) -> torch.Generator:
    """A stream of random numbers of its own. On the CPU, so that a GPU draws the same."""
    return torch.Generator().manual_seed(integer(*names))
