"""Sizes: how many rows a task has, of which nothing may be prepared yet."""

from dataclasses import dataclass

from tnas_bench import plan
from tnas_bench.config import Scale
from tnas_bench.tasks.registry import task_row
from tnas_bench.tasks.status import prepared

SHARES = (0.8, 0.1, 0.1)  # of training, validation and test rows, where the task is not prepared
ROWS, CLASSES, CHARACTERS = 10_000, 2, 100  # where nobody has published them


@dataclass(frozen=True)
class Size:
    """Rows of the three splits, and what else the work on a task depends on."""

    train: int
    validation: int
    test: int
    classes: int
    characters: float  # mean of a text
    sha256: str | None  # of the training split; None: the task is not prepared, and these are the published numbers

    @property
    def rows(self) -> int:
        return self.train + self.validation + self.test

    @property
    def evaluated(self) -> int:
        """The rows on which every child is evaluated."""
        return self.validation + self.test


def size(scale: Scale, task: str) -> Size:
    """The size of a task: of its card, where it is prepared, else as published, cut to the scale's largest."""
    published = task_row(task).published
    characters = published.mean_characters or CHARACTERS
    if card := prepared(plan.task_folder(scale, task)):
        rows = card["rows"]
        splits = rows["train"], rows["validation"], rows["test"]
        return Size(*splits, len(card["classes"]), characters, card["sha256"]["train"])
    largest = scale.data.max_rows if task_row(task).kind == "text" else scale.data.max_images
    total = min(published.rows or ROWS, largest or published.rows or ROWS)
    return Size(*(round(total * share) for share in SHARES), published.classes or CLASSES, characters, None)
