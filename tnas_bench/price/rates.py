"""Rates: seconds a unit of work, measured on this machine, and kept as long as nothing that they depend on changes."""

import json
import platform
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tnas_bench import children, plan_ldnas
from tnas_bench.device import clock
from tnas_bench.journal.durable import on_disk, write_atomic
from tnas_bench.price import Rates
from tnas_bench.runcard import describe_run

Seconds = dict[str, float]  # by unit


@dataclass(frozen=True)
class Measurement:
    """Something to measure. ``inputs``: what it depends on besides machine and code, as JSON values."""

    of: str
    inputs: object
    measure: Callable[[], Seconds]


def machine() -> dict:
    """What all rates depend on: machine, libraries and code."""
    run = describe_run()
    versions = {**run["versions"], "children": children.VERSION, "ldnas": plan_ldnas.VERSION}
    known = {key: run[key] for key in ("cpu", "gpu", "commit")}
    return {"host": platform.node(), **known, "versions": versions}


def measured(
    measurements: Sequence[Measurement], file: Path, observe: Callable[[int], None], again: bool = False
) -> Rates:
    """The rates of all measurements: from the file what still holds, else measured, and noted there one by one."""
    here = machine()
    known = {} if again else _known(file, here)
    for each in measurements:
        inputs = json.loads(json.dumps(each.inputs))
        if known.get(each.of, {}).get("inputs") != inputs:
            known[each.of] = {"inputs": inputs, "seconds": each.measure()}
            _write(file, {"machine": here, "rates": known})
        observe(1)
    return {each.of: known[each.of]["seconds"] for each in measurements}


def _known(file: Path, here: dict) -> dict:
    """The rates in a file, if they were measured with this machine and code."""
    with suppress(OSError, ValueError, AttributeError):
        content = json.loads(file.read_bytes())
        if content.get("machine") == json.loads(json.dumps(here)):
            return dict(content["rates"])
    return {}


def _write(file: Path, content: dict) -> None:
    with on_disk(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(file, json.dumps(content, indent=2).encode() + b"\n")


def seconds(work: Callable[[], object]) -> float:
    """What some work takes, by the clock that studies and runs are timed with."""
    began = clock()
    work()
    return clock() - began
