"""The bills of studies: children of texts or of images, the controller that proposes them, and loading.

What a controller will propose is not known before. Its children are taken to cost what random ones do; where it learns
several tasks, or did before it was transferred, as if a part of them were of the longest. At scale lab such controllers
came to nearly twice the steps of random children, but of modules and sizes whose steps cost less.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import fmean

import numpy as np

from tnas_bench import plan
from tnas_bench.children.group import BATCH
from tnas_bench.config import Scale
from tnas_bench.controllers.registry import ANY, CONTROLLERS
from tnas_bench.modules.features import FEATURES
from tnas_bench.plan import StudyPlan
from tnas_bench.price import PROCESS, Job, finished
from tnas_bench.price.sizes import Size, size
from tnas_bench.spaces import Space, choices
from tnas_bench.tasks.registry import task_row

TEXTS, GRID, IMAGES = "text children", "tabular benchmark", "image children"
FEATURES_OF = "image features"
LONGEST = 0.2  # that part, by the processor seconds of such studies at scale lab [choice]
LOADED = 32  # pairs of task and module that a process keeps, as the trainer has it
MEASURED_AS = {"best_first": "random_search", "grid": "random_search", "final_child": "agnostic"}  # they do no more


@dataclass(frozen=True)
class Children:
    """How many children are trained, and for how many steps in all."""

    tuned: float
    tuned_steps: float
    frozen: float
    frozen_steps: float


def expected(space: Space, children: float, longest: float) -> Children:
    """So many children of which a part are of the ``longest``, and the space's share is fine-tuned."""
    known = dict(choices(space))
    steps = (1 - longest) * fmean(known["training_steps"]) + longest * max(known["training_steps"])
    tuned = children * fmean(known["fine_tune"])
    return Children(tuned, tuned * steps, children - tuned, (children - tuned) * steps)


def jobs(scale: Scale) -> list[Job]:
    """All studies of a scale, after the features of images that the first of them computes for all."""
    studies = plan.all_studies(scale)
    of_images = dict.fromkeys(task for study in studies if _of_images(study) for task in study.tasks)
    return [*(_features(scale, task) for task in of_images), *map(job, studies)]


def job(study: StudyPlan) -> Job:
    """A study and its bill."""
    of_images = _of_images(study)
    units = Counter({PROCESS: 1}) + _controller(study) + (_images(study) if of_images else _texts(study))
    work = GRID if study.of_table else IMAGES if of_images else TEXTS
    needs = [study.pretraining.path] if study.pretraining else []
    needs += [f"features/{task}" for task in study.tasks if of_images]
    return Job(study.path, work, units, needs, finished(study.folder, study.trials))


def _of_images(study: StudyPlan) -> bool:
    return task_row(study.tasks[0]).kind == "image"


def _features(scale: Scale, task: str) -> Job:
    """What all modules make of the images of a task."""
    rows, modules = size(scale, task), scale.images.modules
    there = [kept(plan.module_folder(scale, module) / FEATURES, rows) for module in modules]
    units = {(f"images/{module}", "image"): rows.rows for module in modules}
    return Job(f"features/{task}", FEATURES_OF, units, finished=fmean(there))


def kept(folder: Path, rows: Size) -> bool:
    """Whether a folder has features of as many images as each split has."""
    counts = {len(np.load(file, mmap_mode="r", allow_pickle=False)) for file in folder.glob("*.npy")}
    return {rows.train, rows.validation, rows.test} <= counts


def _controller(study: StudyPlan) -> Counter:
    """Its own trials, and those of its teacher, which it is told again. Samplers look back at all trials before."""
    name, teacher = study.made_of.controller, study.pretraining
    replayed = teacher.trials if teacher and CONTROLLERS[name].teacher != ANY else 0
    measured = f"controllers/{MEASURED_AS.get(name, name)}"
    return Counter({(measured, "trial"): study.trials + replayed, (measured, "trial squared"): study.trials**2})


def _texts(study: StudyPlan) -> Counter:
    units, modules = Counter(), plan.study_modules(study)
    loads = loaded(len(study.tasks) * len(modules), study.trials, LOADED) / len(study.tasks)
    for task in study.tasks:
        kind, rows = f"{'grid' if study.of_table else 'texts'}/{task}", size(study.scale, task)
        units[f"texts/{task}", "loaded row"] += loads * rows.rows
        children = _children(study, study.trials / len(study.tasks))
        units[kind, "fine-tuned step"] += children.tuned_steps
        units[kind, "fine-tuned row"] += children.tuned * rows.evaluated
        units[kind, "frozen step"] += children.frozen_steps
        units[kind, "frozen row"] += children.frozen * rows.evaluated
    return +units


def _children(study: StudyPlan, trials: float) -> Children:
    learns_several = len(study.tasks) > 1 or study.pretraining is not None
    return expected(plan.study_space(study), trials, LONGEST if learns_several else 0.0)


def loaded(pairs: int, trials: int, kept: int) -> float:
    """How often a pair of task and module is expected to be loaded, when each trial draws one and so many are kept."""
    met = pairs * (1 - (1 - 1 / pairs) ** trials)
    return met + (trials - met) * max(0.0, 1 - kept / pairs)


def _images(study: StudyPlan) -> Counter:
    units, modules = Counter(), study.scale.images.modules
    children = _children(study, study.trials / len(study.tasks) / len(modules))
    for task, module in product(study.tasks, modules):
        rows = size(study.scale, task).evaluated
        units[f"images/{module}", "trained image"] += children.tuned_steps * BATCH
        units[f"images/{module}", "image"] += children.tuned * rows
        units[f"images/{module}", "frozen step"] += children.frozen_steps
        units[f"images/{module}", "frozen row"] += children.frozen * rows
    return +units
