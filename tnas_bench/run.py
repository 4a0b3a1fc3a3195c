"""Running a study: here the two arms of the house meet, the children of some tasks and a controller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tnas_bench import children, modules, plan, tasks
from tnas_bench.children.trainer import TextTrainer
from tnas_bench.config import ControllerSettings, Scale
from tnas_bench.controllers import Controller
from tnas_bench.controllers.registry import make
from tnas_bench.errors import UserError
from tnas_bench.journal import Trial
from tnas_bench.journal.sealed import read_card, read_sealed, read_trials
from tnas_bench.progress import progress
from tnas_bench.seeds import integer
from tnas_bench.spaces import Configuration, Space
from tnas_bench.spaces.tnaml import text_space
from tnas_bench.study import Study, replay, run
from tnas_bench.tasks.prepare import prepare_csv
from tnas_bench.workers import workers


@dataclass(frozen=True)
class Job:
    """A study and all that it is run with."""

    scale: Scale  # modules, training steps, round size and settings of the controller
    name: str
    controller: str
    tasks: Mapping[str, Path]  # folders of prepared tasks
    seed: int
    trials: int
    folder: Path  # where its results go
    pretrained: Path | None = None  # folder of a sealed study, whose controller is transferred


def planned(study: plan.StudyPlan) -> Job:
    """A study of a scale."""
    return Job(
        scale=study.scale,
        name=study.name,
        controller=study.controller,
        tasks={task: plan.task_folder(study.scale, task) for task in study.tasks},
        seed=study.seed,
        trials=study.trials,
        folder=study.folder,
        pretrained=study.pretraining.folder if study.pretraining else None,
    )


def own(
    scale: Scale, csv: Path, text: str, label: str, controller: str, pretrained: Path | None, trials: int, seed: int
) -> Job:
    """A study on a reader's own table, which is prepared here, with everything else as at a scale."""
    if (controller == "tnaml") != (pretrained is not None):
        raise UserError("--controller tnaml goes with --pretrained FOLDER, and no other controller does")
    place = Path("results/own") / csv.stem / scale.name
    prepared = place / "task" / csv.stem
    prepare_csv(csv, text, label, prepared)
    name, folder = f"own/{controller}/{csv.stem}", place / controller / f"seed{seed}"
    return Job(scale, name, controller, {csv.stem: prepared}, seed, trials, folder, pretrained)


def run_job(job: Job, count: int) -> None:
    """Run or continue a study with ``count`` workers, to its sealed end."""
    space = search_space(job)
    folders = {module: plan.module_folder(job.scale, module) for module in job.scale.modules}
    cards = {
        "tasks": {task: tasks.card(folder) for task, folder in job.tasks.items()},
        "modules": {module: modules.card(folder).model_dump() for module, folder in folders.items()},
    }
    settings = {
        "children": children.VERSION,
        "controller": {"name": job.controller, **job.scale.controller.model_dump()},
        "space": {decision.name: list(decision.choices) for decision in space.decisions},
        **{kind: {name: card["sha256"] for name, card in of_kind.items()} for kind, of_kind in cards.items()},
        "pretrained": read_card(job.pretrained)["hash"] if job.pretrained else None,
    }
    study = Study(job.name, tuple(job.tasks), job.seed, job.trials, job.scale.round_size, settings)
    trainer = TextTrainer(job.tasks, folders)
    trainer.prepare()
    with workers(count) as executor, progress(f"{job.name}/seed{job.seed}", job.trials, "trials") as tell:

        def observe(trials: Sequence[Trial]) -> None:
            tell(len(trials), max((trial.validation for trial in trials), default=None))

        controller = start(study, space, job.pretrained)
        run(study, controller, space, trainer, job.folder, executor, observe, {"workers": count, "inputs": cards})


def search_space(job: Job) -> Space:
    """What the job's controller searches."""
    return text_space(job.scale.modules, job.scale.training_steps)


def best(job: Job, count: int) -> list[tuple[float, float, Configuration]]:
    """Validation and test accuracy and configuration of the sealed job's best children by validation accuracy."""
    trials = read_trials(job.folder).nlargest(count, "validation")
    return [(row.validation, row.test, search_space(job).decode(row.actions)) for row in trials.itertuples()]


def start(study: Study, space: Space, pretrained: Path | None) -> Controller:
    """The controller that a study starts with: a fresh one, or one that a sealed pretraining study taught."""
    seed = integer(study.name, study.seed, "controller")
    if pretrained is None:
        settings = dict(study.settings["controller"])
        return make(settings.pop("name"), space, seed, ControllerSettings(**settings))
    teacher = sealed_study(pretrained)
    for key in ("space", "controller"):
        if teacher.header["settings"][key] != study.header["settings"][key]:
            raise UserError(f"{pretrained}: had another {key}; give a study of the same scale and controller")
    controller = start(teacher, space, None)
    if not hasattr(controller, "transfer"):
        raise UserError(f"{pretrained}: its controller learns nothing that could be transferred; give one that does")
    replay(teacher, controller, pretrained)
    controller.transfer(seed)
    return controller


def sealed_study(folder: Path) -> Study:
    """The study that was sealed in a folder."""
    header, trials = read_sealed(folder)
    return Study(tasks=tuple(header.pop("tasks")), trials=len(trials), **header)
