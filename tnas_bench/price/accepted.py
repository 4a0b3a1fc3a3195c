"""Accepted: a scale that wants it starts only when somebody has seen its price, and said yes.

What is kept is the price and the rates that it was told by: whether the plan has grown since does not depend on how
fast the machine is today.
"""

import json
from datetime import datetime
from pathlib import Path

from tnas_bench import plan
from tnas_bench.config import Scale
from tnas_bench.errors import UserError
from tnas_bench.journal.durable import on_disk, write_atomic
from tnas_bench.price import Rates
from tnas_bench.price.forecast import hours, jobs

GROWN = 1.1  # times what was accepted; sizes of tasks are estimates until these are prepared


def folder(scale: Scale) -> Path:
    """Where rates and acceptance of a scale are kept."""
    return plan.results(scale) / "price"


def accept(scale: Scale, rates: Rates, machine: dict) -> Path:
    """Note that the price of a scale was accepted."""
    path = folder(scale) / "accepted.json"
    note = {"accepted": datetime.now().astimezone().isoformat(), "hours": hours(jobs(scale), rates)}
    with on_disk(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, json.dumps({**note, "machine": machine, "rates": rates}, indent=2).encode() + b"\n")
    return path


def check(scale: Scale, given: str) -> None:
    """Raise UserError if a scale whose price must be accepted has none that was, or has grown since.

    ``given``: how the user names the scale.
    """
    if not scale.price.accept:
        return
    path = folder(scale) / "accepted.json"
    advice = f"run `tnas-bench price --scale {given}`, and again with --accept to go on"
    if not path.exists():
        raise UserError(f"the price of scale {scale.name} was not accepted yet: {advice}")
    try:
        note = json.loads(path.read_bytes())
        accepted, now = note["hours"], hours(jobs(scale), note["rates"])
    except KeyError as work:
        raise UserError(f"scale {scale.name} has work that was not in what was accepted ({work}): {advice}") from None
    except ValueError:
        raise UserError(f"{path}: damaged; {advice}") from None
    if now > GROWN * accepted:
        told = f"accepted at {accepted:,.1f} device-hours, and has grown to {now:,.1f}"
        raise UserError(f"scale {scale.name} was {told}: {advice}")
