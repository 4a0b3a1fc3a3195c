"""Executors: where the groups of a round are trained, each on one thread: in this process, in others, or on a cluster.

One thread everywhere: sums are then added in one order, so that a score depends on no executor.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path

from tnas_bench.device import use_one_thread
from tnas_bench.errors import UserError
from tnas_bench.executors.dask import cluster
from tnas_bench.executors.processes import processes

KNOWN = "processes:N or dask:ADDRESS"


@contextmanager
def executor(spec: str, inputs: Sequence[Path] = ()) -> Iterator[Executor]:
    """The executor that ``spec`` (processes:N or dask:ADDRESS) describes. Leaving it drops what waits.

    ``inputs``: cards of the data that is trained on, which must be the same on all machines. UserError for another
    spec, and for a cluster that cannot be used. A submitted call raises ``BrokenExecutor``, with a message for the
    user, if its worker is lost.
    """
    kind, _, where = spec.partition(":")
    use_one_thread()  # the controller learns in this process
    if kind == "processes" and where.isdecimal() and int(where) > 0:
        chosen = processes(int(where))
    elif kind == "dask" and where:
        chosen = cluster(where, inputs)
    else:
        raise UserError(f"executor {spec!r}: give {KNOWN}, as processes:4 or dask:tcp://host:8786")
    with chosen as made:
        yield made


def described(spec: str) -> str:
    """The executor as a run card names it: without addresses."""
    return spec if spec.startswith("processes:") else spec.partition(":")[0]
