"""The page that ``tnas-bench price`` prints."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from tnas_bench import plan
from tnas_bench.config import Scale
from tnas_bench.modules.image.registry import row as image_module_row
from tnas_bench.price import Job, Rates, disk, forecast
from tnas_bench.price.images import STAND_IN, made_here
from tnas_bench.price.missing import Missing, modules
from tnas_bench.price.studies import LONGEST

GIGA = 1e9


@dataclass(frozen=True)
class Page:
    """What is known of the price of a scale; ``machine`` is where the rates were measured."""

    scale: Scale
    jobs: Sequence[Job]
    rates: Rates
    machine: dict
    absent: Sequence[Missing]
    cores: int

    def show(self, console: Console) -> None:
        """Print work, time, missing inputs, disk and assumptions."""
        console.print(self._work())
        console.print(f"\n{self._time()}\n")
        console.print(self._missing() if self.absent else "Missing inputs: none")
        console.print(f"\n{self._disk()}\n")
        for assumption in self._assumptions():
            console.print(f"- {assumption}", soft_wrap=True, highlight=False)

    def _work(self) -> Table:
        lines = forecast.lines(self.jobs, self.rates)
        device, other = ("GPU", []) if self.machine["gpu"] else ("core", ["or GPU-hours"])
        table = _table("work", "jobs", "done", "left", f"{device}-hours each", f"{device}-hours left", *other)
        for line in lines:
            counts = (f"{count:,}" for count in (line.jobs, line.done, line.jobs - line.done))
            table.add_row(line.work, *counts, number(line.each), number(line.left), *self._on_gpu([line], other))
        together = number(sum(line.left for line in lines))
        jobs, done = sum(line.jobs for line in lines), sum(line.done for line in lines)
        table.add_section()
        table.add_row(
            "together", f"{jobs:,}", f"{done:,}", f"{jobs - done:,}", "", together, *self._on_gpu(lines, other)
        )
        return table

    def _on_gpu(self, lines: Sequence[forecast.Line], columns: Sequence[str]) -> list[str]:
        hours = sum(line.left for line in lines if line.on_gpu) / self.scale.price.gpu
        return [number(hours) if any(line.on_gpu for line in lines) else ""] * len(columns)

    def _time(self) -> str:
        wall = told(forecast.wall_time(self.jobs, self.rates, self.cores))
        chain = told(forecast.longest_chain(self.jobs, self.rates))
        return f"With --cores {self.cores}: {wall} at least. The longest chain of jobs takes {chain} on any number."

    def _missing(self) -> Table:
        where = "from where (in brackets: not there; *: over the network)"
        table = _table(f"missing inputs ({len(self.absent)})", "", where)
        table.columns[1].justify = table.columns[2].justify = "left"
        for each in self.absent:
            table.add_row(each.name, each.kind, each.where)
        return table

    def _disk(self) -> str:
        lines = disk.lines(self.scale, self.jobs, self.rates)
        parts = [f"{line.what} {_giga(line.there)} (and {_giga(line.to_come)} to come)" for line in lines]
        to_come, free = sum(line.to_come for line in lines), disk.free()
        warning = "" if to_come < free else "; THIS IS NOT ENOUGH"
        return f"Disk, in GB: {', '.join(parts)}. Free: {_giga(free)}{warning}."

    def _assumptions(self) -> Iterator[str]:
        yield f"Measured on {self.machine['host']} ({self.machine['cpu']}): a few units of each kind of work."
        yield (
            f"Children cost what random ones do; of controllers that learn several tasks, {LONGEST:.0%} are of the "
            "longest. Cells are random ones; those that are found have the operations of those found at scale lab."
        )
        if any(each.kind == "task" for each in self.absent):
            yield "Of tasks that are not prepared: made-up texts, in the published number, classes and length."
        if any(each.kind == "module" for each in self.absent):
            yield "Of text modules that are not prepared: untrained tables of the same dimension."
        of_images = filter(plan.is_image_module, modules(self.scale))
        if others := [module for module in of_images if not made_here(module)]:
            networks = ", ".join(image_module_row(module).network for module in others)
            yield f"{networks} cannot be made here: {STAND_IN}, times what theirs multiplies for an image."
        if not self.machine["gpu"]:
            yield f"A GPU was not measured: it is taken to be {self.scale.price.gpu:g} times as fast as a core."
        yield "Not counted: preparing tasks and modules (minutes each), and waiting in queues."


def _table(first: str, *others: str) -> Table:
    table = Table(first, box=None, pad_edge=False)
    for name in others:
        table.add_column(name, justify="right", overflow="fold")
    return table


def number(hours: float) -> str:
    """Three digits that count."""
    return f"{hours:,.0f}" if hours >= 100 else f"{hours:.3g}"


def told(hours: float) -> str:
    """A time in a unit that suits it."""
    units = {"years": 8766.0, "days": 24.0, "hours": 1.0, "minutes": 1 / 60}
    fitting = next((name for name, size in units.items() if hours >= 2 * size), "seconds")
    return f"{number(hours / units.get(fitting, 1 / 3600))} {fitting}"


def _giga(size: float) -> str:
    return f"{size / GIGA:,.2f}"
