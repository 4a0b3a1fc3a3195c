"""Splits: a task's rows in stratified random order, cut into training, validation and test."""

import numpy as np

from tnas_bench import seeds

SPLITS = ("train", "validation", "test")
Rows = dict[str, np.ndarray]  # row numbers of each split


def stratified_order(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Row numbers in a random order of which every stretch has each class in about its share.

    A row's place is its random rank within its class, jittered and divided by the size of the class. So a
    tenth of the order holds a tenth of a class to within one row, and a class of few rows falls at random.
    """
    places = np.empty(len(labels))
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        places[rows] = (rng.permutation(len(rows)) + rng.random(len(rows))) / len(rows)
    return np.argsort(places, kind="stable")


def split(task: str, labels: np.ndarray, published: np.ndarray | None) -> Rows:
    """The splits of a task: the published ones, else 80/10/10, from the task's own stream.

    ``published`` names the split of each row, or is None. Where it knows no validation part (IMDB), that is
    the last tenth of the training part. Rows of a split come in :func:`stratified_order`.
    """
    order = stratified_order(labels, seeds.stream("split", task))
    if published is None:
        return dict(zip(SPLITS, np.split(order, [len(order) * 8 // 10, len(order) * 9 // 10]), strict=True))
    rows = {name: order[published[order] == name] for name in SPLITS}
    if len(rows["validation"]) == 0:
        rows["train"], rows["validation"] = np.split(rows["train"], [len(rows["train"]) * 9 // 10])
    return rows


def hold_out(task: str, labels: np.ndarray, parts: np.ndarray) -> Rows:
    """The splits of an image task: the last fifth of the training part is for validation (LD-NAS's code has none).

    ``parts`` names the published part of each row, "train" or "test". Each is put into stratified order by itself,
    so that the first rows of a split have all classes.
    """
    rng = seeds.stream("split", task)
    published = [np.flatnonzero(parts == name) for name in ("train", "test")]
    train, test = (rows[stratified_order(labels[rows], rng)] for rows in published)
    train, validation = np.split(train, [len(train) * 4 // 5])
    return dict(zip(SPLITS, (train, validation, test), strict=True))


def at_most(rows: Rows, most: int | None, classes: np.ndarray | None = None) -> Rows:
    """At most so many rows in all (None: all), each split in its share: its first ones, so by class as well.

    A split has one row at least. With ``classes``, the class of every row, the first row of each class comes first.
    """
    total = sum(map(len, rows.values()))
    if most is None or most >= total:
        return rows
    ends = np.rint(np.cumsum([len(part) for part in rows.values()]) * most / total).astype(int)
    counts = np.maximum(np.diff(ends, prepend=0), 1)
    counts[0] -= counts.sum() - most  # what a small split was given
    return {name: _first(part, count, classes) for (name, part), count in zip(rows.items(), counts, strict=True)}


def _first(part: np.ndarray, count: int, classes: np.ndarray | None) -> np.ndarray:
    """The first rows of a split, in its order; with ``classes``, each class among them, if there is room."""
    if classes is None:
        return part[:count]
    ones = np.unique(classes[part], return_index=True)[1]
    others = np.setdiff1d(np.arange(len(part)), ones)
    return part[np.sort(np.concatenate([ones, others])[:count])]
