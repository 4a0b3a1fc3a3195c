"""A scale from its studies to its exhibits, with children whose scores are drawn in place of trained."""

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
    """The tasks and modules of a scale, in the working folder, but for those that are there."""
    texts, images = scale.pretraining_tasks + scale.transfer_tasks, scale.images
    lists = (texts, images.pretraining_tasks, images.transfer_tasks, scale.mnms.pretraining_tasks)
    for task in {task for tasks in (*lists, scale.mnms.transfer_tasks, scale.table.tasks) for task in tasks}:
        if not plan.task_folder(scale, task).exists():
            prepare_task(task, plan.task_folder(scale, task), scale.data, None, cache=Path("cache"))
    for module in scale.modules + scale.images.modules:
        folder = plan.module_folder(scale, module)
        if folder.exists():
            continue
        if plan.is_image_module(module):
            builders.prepare(module, folder, Materials(Path("cache"), None, {}))
        else:
            tasks = {task: plan.task_folder(scale, task) for task in plan.module_tasks(scale, module)}
            prepare_module(module, folder, Path("cache"), None, tasks)


def run_all(scale):
    """Run all studies of a scale, then build and draw all exhibits of studies."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "TextTrainer", DrawnScores)
        patch.setattr(run, "ImageTrainer", DrawnScores)
        for study in plan.all_studies(scale):
            run.run_job(run.planned(study), 1)
    for name in plan.exhibit_names(scale):
        yield name
        build(scale, name)


def build(scale, name):
    """The files of an exhibit of studies."""
    shown, studies = exhibits.find(name), plan.exhibit_studies(scale, name)
    teachers = {each.pretraining.folder: None for each in studies if each.pretraining}
    results = shown.reads([study.folder for study in studies], list(teachers))
    save_table(shown, shown.build(results, scale), plan.reports(scale), scale.label)
    if shown.draw is not None:
        save_figure(shown, read_table(shown, plan.reports(scale)), plan.reports(scale))
