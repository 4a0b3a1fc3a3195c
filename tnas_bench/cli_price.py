"""The verb ``tnas-bench price``: what a scale would take, and accepting that."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from tnas_bench.checks import checked_scale
from tnas_bench.cli_data import CACHE, WIDTH, Mirror, ScaleName, existing
from tnas_bench.config import Scale
from tnas_bench.progress import progress


def price(
    scale: ScaleName = "paper",
    mirror: Mirror = None,
    cores: Annotated[int | None, typer.Option(help="for the time that it takes; all, if not given", min=1)] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="note that it is accepted: then the workflow starts")
    ] = False,
    measure: Annotated[bool, typer.Option("--measure", help="measure again what was measured here before")] = False,
) -> None:
    """Tell what a scale would take: jobs, device-hours, missing inputs and disk, from what is measured in minutes."""
    from tnas_bench.device import use_one_thread
    from tnas_bench.price import accepted, forecast, missing
    from tnas_bench.price.page import Page
    from tnas_bench.price.rates import machine

    settings, mirror = checked_scale(scale), existing(mirror)
    use_one_thread()
    jobs, here = forecast.jobs(settings), machine()
    rates = _measured(settings, jobs, accepted.folder(settings) / "rates.json", measure)
    page = Page(settings, jobs, rates, here, missing.missing(settings, mirror, CACHE), cores or _cores())
    page.show(Console(width=None if sys.stdout.isatty() else WIDTH))
    if accept:
        print(f"Accepted: {accepted.accept(settings, rates, here)}")


def _measured(settings: Scale, jobs: list, file: Path, again: bool) -> dict:
    from tnas_bench.price.calibration import Calibration
    from tnas_bench.price.rates import measured

    with TemporaryDirectory(prefix="tnas-bench-price-") as scratch:
        measurements = Calibration(settings, Path(scratch)).measurements(jobs)
        with progress(f"price of {settings.name}", len(measurements), "measurements") as observe:
            return measured(measurements, file, observe, again)


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
