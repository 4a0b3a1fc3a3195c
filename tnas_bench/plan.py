"""Plan: which studies an exhibit needs, and what each of them needs. Read by the workflow and by the command line."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from tnas_bench.config import CONFIG, Scale, Settings, first_mistake, read_yaml
from tnas_bench.errors import UserError
from tnas_bench.modules.image.registry import row as image_module_row
from tnas_bench.modules.image.registry import rows as image_modules
from tnas_bench.modules.registry import row as module_row
from tnas_bench.tasks.registry import task_row

MULTITASK = "multitask"


class Variant(Settings):
    controller: str = Field(description="name of a controller")
    pretrained: str | None = Field(None, description="experiment/variant whose controller it starts from, same seed")


class Experiment(Settings):
    tasks: Literal["pretraining", "transfer"] = Field(description="which of the scale's lists of tasks")
    together: bool = Field(False, description="one study on all tasks at once")
    variants: dict[str, Variant]


class LdnasExhibit(Settings):
    runs: tuple[str, ...] = Field(description="kinds of runs, or groups of searches, that it reads")
    targets: tuple[str, ...] = Field((), description="what it is about, and needs one of at a scale; none: all tasks")


class LdnasPlan(Settings):
    networks: tuple[str, ...] = Field(description="hand-designed networks of the tables")
    searches: dict[str, tuple[str, ...]] = Field(description="groups of searches, <method>-<space>-<protocol>")
    exhibits: dict[str, LdnasExhibit]


class Experiments(Settings):
    experiments: dict[str, Experiment]
    exhibits: dict[str, tuple[str, ...]]
    ldnas: LdnasPlan


@cache
def experiments() -> Experiments:
    """``workflow/config/experiments.yaml``."""
    path = CONFIG / "experiments.yaml"
    try:
        return Experiments(**read_yaml(path))
    except ValidationError as error:
        raise UserError(f"{path}: {first_mistake(error)}; mend that key") from None


@dataclass(frozen=True)
class Place:
    """Where something that is computed at a scale lies, below the scale's results."""

    scale: Scale
    experiment: str
    variant: str
    task: str
    seed: int

    @property
    def name(self) -> str:
        """Names the random streams: the same at every scale."""
        return f"{self.experiment}/{self.variant}/{self.task}"

    @property
    def path(self) -> str:
        """The folder below the scale's results."""
        return f"{self.name}/seed{self.seed}"

    @property
    def folder(self) -> Path:
        return results(self.scale) / self.path


@dataclass(frozen=True)
class StudyPlan(Place):
    """One study of a scale, and what it is made of. Its task is one task's name, or "multitask"."""

    @property
    def controller(self) -> str:
        return experiments().experiments[self.experiment].variants[self.variant].controller

    @property
    def tasks(self) -> tuple[str, ...]:
        return tasks_of(self.scale, self.experiment) if self.task == MULTITASK else (self.task,)

    @property
    def trials(self) -> int:
        budgets = self.scale.trials
        return budgets.pretraining if self.task == MULTITASK else budgets.trials(self.task)

    @property
    def pretraining(self) -> "StudyPlan | None":
        """The study whose controller this one starts from: the one of the same seed."""
        source = experiments().experiments[self.experiment].variants[self.variant].pretrained
        if source is None:
            return None
        experiment, variant = source.rsplit("/", 1)
        return StudyPlan(self.scale, experiment, variant, MULTITASK, self.seed)


def check(scale: Scale) -> None:
    """Raise UserError for a task or module that no table knows, or that lacks its tasks, before anything runs."""
    for task in scale.pretraining_tasks + scale.transfer_tasks + scale.ldnas.tasks:
        task_row(task)
    for module in scale.modules:
        module_tasks(scale, module)
    for module in scale.images.modules:
        image_module_row(module)


def results(scale: Scale) -> Path:
    return Path("results") / scale.name


def reports(scale: Scale) -> Path:
    return Path("reports") / scale.name


def task_folder(scale: Scale, task: str) -> Path:
    return Path("data/tasks") / ("full" if scale.data.whole else scale.name) / task


def module_folder(scale: Scale, module: str) -> Path:
    """Modules are shared between scales, but for those that are trained on a scale's tasks."""
    of_tasks = not is_image_module(module) and module_row(module).of_tasks
    return Path("data/modules") / (scale.name if of_tasks else "") / module


def is_image_module(module: str) -> bool:
    """Whether it is a module of images; of texts otherwise, or unknown."""
    return module in image_modules()


def module_tasks(scale: Scale, module: str) -> tuple[str, ...]:
    """The tasks that a module is trained on: the scale's texts of its language, or none if it is not of tasks."""
    row = module_row(module)
    if not row.of_tasks:
        return ()
    listed = scale.pretraining_tasks + scale.transfer_tasks
    tasks = tuple(task for task in listed if task_row(task).language == row.language)
    if not tasks:
        trained = f"that module {module} could be trained on; list one, or leave the module out"
        raise UserError(f"scale {scale.name} has no task of language {row.language!r} {trained}")
    return tasks


def tasks_of(scale: Scale, experiment: str) -> tuple[str, ...]:
    """The tasks of an experiment at a scale."""
    which = experiments().experiments[experiment].tasks
    return scale.pretraining_tasks if which == "pretraining" else scale.transfer_tasks


def exhibit_studies(scale: Scale, exhibit: str) -> list[StudyPlan]:
    """The studies that an exhibit reads."""
    if exhibit not in experiments().exhibits:
        raise UserError(f"unknown exhibit {exhibit!r}: take one of {', '.join(experiments().exhibits)}")
    return [
        StudyPlan(scale, experiment, variant, task, seed)
        for experiment in experiments().exhibits[exhibit]
        for variant in experiments().experiments[experiment].variants
        for task in ((MULTITASK,) if experiments().experiments[experiment].together else tasks_of(scale, experiment))
        for seed in range(scale.seeds)
    ]


def all_studies(scale: Scale) -> list[StudyPlan]:
    """The studies of all exhibits, and the pretraining studies that these need."""
    direct = {study.path: study for exhibit in experiments().exhibits for study in exhibit_studies(scale, exhibit)}
    pretraining = {study.pretraining.path: study.pretraining for study in direct.values() if study.pretraining}
    return list((pretraining | direct).values())


def find_study(scale: Scale, path: str) -> StudyPlan:
    """The planned study that lies at ``<experiment>/<variant>/<task>/seed<k>`` below the scale's results."""
    for study in all_studies(scale):
        if study.path == path:
            return study
    example = all_studies(scale)[0].path
    raise UserError(f"scale {scale.name} plans no study {path!r}: give a path like {example}")
