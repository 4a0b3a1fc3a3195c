"""What an exhibit of a scale reads: the sealed results that its plan names."""

from pathlib import Path

from tnas_bench import exhibits, plan, plan_ldnas
from tnas_bench.config import Scale
from tnas_bench.exhibits.steps import load_steps


def planned(scale: Scale, name: str) -> list[plan.Place]:
    """The studies or runs that an exhibit reads."""
    if name in plan.experiments().ldnas.exhibits:
        return list(plan_ldnas.exhibit_runs(scale, name))
    return list(plan.exhibit_studies(scale, name))


def all_places(scale: Scale) -> list[plan.Place]:
    """The studies and runs of all exhibits of a scale, each once."""
    return [*plan.all_studies(scale), *plan_ldnas.all_runs(scale)]


def read(scale: Scale, name: str, places: list[plan.Place]) -> object:
    """The results of some of those, in the form that the exhibit builds from."""
    folders = [place.folder for place in places]
    if name in plan.experiments().ldnas.exhibits:
        return load_steps(folders)
    return exhibits.find(name).reads(folders, _teachers(places))


def _teachers(studies: list[plan.StudyPlan]) -> list[Path]:
    """The studies on several tasks at once that some of these started from, each once."""
    taught = [study.pretraining for study in studies if study.pretraining]
    return list({teacher.folder: None for teacher in taught if teacher.task == plan.MULTITASK})
