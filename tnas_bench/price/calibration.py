"""Calibration: what is to be measured for the bills of a scale, and on what."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from subprocess import run

from tnas_bench import plan
from tnas_bench.children.trainer import TextTrainer
from tnas_bench.config import Scale
from tnas_bench.modules.registry import row as module_row
from tnas_bench.price import PROCESS, Job, controllers, images, networks, standins, texts
from tnas_bench.price.rates import Measurement, Seconds
from tnas_bench.price.sizes import Size, size
from tnas_bench.spaces import Space, choices

OfTexts = Callable[[Space, TextTrainer, Size], Seconds]


@dataclass(frozen=True)
class Calibration:
    """All measurements of a scale; stand-ins for what is not prepared are made below ``scratch`` when they are met."""

    scale: Scale
    scratch: Path

    def measurements(self, jobs: Iterable[Job]) -> list[Measurement]:
        """One for each thing that the bills of the jobs name, in that order."""
        named = dict.fromkeys(of for job in jobs for of, _ in job.units)
        return [Measurement(of, *self._measured(*of.partition("/")[::2])) for of in named]

    def _measured(self, kind: str, name: str) -> tuple[object, Callable[[], Seconds]]:
        """What a rate depends on, and how it is measured."""
        ldnas, of_texts = self.scale.ldnas, self._space
        match kind:
            case "process":
                return [], start
            case "texts":
                return self._children(name, of_texts, texts.of_proposals)
            case "grid":
                return self._children(name, plan.table_space(self.scale), texts.of_grid)
            case "images":
                space = plan.search_space(self.scale, True, {})
                return [choices(space), images.made_here(name)], partial(images.rates, name, space)
            case "controllers":
                settings, rounds = self.scale.controller, self.scale.round_size
                inputs = [choices(of_texts), settings.model_dump(mode="json"), rounds]
                return inputs, partial(controllers.rates, name, of_texts, settings, rounds)
            case "networks":
                return self._ldnas["networks"], partial(networks.of_network, name, ldnas.networks)
            case "distances":
                return self._ldnas["fisher"], partial(networks.of_distances, ldnas.fisher)
            case "cells":
                return self._ldnas["search"], partial(networks.of_cells, ldnas.search)
            case "darts_first" | "darts_second":
                return self._ldnas["search"], partial(networks.of_darts, ldnas.search, kind == "darts_second")
            case "found cells":
                return [self._ldnas[key] for key in ("final", "final_skeleton")], partial(
                    networks.of_found_cells, ldnas
                )
        raise ValueError(f"{kind}: nobody knows how to measure it")

    def _children(self, task: str, space: Space, rates: OfTexts) -> tuple[object, Callable[[], Seconds]]:
        of, offered = size(self.scale, task), dict(choices(space))["module"]

        def measure() -> Seconds:
            folder, rows = self._task(task, of)
            trainer = TextTrainer({task: folder}, {module: self._module(module) for module in offered})
            trainer.prepare()
            return rates(space, trainer, rows)

        prepared = [plan.module_folder(self.scale, module).is_dir() for module in offered]
        return [asdict(of), choices(space), prepared], measure

    def _task(self, task: str, of: Size) -> tuple[Path, Size]:
        """The folder of a prepared task, or of a stand-in, and its size."""
        if of.sha256:
            return plan.task_folder(self.scale, task), of
        folder = self.scratch / "tasks" / task
        return folder, standins.task(folder, of)

    def _module(self, module: str) -> Path:
        """The folder of a prepared module, or of a stand-in."""
        prepared, folder = plan.module_folder(self.scale, module), self.scratch / "modules" / module
        if prepared.is_dir():
            return prepared
        if not folder.is_dir():
            standins.module(folder, module_row(module).dimension)
        return folder

    @property
    def _space(self) -> Space:
        """That of texts."""
        return plan.search_space(self.scale, False, {})

    @cached_property
    def _ldnas(self) -> dict:
        """The settings, as JSON values."""
        return self.scale.ldnas.model_dump(mode="json")


def start() -> Seconds:
    """Seconds of the ``start`` of a process that runs a study: of what it imports."""
    before = getrusage(RUSAGE_CHILDREN)
    run([sys.executable, "-c", "import tnas_bench.run"], check=True)
    after = getrusage(RUSAGE_CHILDREN)
    return {PROCESS[1]: after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}
