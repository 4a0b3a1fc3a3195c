"""Dask: workers of a dask.distributed cluster, whatever it runs on.

Scheduler and workers send each other pickles, which execute code: the cluster must be the user's own, and its network
trusted or its addresses ``tls://``. A lost worker's groups are given to another by the scheduler; when this process
dies, the scheduler drops what waits, and workers end the group that they are at.
"""

import logging
import platform
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from tnas_bench import __version__
from tnas_bench.device import use_one_thread
from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256
from tnas_bench.runcard import code, versions

if TYPE_CHECKING:
    import distributed

Surroundings = Mapping[str, str]  # what must be the same where children train: versions, and hashes by path


@contextmanager
def cluster(address: str, inputs: Sequence[Path]) -> Iterator[Executor]:
    """The workers of the scheduler at the address, of which each is to have the same code and ``inputs`` (files)."""
    client = _connect(address)
    try:
        _check_installed(client)
        yield _Workers(client, surroundings(inputs))
    finally:
        client.close()


def _connect(address: str) -> "distributed.Client":
    try:
        from distributed import Client
        from distributed.comm import get_address_host_port
    except ImportError:
        raise UserError("executor dask needs a package: pip install 'tnas-bench[dask]'") from None
    for name in ("distributed", "distributed.client"):  # what they would log is told in one line
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        get_address_host_port(address)  # a client of no address would not end without noise
        with warnings.catch_warnings(action="ignore"):  # about versions: those that matter are checked
            return Client(address, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:
        reason = str(error).partition("\n")[0]
        raise UserError(f"no Dask scheduler at {address} ({reason}); start one, or give its address") from None


def _check_installed(client: "distributed.Client") -> None:
    """Workers that come later are told by what they run; one that lacks the package could not even say so."""
    found = client.get_versions(packages=["tnas_bench"])
    if not found["workers"]:
        warnings.warn("the Dask cluster has no workers yet: the study waits for them", stacklevel=1)
    machines = {"the scheduler": found["scheduler"], **found["workers"]}
    for name, machine in machines.items():
        if (installed := machine["packages"]["tnas_bench"]) != __version__:
            advice = "start it from the same environment"
            raise UserError(f"{name} of the Dask cluster has tnas_bench {installed}, not {__version__}: {advice}")


class _Workers(Executor):
    """Not Dask's own executor: its futures wait for ever when a scheduler dies while a result is on its way."""

    def __init__(self, client: "distributed.Client", expected: Surroundings):
        self.client, self.expected = client, expected

    def submit(self, function: Callable, /, *arguments: object) -> Future:
        told = Future()
        try:
            asked = self.client.submit(call, self.expected, function, *arguments, pure=False)
        except Exception:  # the client has closed itself
            raise _lost() from None
        asked.add_done_callback(partial(_tell, told))
        return told


def _tell(told: Future, asked: "distributed.Future") -> None:
    """Pass on what became of a call."""
    try:
        if asked.status == "error":
            told.set_exception(_in_one_line(asked.exception()))
        else:
            told.set_result(asked.result())
    except BaseException:  # cancelled, or finished, but not to be had
        told.set_exception(_lost())


def _lost() -> BrokenExecutor:
    return BrokenExecutor("the Dask scheduler is gone")


def _in_one_line(failure: BaseException) -> BaseException:
    from distributed import KilledWorker

    if not isinstance(failure, KilledWorker):
        return failure
    return BrokenExecutor(f"{failure.allowed_failures + 1} Dask workers died of the same children (out of memory?)")


def call(expected: Surroundings, function: Callable, *arguments: object) -> object:
    """What a worker does: call the function, unless its surroundings are other than expected."""
    use_one_thread()
    try:
        _check(expected)
        return function(*arguments)
    except UserError as error:
        raise UserError(f"Dask worker on {platform.node()}: {error}") from None


def _check(expected: Surroundings) -> None:
    for name, wanted in expected.items():
        if (found := _versions().get(name) or _hash(name)) != wanted:
            advice = "give workers the same packages and folders, and start them anew"
            raise UserError(f"{name} is {found}, but {wanted} where the study runs; {advice}")


def surroundings(inputs: Sequence[Path]) -> Surroundings:
    """Those of this process."""
    return {**_versions(), **{str(path.absolute()): _hash(str(path.absolute())) for path in inputs}}


# Kept for the life of a process, as code and data are, once they are loaded.
@cache
def _versions() -> dict[str, str]:
    return versions() | {"code": code(), "distributed": version("distributed")}


@cache
def _hash(path: str) -> str:
    return file_sha256(Path(path))[:12] if Path(path).is_file() else "missing"
