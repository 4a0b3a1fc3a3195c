"""Device: where networks are trained, in which precision, and from which random numbers."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import torch

from tnas_bench.seeds import integer


def device() -> torch.device:
    """A GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


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
