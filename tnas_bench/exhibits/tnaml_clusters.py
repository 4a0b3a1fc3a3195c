"""Clusters of task embeddings: how alike tasks are, which belong together, and how far that agrees with the paper."""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import scipy  # its modules are loaded where they are first used

from tnas_bench.seeds import stream

SIMULATIONS = 1000
Statistic = Callable[[np.ndarray], float]  # of the embeddings of one seed


def cosines(embeddings: np.ndarray) -> np.ndarray:
    """Cosine similarities, shape (tasks, tasks), of embeddings, shape (tasks, size)."""
    directions = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    return directions @ directions.T


def clusters(similarities: np.ndarray, number: int) -> tuple[int, ...]:
    """The cluster of each task, numbered from 1 in the order of the tasks: average linkage on 1 - similarity."""
    if len(similarities) == 1:
        return (1,)
    distances = scipy.spatial.distance.squareform(1 - similarities, checks=False)
    tree = scipy.cluster.hierarchy.linkage(distances, "average")
    found = scipy.cluster.hierarchy.fcluster(tree, number, "maxclust").tolist()
    numbers = {cluster: place for place, cluster in enumerate(dict.fromkeys(found), start=1)}
    return tuple(numbers[cluster] for cluster in found)


def agreement(embeddings: np.ndarray, partition: Sequence[str], number: int) -> float:
    """Adjusted Rand index of the clusters of some embeddings and another partition: 1 if the same, 0 by chance."""
    return _agreement(clusters(cosines(embeddings), number), tuple(partition))


@cache
def _agreement(found: tuple[int, ...], partition: tuple[str, ...]) -> float:
    from sklearn.metrics import adjusted_rand_score  # slow to load, and wanted here alone

    return float(adjusted_rand_score(partition, found))


def contrast(embeddings: np.ndarray, partition: Sequence[str]) -> float:
    """Mean similarity of two tasks of the same part, minus that of two tasks of different parts."""
    same = np.equal.outer(partition, partition)
    pairs = np.triu(np.ones_like(same), k=1)
    similarities = cosines(embeddings)
    return float(similarities[pairs & same].mean() - similarities[pairs & ~same].mean())


def by_chance(statistic: Statistic, tasks: int, size: int, seeds: int, *names: object) -> np.ndarray:
    """What a statistic is where embeddings mean nothing: normal random ones.

    Means over as many seeds, shape (SIMULATIONS,); ``names``: of the random stream.
    """
    rng = stream("tnaml_fig1", *names)
    values = [statistic(rng.normal(size=(tasks, size))) for _ in range(SIMULATIONS * seeds)]
    return np.reshape(values, (SIMULATIONS, seeds)).mean(axis=1)
