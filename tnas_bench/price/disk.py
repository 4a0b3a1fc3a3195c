"""Disk: what a scale keeps, of which a part is there. Bytes."""

import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tnas_bench import plan
from tnas_bench.config import Scale
from tnas_bench.modules.image.registry import row as image_module_row
from tnas_bench.modules.registry import row as module_row
from tnas_bench.price import Job, Rates, missing
from tnas_bench.price.sizes import size
from tnas_bench.price.studies import FEATURES_OF
from tnas_bench.tasks.registry import task_row

FLOAT, PIXELS = 4, 3 * 32 * 32
COMPRESSED = 0.5  # of the characters of a prepared text
WORDS = {"hub": 1_000_000, "glove": 400_000, "ppmi": 50_000}  # rows of a table that is not prepared [choice]
IMAGE_WEIGHTS = 100e6  # of an image module's network
RUN = 20e3  # a sealed run, without products


class Line(NamedTuple):
    """Something that lies on the disk."""

    what: str
    there: float
    to_come: float


def lines(scale: Scale, jobs: Sequence[Job], rates: Rates) -> list[Line]:
    """Prepared data, results and the environment."""
    tasks, modules = missing.tasks(scale), missing.modules(scale)
    task_folders = {task: plan.task_folder(scale, task) for task in tasks}
    module_folders = {module: plan.module_folder(scale, module) for module in modules}
    return [
        Line("tasks", _there(task_folders.values()), sum(_task(scale, task) for task in _not(task_folders))),
        Line(
            "modules and features",
            _there(module_folders.values()),
            sum(_module(module) for module in _not(module_folders)) + sum(_features(scale, job) for job in jobs),
        ),
        Line("results", _there([plan.results(scale)]), sum(_left(job, rates) for job in jobs)),
        Line("environment", _there([Path(sys.prefix)]), 0.0),
    ]


def _not(folders: dict[str, Path]) -> list[str]:
    return [name for name, folder in folders.items() if not folder.is_dir()]


def _there(folders: Iterable[Path]) -> float:
    files = (file for folder in folders for file in folder.rglob("*"))
    return float(sum(file.stat().st_size for file in files if file.is_file() and not file.is_symlink()))


def _task(scale: Scale, task: str) -> float:
    of = size(scale, task)
    return of.rows * (COMPRESSED * of.characters if task_row(task).kind == "text" else PIXELS)


def _module(module: str) -> float:
    if plan.is_image_module(module):
        return IMAGE_WEIGHTS
    row = module_row(module)
    return FLOAT * row.dimension * ((row.buckets or 0) + WORDS.get(row.builder, 0))


def _features(scale: Scale, job: Job) -> float:
    """Of images; those of one task."""
    if job.work != FEATURES_OF:
        return 0.0
    dimensions = sum(image_module_row(module).dimension for module in scale.images.modules)
    return (1 - job.finished) * FLOAT * dimensions * size(scale, job.path.rpartition("/")[2]).rows


def _left(job: Job, rates: Rates) -> float:
    """A trial's lines for each that is left, the weights of a network, and little else."""
    kept = {of: 1.0 for of, unit in job.units if of.startswith("networks/")}
    kept |= {of: units for (of, unit), units in job.units.items() if unit == "trial"}
    return (1 - job.finished) * (RUN + sum(units * rates[of]["bytes"] for of, units in kept.items()))


def free() -> float:
    """Bytes that are free where results go."""
    return float(shutil.disk_usage(".").free)
