"""Plan: which studies an exhibit needs, and what each of them needs. Read by the workflow and by the command line."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tnas_bench.config import ImageSettings, MnmsSettings, Scale, TableSettings, Variant, experiments
from tnas_bench.errors import UserError
from tnas_bench.modules.image.registry import rows as image_modules
from tnas_bench.modules.registry import row as module_row
from tnas_bench.spaces import Space, restrict
from tnas_bench.spaces.tnaml import image_space, text_space
from tnas_bench.tasks.registry import task_row

MULTITASK = "multitask"
TABLE = "table_searches"  # the exhibit of the tabular benchmark


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
    def made_of(self) -> Variant:
        return experiments().experiments[self.experiment].variants[self.variant]

    @property
    def of_table(self) -> bool:
        """Whether it is of the tabular benchmark."""
        return experiments().experiments[self.experiment].of == "table"

    @property
    def tasks(self) -> tuple[str, ...]:
        return tasks_of(self.scale, self.experiment) if self.task == MULTITASK else (self.task,)

    @property
    def of_images(self) -> bool:
        """Whether its children train on images; on texts otherwise."""
        return task_row(self.tasks[0]).kind == "image"

    @property
    def trials(self) -> int:
        """The budget. A study on one pretraining task has its share of what all of them have together."""
        if self.made_of.budget == "space":
            return table_space(self.scale).size
        phases = phases_of(self.scale, self.experiment)
        match self.made_of.budget, experiments().experiments[self.experiment].phase:
            case "fixed", _:
                return phases.trials.fixed_trials(self.task)
            case "retrainings", _:
                return phases.trials.retrainings
            case _, "transfer":
                return phases.trials.trials(self.task)
        return math.ceil(phases.trials.pretraining * len(self.tasks) / len(phases.pretraining_tasks))

    @property
    def round_size(self) -> int:
        """A table is one round: the more children of one shape it has, the more train together."""
        return self.trials if self.of_table else self.scale.round_size

    @property
    def choices(self) -> dict[str, tuple]:
        """The choices that it keeps of each decision of the scale's space; of others, all."""
        return self.scale.table.choices if self.of_table else {}

    @property
    def pretraining(self) -> "StudyPlan | None":
        """The study that this one starts from: on several tasks, or on its own, and of the same seed."""
        if self.made_of.pretrained is None:
            return None
        experiment, variant = self.made_of.pretrained.rsplit("/", 1)
        together = experiments().experiments[experiment].variants[variant].together
        return StudyPlan(self.scale, experiment, variant, MULTITASK if together else self.task, self.seed)


def variants(experiment: str) -> Mapping[str, Variant]:
    """The variants of an experiment; none, if it is not known."""
    known = experiments().experiments
    return known[experiment].variants if experiment in known else {}


def beyond() -> list[str]:
    """The variants that are not in the papers."""
    known = (experiment.variants for experiment in experiments().experiments.values())
    return [name for variants in known for name, made_of in variants.items() if made_of.beyond]


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


def study_modules(study: StudyPlan) -> tuple[str, ...]:
    """The modules that a study's space offers: those of its kind of tasks."""
    return study.scale.images.modules if study.of_images else study.choices.get("module", study.scale.modules)


def search_space(scale: Scale, of_images: bool, choices: Mapping[str, tuple]) -> Space:
    """What is searched at a scale, on texts or on images; of texts, the part that keeps these ``choices``."""
    if of_images:
        return image_space(scale.images.modules, scale.images.fine_tune, scale.images.training_steps)
    return restrict(text_space(scale.modules, scale.training_steps), choices)


def study_space(study: StudyPlan) -> Space:
    """What a study searches."""
    return search_space(study.scale, study.of_images, study.choices)


def table_space(scale: Scale) -> Space:
    """The part of the text space that the tabular benchmark enumerates."""
    return search_space(scale, False, scale.table.choices)


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


def table_folder(scale: Scale) -> Path:
    """Where the table of a scale lies."""
    return results(scale) / "table"


def table_studies(scale: Scale) -> list[StudyPlan]:
    """The grid studies that the table of a scale is gathered from."""
    return exhibit_studies(scale, TABLE)


def phases_of(scale: Scale, experiment: str) -> Scale | ImageSettings | MnmsSettings | TableSettings:
    """What holds the tasks and the budgets of an experiment: of texts, the scale itself."""
    of = experiments().experiments[experiment].of
    return scale if of == "texts" else getattr(scale, of)


def tasks_of(scale: Scale, experiment: str) -> tuple[str, ...]:
    """The tasks of an experiment at a scale."""
    phase = experiments().experiments[experiment].phase
    return getattr(phases_of(scale, experiment), f"{phase}_tasks" if phase else "tasks")


def exhibit_names(scale: Scale) -> list[str]:
    """The exhibits of studies that a scale makes."""
    return [name for name in experiments().exhibits if scale.makes(name)]


def exhibit_studies(scale: Scale, exhibit: str) -> list[StudyPlan]:
    """The studies that an exhibit reads."""
    if exhibit not in experiments().exhibits:
        raise UserError(f"unknown exhibit {exhibit!r}: take one of {', '.join(experiments().exhibits)}")
    shown = experiments().exhibits[exhibit]
    return [
        StudyPlan(scale, *name.rsplit("/", 1), task, seed)
        for name in shown.studies
        for task in _studied(scale, *name.rsplit("/", 1), shown.tasks)
        for seed in range(_seeds(scale, name.rsplit("/", 1)[0], task))
    ]


def _seeds(scale: Scale, experiment: str, task: str) -> int:
    """How often a study of an experiment is repeated."""
    phases = phases_of(scale, experiment)
    everywhere = getattr(phases, "seeds", scale.seeds)
    return scale.seeds_by_task.get(task, everywhere) if phases is scale else everywhere


def _studied(scale: Scale, experiment: str, variant: str, listed: str | None) -> tuple[str, ...]:
    """The tasks on which a variant is studied for an exhibit; none, if it is not the paper's and the scale lacks it."""
    made_of = experiments().experiments[experiment].variants[variant]
    if made_of.beyond and variant not in scale.beyond:
        return ()
    if made_of.together:
        return (MULTITASK,)
    return getattr(scale, listed) if listed else tasks_of(scale, experiment)


def all_studies(scale: Scale) -> list[StudyPlan]:
    """The studies of all exhibits of a scale, each after the one that it starts from."""
    studies: dict[str, StudyPlan] = {}

    def add(study: StudyPlan) -> None:
        if study.pretraining:
            add(study.pretraining)
        studies.setdefault(study.path, study)

    for exhibit in exhibit_names(scale):
        for study in exhibit_studies(scale, exhibit):
            add(study)
    return list(studies.values())


def find_study(scale: Scale, path: str) -> StudyPlan:
    """The planned study that lies at ``<experiment>/<variant>/<task>/seed<k>`` below the scale's results."""
    planned = {study.path: study for study in all_studies(scale)}
    if path in planned:
        return planned[path]
    example = f"give a path like {next(iter(planned))}" if planned else "it plans none at all"
    raise UserError(f"scale {scale.name} plans no study {path!r}: {example}")
