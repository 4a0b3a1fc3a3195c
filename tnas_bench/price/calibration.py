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
from tnas_bench.spaces import Space


@dataclass(frozen=True)
class Calibration:
    """All measurements of a scale; stand-ins for what is not prepared are made below ``scratch`` when they are met."""

    scale: Scale
    scratch: Path

    def measurements(self, jobs: Iterable[Job]) -> list[Measurement]:
        """One for each thing that the bills of the jobs name, in that order."""
        named = dict.fromkeys(of for job in jobs for of, _ in job.units)
        return [self._measurement(of) for of in named]

    def _measurement(self, of: str) -> Measurement:
        kind, _, name = of.partition("/")
        measure = getattr(self, f"_{kind.replace(' ', '_')}")
        inputs, work = measure(name) if name else measure()
        return Measurement(of, inputs, work)

    def _process(self) -> tuple[object, Callable[[], Seconds]]:
        return [], start

    def _texts(self, task: str) -> tuple[object, Callable[[], Seconds]]:
        return self._children(task, self._space, lambda trainer: texts.proposals(self._space))

    def _grid(self, task: str) -> tuple[object, Callable[[], Seconds]]:
        space = plan.table_space(self.scale)
        return self._children(task, space, partial(texts.grid, space))

    def _children(self, task: str, space: Space, groups: Callable) -> tuple[object, Callable[[], Seconds]]:
        offered = next(decision.choices for decision in space.decisions if decision.name == "module")
        prepared = [plan.module_folder(self.scale, module).is_dir() for module in offered]
        of = size(self.scale, task)

        def measure() -> Seconds:
            folder, rows = self._task(task, of)
            modules = {module: self._module(module) for module in offered}
            return texts.rates(texts.time(folder, modules, groups(TextTrainer({}, modules))), rows)

        return [asdict(of), _choices(space), prepared], measure

    def _task(self, task: str, of: Size) -> tuple[Path, Size]:
        """The folder of a prepared task, or of a stand-in."""
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

    def _images(self, module: str) -> tuple[object, Callable[[], Seconds]]:
        space = plan.search_space(self.scale, True, {})
        return [_choices(space), images.made_here(module)], partial(images.rates, module, space)

    def _controllers(self, name: str) -> tuple[object, Callable[[], Seconds]]:
        settings, rounds = self.scale.controller, self.scale.round_size
        measure = partial(controllers.rates, name, self._space, settings, rounds)
        return [_choices(self._space), settings.model_dump(mode="json"), rounds], measure

    def _networks(self, name: str) -> tuple[object, Callable[[], Seconds]]:
        recipe = self.scale.ldnas.networks
        return recipe.model_dump(mode="json"), partial(networks.of_network, name, recipe)

    def _found_cells(self) -> tuple[object, Callable[[], Seconds]]:
        return self._ldnas["final"], partial(networks.of_found_cells, self.scale.ldnas)

    def _cells(self) -> tuple[object, Callable[[], Seconds]]:
        return self._ldnas["search"], partial(networks.of_cells, self.scale.ldnas.search)

    def _darts_first(self) -> tuple[object, Callable[[], Seconds]]:
        return self._ldnas["search"], partial(networks.of_darts, self.scale.ldnas.search, second_order=False)

    def _darts_second(self) -> tuple[object, Callable[[], Seconds]]:
        return self._ldnas["search"], partial(networks.of_darts, self.scale.ldnas.search, second_order=True)

    def _distances(self) -> tuple[object, Callable[[], Seconds]]:
        return self._ldnas["fisher"], partial(networks.of_distances, self.scale.ldnas.fisher)

    @property
    def _space(self) -> Space:
        """That of texts."""
        return plan.search_space(self.scale, False, {})

    @cached_property
    def _ldnas(self) -> dict:
        return self.scale.ldnas.model_dump(mode="json")


def start() -> Seconds:
    """Seconds of the ``start`` of a process that runs a study: of what it imports."""
    before = getrusage(RUSAGE_CHILDREN)
    run([sys.executable, "-c", "import tnas_bench.run"], check=True)
    after = getrusage(RUSAGE_CHILDREN)
    return {PROCESS[1]: after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def _choices(space: Space) -> list:
    return [[decision.name, decision.choices] for decision in space.decisions]
