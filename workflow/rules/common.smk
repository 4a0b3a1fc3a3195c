# The scale, and the functions by which rules find their inputs. Paths come from tnas_bench.plan alone.

import shlex
import sys
from functools import cache
from pathlib import Path

from tnas_bench import plan, plan_ldnas
from tnas_bench.checks import checked_scale
from tnas_bench.checks_plan import check_plan
from tnas_bench.children import VERSION
from tnas_bench.config import ROOT, experiments
from tnas_bench.errors import UserError
from tnas_bench.exhibits import EXHIBITS
from tnas_bench.journal import sealed as seals
from tnas_bench.journal.durable import check_writable
from tnas_bench.modules.image import WEIGHTS
from tnas_bench.modules.image.registry import rows as image_module_rows
from tnas_bench.modules.registry import rows as module_rows
from tnas_bench.price import accepted

try:
    for key in sorted(config.keys() - {"scale"}):
        told = "unknown; the one setting is scale, as in --config scale=lab"
        raise UserError(f"--config {key}: {told}")
    check_plan(experiments())
    SCALE = checked_scale(str(config.get("scale", "paper")))
    for folder in (Path.cwd(), ".snakemake", plan.results(SCALE), plan.reports(SCALE)):
        check_writable(Path(folder))
    STUDIES = {study.path: study for study in plan.all_studies(SCALE)}
    RUNS = {run.path: run for run in plan_ldnas.all_runs(SCALE)}
    for each in (*STUDIES.values(), *RUNS.values()):
        seals.date(each.folder)
except UserError as error:
    raise WorkflowError(str(error))


# Before the first job of a real run: not of a dry one, nor where Snakemake reads this again for a job.
onstart:
    try:
        accepted.check(SCALE, str(config.get("scale", "paper")))
    except UserError as error:
        sys.exit(f"error: {error}")


# How the verbs learn the scale. Not as an argument: tasks are shared between scales, and a rule whose text named the
# scale would prepare them again.
shell.prefix(
    f"export TNAS_SCALE={shlex.quote(str(config.get('scale', 'paper')))}; set -euo pipefail; "
)

RESULTS = str(plan.results(SCALE))
REPORTS = str(plan.reports(SCALE))
TASKS = str(plan.task_folder(SCALE, "task").parent)
LDNAS = plan_ldnas.exhibit_names(SCALE)
SHOWN = [*plan.exhibit_names(SCALE), *LDNAS]
FIGURES = [name for name in SHOWN if EXHIBITS[name].draw]
TABLE_STUDIES = plan.table_studies(SCALE) if SCALE.makes(plan.TABLE) else []
TABLE_FILES = [
    f"{plan.table_folder(SCALE)}/{file}" for file in ("table.parquet", "card.md")
]

ENCODERS = [row.name for row in module_rows().values() if row.frozen]
IMAGE_MODULES = list(image_module_rows())
MODULE_FILES = ["card.json", "matrix.npy", "vocabulary.txt"]
IMAGE_MODULE_FILES = ["card.json", WEIGHTS]
TASK_FILES = ["card.json", "train.parquet", "validation.parquet", "test.parquet"]
STEP_FILES = ["steps.parquet", "runcard.json"]
PUBLISHED = sorted(
    str(table)
    for table in (ROOT / "data" / "published").glob("*.tsv")
    if table.stem != "claims"  # which no exhibit reads
)
TABLE_FORMS = ["csv", "md", "tex"]
FIGURE_FORMS = ["svg", "png"]


def paths(experiment):
    """A pattern for the paths of the runs of an experiment."""
    chosen = [run.path for run in RUNS.values() if run.experiment == experiment]
    pattern = "|".join(map(re.escape, chosen))
    return pattern or "none"  # an empty pattern would match everything


wildcard_constraints:
    module=r"[\w-]+",
    encoder="|".join(map(re.escape, ENCODERS)),
    image_module="|".join(map(re.escape, IMAGE_MODULES)),
    study="|".join(map(re.escape, STUDIES)),
    network=paths("networks"),
    distances=paths("distances"),
    base_search=paths("base_search"),
    search=r"[\w-]+/task\d/seed\d+",


def module_files(module):
    """The files of a prepared module: of a frozen encoder, a card only."""
    files = ["card.json"] if module in ENCODERS else MODULE_FILES
    if module in IMAGE_MODULES:
        files = IMAGE_MODULE_FILES
    return [f"{plan.module_folder(SCALE, module)}/{file}" for file in files]


def module_tasks(wildcards):
    """The prepared tasks that a module is trained on."""
    return [
        f"{TASKS}/{task}/{file}"
        for task in plan.module_tasks(SCALE, wildcards.module)
        for file in ("card.json", "train.parquet")
    ]


def sealed(studies):
    """The sealed files of studies."""
    return [
        f"{study.folder}/{file}"
        for study in studies
        for file in ("trials.parquet", "runcard.json")
    ]


recorded, prepared = cache(seals.recorded), cache(seals.prepared)


def dated(place, files):
    """Files of tasks and modules. Those that a sealed run was computed with, by their hashes, are not new to it.

    They may well be younger: where results came with a checkout, and another scale has the same module prepared.
    """
    known = recorded(place.folder)

    def is_known(folder):
        return folder.name in known and known[folder.name] == prepared(folder)

    return [ancient(file) if is_known(Path(file).parent) else file for file in files]


def study_inputs(wildcards):
    """The prepared tasks, the modules and the pretraining study that a study reads."""
    study = STUDIES[wildcards.study]
    pretraining = [study.pretraining] if study.pretraining else []
    tasks = [f"{TASKS}/{task}/{file}" for task in study.tasks for file in TASK_FILES]
    modules = [
        file for module in plan.study_modules(study) for file in module_files(module)
    ]
    return dated(study, tasks + modules) + sealed(pretraining)


def study_gpus(wildcards):
    """GPUs of a study: children on texts train on a CPU."""
    return int(STUDIES[wildcards.study].of_images)


def memory(mem_mb):
    """A rule's memory: for each of its processes, and as much again at each attempt, where a profile has retries."""

    def mem_mb_of(wildcards, threads, attempt):
        return mem_mb * threads * attempt

    return mem_mb_of


def study_settings(wildcards):
    """What the trials of a study depend on besides its inputs: a change of it reruns the study."""
    study = STUDIES[wildcards.study]
    space = (
        SCALE.images.fine_tune,
        SCALE.images.training_steps,
        SCALE.images.learning_rate,
    )
    if not study.of_images:
        space = (SCALE.training_steps, study.choices)
    return f"{VERSION} {study.made_of.controller} {study.trials} {study.round_size} {space} {SCALE.controller!r}"


def sealed_runs(runs):
    """The sealed files of runs of LD-NAS."""
    return [f"{run.folder}/{file}" for run in runs for file in STEP_FILES]


def ldnas_inputs(wildcards):
    """The prepared task and the runs that a run of LD-NAS reads."""
    (path,) = wildcards
    run = RUNS[path if path in RUNS else f"ldnas/search/{path}"]
    task = [f"{TASKS}/{run.task}/{file}" for file in TASK_FILES]
    return dated(run, task) + sealed_runs(plan_ldnas.inputs(run))


def exhibit_inputs(wildcards):
    """The sealed studies or runs that an exhibit reads."""
    if wildcards.exhibit in LDNAS:
        return sealed_runs(plan_ldnas.exhibit_runs(SCALE, wildcards.exhibit))
    return sealed(plan.exhibit_studies(SCALE, wildcards.exhibit))


def exhibit_files(exhibit):
    """The files of an exhibit: a table in three forms, and a picture where it is a figure."""
    if exhibit not in SHOWN:  # what Snakemake then tells of a file that is missing
        return f"(scale {SCALE.name} has no {exhibit}; it has {', '.join(SHOWN)})"
    tables = [f"{REPORTS}/tables/{exhibit}.{form}" for form in TABLE_FORMS]
    figures = [f"{REPORTS}/figures/{exhibit}.{form}" for form in FIGURE_FORMS]
    return tables + (figures if exhibit in FIGURES else [])


def paper(wildcards):
    """The paper of an exhibit: the rest of its title."""
    (name,) = wildcards
    return EXHIBITS[name].title.partition(". ")[2] or "Beyond the papers"


def caption(wildcards):
    """What an exhibit shows, in words."""
    (name,) = wildcards
    return EXHIBITS[name].caption


def reported(file, form):
    """A file of an exhibit, marked for `snakemake --report`: under its paper, by its place there."""

    def labels(wildcards):
        (name,) = wildcards
        return {"exhibit": EXHIBITS[name].title.partition(". ")[0], "form": form}

    return report(file, "../report/exhibit.rst", category=paper, labels=labels)
