"""Named random streams.

Every random draw of the suite comes from a stream that is named after what it may depend on, so that
adding a draw in one place never shifts the draws of another, and so that a result depends on names and
seeds alone: never on the order of jobs, the number of workers or the device.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def integer(*names: object) -> int:
    """A seed in [0, 2**63) that depends on the names and on nothing else."""
    text = "\x1f".join(str(name) for name in names)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def stream(*names: object) -> np.random.Generator:
    """A generator of its own for the given names, e.g. ``stream(child_seed, "order")``."""
    return np.random.Generator(np.random.SFC64(integer(*names)))


def drawn(choices: Sequence[T], *names: object) -> T:
    """One of the choices, which depends on them and on the names alone."""
    return choices[integer(*names) % len(choices)]
