"""Running a study: here the two arms of the house meet, the children of some tasks and a controller."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tnas_bench import children, modules, plan, tasks
from tnas_bench.children.trainer import GroupTrainer, ImageTrainer, TextTrainer
from tnas_bench.config import ControllerSettings, Scale
from tnas_bench.controllers import Controller
from tnas_bench.controllers.best_first import BestFirst
from tnas_bench.controllers.registry import ANY, CONTROLLERS, make, row, settings_of
from tnas_bench.device import memory
from tnas_bench.errors import UserError
from tnas_bench.executors import described, executor
from tnas_bench.hashes import file_sha256
from tnas_bench.journal import Trial, check_proposals
from tnas_bench.journal.sealed import read_card, read_sealed, read_trials
from tnas_bench.modules import image
from tnas_bench.progress import progress
from tnas_bench.seeds import integer
from tnas_bench.spaces import Configuration, Space
from tnas_bench.study import Check, Study, replay, run
from tnas_bench.tasks.prepare import prepare_csv

Teach = Callable[[Study, Space, Path], Controller]
OWN = Path("results/own")  # of studies that no scale plans


@dataclass(frozen=True)
class Job:
    """A study and all that it is run with."""

    scale: Scale  # modules, training steps, round size and settings of the controller
    name: str
    controller: str
    tasks: Mapping[str, Path]  # folders of prepared tasks
    seed: int
    trials: int
    round_size: int
    folder: Path  # where its results go
    pretrained: Path | None = None  # folder of a sealed study, whose controller is transferred
    choices: Mapping[str, tuple] = field(default_factory=dict)  # that are kept of the space's decisions; of others, all
    of_images: bool = False  # whether its children train on images; on texts otherwise

    @cached_property
    def cards(self) -> dict[str, dict]:
        """The cards of its tasks, which must be of one kind."""
        cards = {task: tasks.card(folder) for task, folder in self.tasks.items()}
        if {card["kind"] for card in cards.values()} != {"image" if self.of_images else "text"}:
            raise UserError(f"study {self.name}: has tasks of texts and of images; give tasks of one kind")
        return cards

    @property
    def settings(self) -> ControllerSettings:
        """Those of its controller."""
        return self.scale.controller_at(self.scale.images.learning_rate if self.of_images else None)

    @property
    def modules(self) -> dict[str, Path]:
        """The folders of the modules that its space offers."""
        offered = next(decision.choices for decision in self.space.decisions if decision.name == "module")
        return {module: plan.module_folder(self.scale, module) for module in offered}

    @property
    def space(self) -> Space:
        """What its controller searches."""
        return plan.search_space(self.scale, self.of_images, self.choices)


def planned(study: plan.StudyPlan) -> Job:
    """A study of a scale."""
    return Job(
        scale=study.scale,
        name=study.name,
        controller=study.made_of.controller,
        tasks={task: plan.task_folder(study.scale, task) for task in study.tasks},
        seed=study.seed,
        trials=study.trials,
        round_size=study.round_size,
        folder=study.folder,
        pretrained=study.pretraining.folder if study.pretraining else None,
        choices=study.choices,
        of_images=study.of_images,
    )


def own(
    scale: Scale, prepared: Path, place: Path, controller: str, pretrained: Path | None, trials: int, seed: int
) -> Job:
    """A study that no scale plans, on a prepared task, with everything else as at a scale; results: in ``place``."""
    task, folder = prepared.name, place / scale.name / controller / f"seed{seed}"
    name, of_images = f"own/{controller}/{task}", tasks.card(prepared)["kind"] == "image"
    sizes = seed, trials, scale.round_size
    return Job(scale, name, controller, {task: prepared}, *sizes, folder, pretrained, of_images=of_images)


def own_task(scale: Scale, task: str) -> tuple[Path, Path]:
    """The folder of a prepared task, and a place for results."""
    return plan.task_folder(scale, task), OWN / task


def own_csv(csv: Path, text: str, label: str) -> tuple[Path, Path]:
    """Prepares a reader's own table. Its folder, and a place for results that other data of its name do not share."""
    place = OWN / f"{csv.stem}-{_content(csv, text, label)}"
    prepared = place / "task" / csv.stem
    card = prepare_csv(csv, text, label, prepared)
    rows = card["rows"]
    print(f"{csv}: {rows['total']:,} rows, {rows['dropped']:,} without text or class; {len(card['classes'])} classes")
    return prepared, place


def _content(csv: Path, text: str, label: str) -> str:
    """Names a table and the columns that are read of it."""
    if not csv.is_file():
        raise UserError(f"{csv}: no such file; give an existing CSV file")
    return hashlib.sha256(f"{file_sha256(csv)} {text} {label}".encode()).hexdigest()[:8]


def run_job(job: Job, spec: str = "processes:1") -> None:
    """Run or continue a study to its sealed end, on the executor that ``spec`` describes."""
    card = image.card if job.of_images else modules.card
    cards = {
        "tasks": job.cards,
        "modules": {module: card(folder).model_dump() for module, folder in job.modules.items()},
    }
    space, study, trainer = job.space, study_of(job, cards), trainer_of(job)
    folders = _absolute(job.tasks), _absolute(job.modules)
    read = [folder / "card.json" for of_kind in folders for folder in of_kind.values()]
    with executor(spec, read) as pool, progress(f"{job.name}/seed{job.seed}", job.trials, "trials") as tell:
        with memory("give this study a GPU of its own"):
            trainer.prepare()

        def observe(trials: Sequence[Trial]) -> None:
            tell(len(trials), max((trial.validation for trial in trials), default=None))

        controller = start(study, space, job.pretrained)
        facts = {"executor": described(spec), "inputs": cards}
        run(study, controller, space, trainer, job.folder, pool, observe, facts)


def study_of(job: Job, cards: Mapping[str, Mapping[str, Mapping]]) -> Study:
    """The study that a job runs; ``cards``: of its ``tasks`` and ``modules``, by name."""
    settings = {
        "children": children.VERSION,
        "controller": {"name": job.controller, **settings_of(job.controller, job.settings)},
        "space": {decision.name: list(decision.choices) for decision in job.space.decisions},
        **{kind: {name: card["sha256"] for name, card in of_kind.items()} for kind, of_kind in cards.items()},
        "pretrained": read_card(job.pretrained)["hash"] if job.pretrained else None,
    }
    return Study(job.name, tuple(job.tasks), job.seed, job.trials, job.round_size, settings)


def trainer_of(job: Job) -> GroupTrainer:
    """The trainer of its children; its folders are absolute, for a worker may be in another one."""
    return (ImageTrainer if job.of_images else TextTrainer)(_absolute(job.tasks), _absolute(job.modules))


def _absolute(folders: Mapping[str, Path]) -> dict[str, Path]:
    return {name: folder.absolute() for name, folder in folders.items()}


def best(job: Job, count: int) -> list[tuple[float, float, Configuration]]:
    """Validation and test accuracy and configuration of the sealed job's best children by validation accuracy."""
    trials = read_trials(job.folder).nlargest(count, "validation")
    return [(row.validation, row.test, job.space.decode(row.actions)) for row in trials.itertuples()]


def start(study: Study, space: Space, pretrained: Path | None, teach: Teach | None = None) -> Controller:
    """The controller that a study starts with: a fresh one, or one that a sealed pretraining study taught.

    ``teach`` stands in for :func:`taught`, say to replay a teacher once for all that it taught.
    """
    seed = _controller_seed(study)
    if pretrained is None:
        return _fresh(study, space, seed)
    controller = (teach or taught)(study, space, pretrained)
    controller.transfer(seed)
    return controller


def taught(study: Study, space: Space, pretrained: Path, check: Check = check_proposals) -> Controller:
    """The study's controller as its sealed pretraining study leaves it; ``check``: of :func:`replay`."""
    teacher = sealed_study(pretrained)
    _check_teacher(study, teacher, pretrained)
    controller = _fresh(study, space, _controller_seed(teacher))
    if isinstance(controller, BestFirst):
        controller.recall((trial.task, trial.actions, trial.validation) for trial in read_sealed(pretrained)[1])
    else:
        replay(teacher, controller, pretrained, check)
    return controller


def _fresh(study: Study, space: Space, seed: int) -> Controller:
    settings = dict(study.settings["controller"])
    return make(settings.pop("name"), space, seed, ControllerSettings(**settings))


def _controller_seed(study: Study) -> int:
    return integer(study.name, study.seed, "controller")


def _check_teacher(study: Study, teacher: Study, pretrained: Path) -> None:
    """Raise UserError if what was learnt in one study can not start the other."""
    ours, theirs = study.header["settings"], teacher.header["settings"]
    if theirs["space"] != ours["space"]:
        raise UserError(f"{pretrained}: had another space; give a study of the same scale and controller")
    name = ours["controller"]["name"]
    wanted = row(name).teacher
    if wanted is None:
        taught = ", ".join(name for name, each in CONTROLLERS.items() if each.teacher)
        raise UserError(f"{pretrained}: controller {name} starts from scratch; leave this out, or take one of {taught}")
    if wanted != ANY and theirs["controller"] != ours["controller"] | {"name": wanted}:
        raise UserError(f"{pretrained}: had another controller; give a study of the same scale and controller {wanted}")


def sealed_study(folder: Path) -> Study:
    """The study that was sealed in a folder."""
    header, trials = read_sealed(folder)
    return Study(tasks=tuple(header.pop("tasks")), trials=len(trials), **header)
