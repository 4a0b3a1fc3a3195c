# The scale, and the functions by which rules find their inputs. Paths come from tnas_bench.plan alone.

import shlex

from tnas_bench import plan
from tnas_bench.children import VERSION
from tnas_bench.config import load_scale
from tnas_bench.errors import UserError
from tnas_bench.exhibits import EXHIBITS

try:
    SCALE = load_scale(str(config.get("scale", "paper")))
    plan.check(SCALE)
    STUDIES = {study.path: study for study in plan.all_studies(SCALE)}
except UserError as error:
    raise WorkflowError(str(error))

# How the verbs learn the scale. Not as an argument: tasks are shared between scales, and a rule whose text named the
# scale would prepare them again.
shell.prefix(
    f"export TNAS_SCALE={shlex.quote(str(config.get('scale', 'paper')))}; set -euo pipefail; "
)

RESULTS = str(plan.results(SCALE))
REPORTS = str(plan.reports(SCALE))
TASKS = str(plan.task_folder(SCALE, "task").parent)
FIGURES = [name for name, exhibit in EXHIBITS.items() if exhibit.draw]

MODULE_FILES = ["card.json", "matrix.npy", "vocabulary.txt"]
TASK_FILES = ["card.json", "train.parquet", "validation.parquet", "test.parquet"]
TABLE_FORMS = ["csv", "md", "tex"]
FIGURE_FORMS = ["svg", "png"]


wildcard_constraints:
    study="|".join(map(re.escape, STUDIES)),
    exhibit="|".join(plan.experiments().exhibits),
    figure="|".join(FIGURES),


def sealed(studies):
    """The sealed files of studies."""
    return [
        f"{study.folder}/{file}"
        for study in studies
        for file in ("trials.parquet", "runcard.json")
    ]


def study_inputs(wildcards):
    """The prepared tasks, the modules and the pretraining study that a study reads."""
    study = STUDIES[wildcards.study]
    pretraining = [study.pretraining] if study.pretraining else []
    return (
        [f"{TASKS}/{task}/{file}" for task in study.tasks for file in TASK_FILES]
        + [
            f"data/modules/{module}/{file}"
            for module in SCALE.modules
            for file in MODULE_FILES
        ]
        + sealed(pretraining)
    )


def study_settings(wildcards):
    """What the trials of a study depend on besides its inputs: a change of it reruns the study."""
    study = STUDIES[wildcards.study]
    return f"{VERSION} {study.trials} {SCALE.round_size} {SCALE.training_steps} {SCALE.controller!r}"


def exhibit_inputs(wildcards):
    """The sealed studies that an exhibit reads."""
    return sealed(plan.exhibit_studies(SCALE, wildcards.exhibit))


def exhibit_files(exhibit):
    """The files of an exhibit: a table in three forms, and a picture where it is a figure."""
    tables = [f"{REPORTS}/tables/{exhibit}.{form}" for form in TABLE_FORMS]
    figures = [f"{REPORTS}/figures/{exhibit}.{form}" for form in FIGURE_FORMS]
    return tables + (figures if exhibit in FIGURES else [])
