# The scale, and the functions by which rules find their inputs. Paths come from tnas_bench.plan alone.

from tnas_bench import plan
from tnas_bench.config import load_scale
from tnas_bench.errors import UserError
from tnas_bench.exhibits import EXHIBITS

try:
    SCALE_ARGUMENT = str(config.get("scale", "paper"))
    SCALE = load_scale(SCALE_ARGUMENT)
    STUDIES = {study.path: study for study in plan.all_studies(SCALE)}
except UserError as error:
    raise WorkflowError(str(error))

RESULTS = str(plan.results(SCALE))
REPORTS = str(plan.reports(SCALE))
TASKS = f"data/tasks/{SCALE.data.store}"
FIGURES = [name for name, exhibit in EXHIBITS.items() if exhibit.draw]

SPLITS = ["train", "validation", "test"]


wildcard_constraints:
    study="|".join(map(re.escape, STUDIES)),
    exhibit="|".join(plan.experiments().exhibits),
    figure="|".join(FIGURES),


def sealed(studies):
    """The sealed files of studies."""
    return [f"{study.folder}/{file}" for study in studies for file in ("trials.parquet", "runcard.json")]


def study_inputs(wildcards):
    """The prepared tasks, the modules and the pretraining study that a study reads."""
    study = STUDIES[wildcards.study]
    pretraining = [study.pretraining] if study.pretraining else []
    return (
        [f"{plan.task_folder(SCALE, task)}/card.json" for task in study.tasks]
        + [f"{plan.module_folder(module)}/card.json" for module in SCALE.modules]
        + sealed(pretraining)
    )


def study_settings(wildcards):
    """What the trials of a study depend on besides its inputs: a change of it reruns the study."""
    study = STUDIES[wildcards.study]
    return f"{study.trials} {SCALE.round_size} {SCALE.training_steps} {SCALE.controller!r}"


def exhibit_inputs(wildcards):
    """The sealed studies that an exhibit reads."""
    return sealed(plan.exhibit_studies(SCALE, wildcards.exhibit))


def exhibit_files(exhibit):
    """The files of an exhibit: a table in three forms, and a picture where it is a figure."""
    tables = expand(REPORTS + "/tables/{exhibit}.{form}", exhibit=exhibit, form=["csv", "md", "tex"])
    pictures = expand(REPORTS + "/figures/{exhibit}.{form}", exhibit=exhibit, form=["svg", "png"])
    return tables + (pictures if exhibit in FIGURES else [])
