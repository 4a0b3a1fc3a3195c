"""Checks of a scale as a whole, before anything runs: what it names is known, and all that it plans can be made.

What one key may be stands in :mod:`tnas_bench.config`; here is what keys, tables and the plan have to agree in. A check
yields mistakes, each as a key and what is wrong with it.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from difflib import get_close_matches

from tnas_bench import plan, plan_ldnas, seeds
from tnas_bench.config import Scale, load_scale
from tnas_bench.errors import UserError
from tnas_bench.modules.image.registry import rows as image_modules
from tnas_bench.modules.registry import rows as text_modules
from tnas_bench.plan import MULTITASK, StudyPlan, experiments
from tnas_bench.tasks.registry import task_row, task_rows
from tnas_bench.tasks.sources import serves

LARGEST_TABLE = 10_000  # configurations; of more than that, choices were forgotten
MOST_STUDIES = 100_000  # more jobs than a workflow holds
Mistakes = Iterator[tuple[str, str]]


def checked_scale(name_or_path: str) -> Scale:
    """A scale of which all that is planned can be run; else UserError names the key, and what it may be."""
    scale = load_scale(name_or_path)
    check(scale)
    return scale


def check(scale: Scale) -> None:
    """Raise UserError for the first mistake of a scale."""
    for mistakes in CHECKS:
        for key, told in mistakes(scale):
            raise UserError(f"scale {scale.name}: {key}: {told}")


def _names(scale: Scale) -> Mistakes:
    known = {
        "exhibits": (scale.exhibits or (), [*experiments().exhibits, *experiments().ldnas.exhibits]),
        "beyond": (scale.beyond, plan.beyond()),
        "modules": (scale.modules, text_modules()),
        "images.modules": (scale.images.modules, image_modules()),
    }
    for key, (names, names_known) in known.items():
        for name in names:
            if name not in names_known:
                yield key, f"has {name!r}; take some of {', '.join(names_known)}"
    if scale.name in {*text_modules(), *image_modules()}:
        yield "name", "a module has it, in whose folder modules of the scale would lie; rename the file"


def _tasks(scale: Scale) -> Mistakes:
    known = {task.name: task for task in task_rows()}
    for key, (kind, names) in _listed(scale).items():
        wanted = [task.name for task in known.values() if task.kind == kind]
        if key == "ldnas.tasks":
            wanted = [task.name for task in known.values() if task.role == "ldnas"]
        for name in names:
            if name not in wanted:
                told = f"is not a task of {kind}s" if name in known else "is not known"
                yield key, f"{name} {told}; take some of {', '.join(get_close_matches(name, wanted, 99, cutoff=0))}"
            if not serves(known[name], scale.data.sources):
                yield "data.sources", f"none of {', '.join(scale.data.sources)} has {name} ({key}); add others"


def _listed(scale: Scale) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The kind and the names of tasks that each key lists."""
    texts = {"": scale, "mnms.": scale.mnms}
    keys = {f"{of}{phase}_tasks": ("text", getattr(texts[of], f"{phase}_tasks")) for of in texts for phase in PHASES}
    keys |= {f"images.{phase}_tasks": ("image", getattr(scale.images, f"{phase}_tasks")) for phase in PHASES}
    return keys | {"table.tasks": ("text", scale.table.tasks), "ldnas.tasks": ("image", scale.ldnas.tasks)}


def _images(scale: Scale) -> Mistakes:
    """A tenth of the images is the least that a split has, and each class needs one there."""
    most = scale.data.max_images
    for _, tasks in (each for each in _listed(scale).values() if each[0] == "image" and most is not None):
        for task in map(task_row, tasks):
            if most < (least := 10 * (len(set(task.labels.values())) + 1)):
                yield "data.max_images", f"{most} are too few for the classes of {task.name}; give {least} or more"


def _recipes(scale: Scale) -> Mistakes:
    """LD-NAS has a number of epochs and an epsilon for each data set."""
    ldnas, known = scale.ldnas, {task.dataset for task in task_rows() if task.role == "ldnas"}
    tables = {"networks.epochs": ldnas.networks.epochs, "final.epochs": ldnas.final.epochs, "epsilon": ldnas.epsilon}
    for key, table in tables.items():
        if other := table.keys() - known:
            yield f"ldnas.{key}", f"has {min(other)!r}, no data set of LD-NAS; take some of {', '.join(sorted(known))}"
        if missing := {task_row(task).dataset for task in ldnas.tasks} - table.keys():
            yield f"ldnas.{key}", f"has no number for data set {min(missing)}; add one"


def _spaces(scale: Scale) -> Mistakes:
    """Lists of choices were checked one by one; here they meet the decisions, and modules their tasks."""
    for module in scale.modules:
        try:
            plan.module_tasks(scale, module)
        except UserError as error:
            yield "modules", str(error)
    try:
        size = plan.table_space(scale).size
    except UserError as error:
        yield "table.choices", str(error)
    if scale.makes(plan.TABLE) and size > LARGEST_TABLE:
        yield "table.choices", f"its table would have {size:,} configurations; list fewer"


def _plans(scale: Scale) -> Mistakes:
    if not (plan.exhibit_names(scale) or plan_ldnas.exhibit_names(scale)):
        yield "exhibits", "there is none to make, with these ldnas.targets; list others, or null for all"
    if (studies := scale.seeds * len(scale.transfer_tasks) * len(experiments().exhibits)) > MOST_STUDIES:
        yield "seeds", f"about {studies:,} studies would be planned; give fewer"


def _draws(scale: Scale) -> Mistakes:
    """A study on several tasks draws one for each trial; each must be drawn, and as often as an exhibit needs."""
    for study in plan.all_studies(scale):
        of = experiments().experiments[study.experiment].of
        least = scale.top_n if of == "mnms" else 1
        if study.task == MULTITASK and (rare := _rarely_drawn(study, least)):
            key = f"{'' if of == 'texts' else f'{of}.'}trials.{experiments().experiments[study.experiment].phase}"
            yield key, f"{study.trials} give {rare} fewer than {least} in {study.path}; give more"


def _rarely_drawn(study: StudyPlan, least: int) -> str | None:
    """A task that is drawn fewer times, if there is one."""
    drawn = Counter()
    for trial in range(study.trials):
        drawn[seeds.drawn(study.tasks, study.name, study.seed, "task", trial)] += 1
        if len(drawn) == len(study.tasks) and min(drawn.values()) >= least:
            return None
    return min(study.tasks, key=drawn.__getitem__)


PHASES: Collection[str] = ("pretraining", "transfer")
CHECKS = (_names, _tasks, _images, _recipes, _spaces, _plans, _draws)
