"""Named random streams.

Every random draw of the suite comes from a stream that is named after what it may depend on, so that
adding a draw in one place never shifts the draws of another, and so that a result depends on names and
seeds alone: never on the order of jobs, the number of workers or the device.
"""

import hashlib

import numpy as np


def integer(*names: object) -> int:
    """A seed in [0, 2**63) that depends on the names and on nothing else."""
    text = "\x1f".join(str(name) for name in names)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def stream(*names: object) -> np.random.Generator:
    """A generator of its own for the given names, e.g. ``stream(child_seed, "order")``."""
    return np.random.Generator(np.random.SFC64(integer(*names)))
