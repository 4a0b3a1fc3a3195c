"""The bills of studies: children of texts or of images, the controller that proposes them, and loading.

What a controller will propose is not known before. A part of it, its variant's ``lean``, is taken to be what it may
learn: the longest children, and those of a round alike, so that they train together. All others are random.
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
HOW = ("", "alike ")  # children of a round differ, or train together
LOADED = 32  # pairs of task and module that a process keeps, as the trainer has it
MEASURED_AS = {"best_first": "random_search", "grid": "random_search", "final_child": "agnostic"}  # they do no more


@dataclass(frozen=True)
class Children:
    """How many children are trained, and for how many steps in all."""

    tuned: float
    tuned_steps: float
    frozen: float
    frozen_steps: float


def expected(space: Space, children: float, steps: float) -> Children:
    """So many children of so many steps, of which the space's share is fine-tuned."""
    tuned = children * fmean(dict(choices(space))["fine_tune"])
    return Children(tuned, tuned * steps, children - tuned, (children - tuned) * steps)


def proposed(space: Space, children: float, lean: float) -> tuple[Children, Children]:
    """Of so many proposals: those that are random, and the part ``lean`` of the longest."""
    steps = dict(choices(space))["training_steps"]
    return expected(space, (1 - lean) * children, fmean(steps)), expected(space, lean * children, max(steps))


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
        parts = proposed(plan.study_space(study), study.trials / len(study.tasks), study.made_of.lean)
        for how, children in zip(HOW, parts, strict=True):
            units[kind, f"{how}fine-tuned step"] += children.tuned_steps
            units[kind, f"{how}fine-tuned row"] += children.tuned * rows.evaluated
            units[kind, f"{how}frozen step"] += children.frozen_steps
            units[kind, f"{how}frozen row"] += children.frozen * rows.evaluated
    return +units


def loaded(pairs: int, trials: int, kept: int) -> float:
    """How often a pair of task and module is expected to be loaded, when each trial draws one and so many are kept."""
    met = pairs * (1 - (1 - 1 / pairs) ** trials)
    return met + (trials - met) * max(0.0, 1 - kept / pairs)


def _images(study: StudyPlan) -> Counter:
    units, modules = Counter(), study.scale.images.modules
    trials = study.trials / len(study.tasks) / len(modules)
    parts = proposed(plan.study_space(study), trials, study.made_of.lean)
    for task, module, children in product(study.tasks, modules, parts):
        rows = size(study.scale, task).evaluated
        units[f"images/{module}", "trained image"] += children.tuned_steps * BATCH
        units[f"images/{module}", "image"] += children.tuned * rows
        units[f"images/{module}", "frozen step"] += children.frozen_steps
        units[f"images/{module}", "frozen row"] += children.frozen * rows
    return +units
