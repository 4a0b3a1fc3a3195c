"""A scale from its data to its exhibits, in the working folder, with children whose scores are drawn, not trained."""

from pathlib import Path

import pytest

from tnas_bench import exhibits, plan, run
from tnas_bench.children import Score
from tnas_bench.exhibits.files import read_table, save_figure, save_table
from tnas_bench.modules.embedding import Materials
from tnas_bench.modules.image import builders
from tnas_bench.modules.prepare import prepare as prepare_module
from tnas_bench.seeds import integer
from tnas_bench.tasks.prepare import prepare as prepare_task

CACHE = Path("cache")


class DrawnScores:
    """Trains nothing: scores are a function of configuration, task and seed."""

    def __init__(self, tasks, modules):
        pass

    def prepare(self):
        pass

    def groups(self, configurations):
        return [list(range(len(configurations)))]

    def train(self, configurations, task, seeds):
        return [
            Score(*(integer(part, task, seed, *each.values()) / 2**63 for part in range(4)))
            for each, seed in zip(configurations, seeds, strict=True)
        ]


def prepare(scale):
    """The tasks and modules of a scale."""
    lists = [each for of in (scale, scale.images, scale.mnms) for each in (of.pretraining_tasks, of.transfer_tasks)]
    for task in {task for tasks in (*lists, scale.table.tasks, scale.ldnas.tasks) for task in tasks}:
        prepare_task(task, plan.task_folder(scale, task), scale.data, None, cache=CACHE)
    for module in scale.modules:
        prepare_module(module, plan.module_folder(scale, module), CACHE)
    for module in scale.images.modules:
        builders.prepare(module, plan.module_folder(scale, module), Materials(CACHE, None, {}))


def run_studies(scale):
    """All studies of a scale."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "TextTrainer", DrawnScores)
        patch.setattr(run, "ImageTrainer", DrawnScores)
        for study in plan.all_studies(scale):
            run.run_job(run.planned(study))


def build(scale, name):
    """The files of an exhibit of studies."""
    shown, studies = exhibits.find(name), plan.exhibit_studies(scale, name)
    teachers = {each.pretraining.folder: None for each in studies if each.pretraining}
    results = shown.reads([study.folder for study in studies], list(teachers))
    save_table(shown, shown.build(results, scale), plan.reports(scale), scale.label)
    if shown.draw is not None:
        save_figure(shown, read_table(shown, plan.reports(scale)), plan.reports(scale))
