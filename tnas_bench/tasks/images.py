"""Image tasks: each labels the images of a data set in its own way (as LD-NAS does, section 4)."""

from collections.abc import Sequence

import numpy as np

from tnas_bench.config import DataSettings
from tnas_bench.errors import UserError
from tnas_bench.tasks import Split, cards
from tnas_bench.tasks.image_files import LabelledImages
from tnas_bench.tasks.registry import TaskRow
from tnas_bench.tasks.sources import Found
from tnas_bench.tasks.splits import Rows, at_most, hold_out, split

OTHERS = "*"  # stands for all labels that a task does not name


def prepared(task: TaskRow, found: Found, raw: LabelledImages, settings: DataSettings) -> tuple[dict[str, Split], dict]:
    """The splits of a task and the facts of its card; classes come in the order of the task's row.

    UserError where a class has no image in a split.
    """
    classes = list(dict.fromkeys(task.labels.values()))
    numbers = _numbers(task, classes, raw.labels)
    kept = np.arange(len(numbers))
    if settings.balanced and OTHERS in task.labels:
        kept = balanced(numbers, raw.parts, classes.index(task.labels[OTHERS]))
    divided = _divided(task, numbers[kept], raw.parts if raw.parts is None else raw.parts[kept])
    rows = {name: kept[part] for name, part in at_most(divided, settings.max_images, numbers[kept]).items()}
    _need_classes(task, classes, numbers, rows)
    facts = cards.provenance(task, found, cut=sum(map(len, rows.values())) < len(kept))
    differing = cards.differences(task.published, len(kept), len(classes))
    facts |= cards.sizes(task, classes, rows, len(numbers), len(kept), differing)
    facts |= {"max_images": settings.max_images, "balanced": settings.balanced, "split": task.split}
    pictures = {name: {raw.pixels[row].tobytes() for row in part} for name, part in rows.items()}
    facts |= cards.repeats(pictures) | cards.majority(numbers, rows)
    return {name: Split(raw.pixels[part], numbers[part]) for name, part in rows.items()}, facts


def balanced(numbers: np.ndarray, parts: np.ndarray, others: int) -> np.ndarray:
    """The rows that are left when the class ``others`` is cut, part by part, to the size of the largest other class.

    It keeps its first rows, as in the authors' code.
    """
    kept = numbers != others
    for part in np.unique(parts):
        here = parts == part
        size = np.bincount(numbers[here & kept]).max(initial=0)
        kept[np.flatnonzero(here & (numbers == others))[:size]] = True
    return np.flatnonzero(kept)


def _divided(task: TaskRow, numbers: np.ndarray, parts: np.ndarray | None) -> Rows:
    """The splits of a task: its published test part where it has one, else 80/10/10 as of texts."""
    return split(task.name, numbers, None) if task.split == "random" else hold_out(task.name, numbers, parts)


def _numbers(task: TaskRow, classes: Sequence[str], stored: np.ndarray) -> np.ndarray:
    """The class number of each stored label."""
    labels, places = np.unique(stored, return_inverse=True)
    names = [task.labels.get(str(label), task.labels.get(OTHERS)) for label in labels]
    if None in names:
        label = labels[names.index(None)]
        raise UserError(f"{task.name}: its raw files have label {label}, which no class has; replace them")
    return np.array([classes.index(name) for name in names])[places]


def _need_classes(task: TaskRow, classes: Sequence[str], numbers: np.ndarray, rows: Rows) -> None:
    for name, part in rows.items():
        for number in set(range(len(classes))).difference(numbers[part]):
            place = f"{task.name}: class {classes[number]!r} has no {name} image"
            raise UserError(f"{place}; raise max_images, or give complete raw files")
