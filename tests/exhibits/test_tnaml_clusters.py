"""Clusters of embeddings: by hand, and against other ways to the same."""

import itertools

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from tnas_bench.exhibits.tnaml_clusters import agreement, by_chance, clusters, contrast, cosines
from tnas_bench.seeds import stream

INTERLEAVED = np.array([[1, 0.1], [0.1, 1], [1, 0], [0, 1.0], [-1, -1]])  # two pairs of directions, and an outlier


def test_cosines_by_another_library():
    embeddings = stream("cosines").normal(size=(5, 7))
    np.testing.assert_allclose(cosines(embeddings), cosine_similarity(embeddings))


def test_clusters_are_numbered_in_the_order_of_the_tasks():
    assert clusters(cosines(INTERLEAVED), 3) == (1, 2, 1, 2, 3)
    assert clusters(cosines(INTERLEAVED), 2) == (1, 1, 1, 1, 2)
    assert clusters(cosines(INTERLEAVED[:1]), 3) == (1,)
    assert clusters(cosines(INTERLEAVED[:2]), 3) == (1, 2)


def test_clusters_of_average_linkage_step_by_step():
    """The closest two clusters, by the mean distance of their members, are joined until so many are left."""
    similarities = cosines(stream("linkage").normal(size=(8, 4)))
    parts = [[task] for task in range(8)]
    while len(parts) > 3:
        one, other = min(itertools.combinations(parts, 2), key=lambda pair: np.mean(1 - similarities[np.ix_(*pair)]))
        parts = [part for part in parts if part not in (one, other)] + [one + other]
    found = clusters(similarities, 3)
    assert {frozenset(np.flatnonzero(np.equal(found, number))) for number in (1, 2, 3)} == set(map(frozenset, parts))


def test_agreement_is_one_for_the_same_partition_under_other_names():
    assert agreement(INTERLEAVED, ["x", "", "x", "", "z"], 3) == 1
    assert agreement(INTERLEAVED, ["x", "x", "", "", "z"], 3) < 0.1


def test_contrast_by_hand():
    """Directions east, east, north: 1 within, and 0 across."""
    assert contrast(np.array([[1.0, 0], [2.0, 0], [0, 3.0]]), ["A", "A", "B"]) == pytest.approx(1)
    assert contrast(np.array([[1.0, 0], [0, 3.0], [2.0, 0]]), ["A", "A", "B"]) == pytest.approx(0 - 0.5)


def test_by_chance_agreement_is_nought_on_average():
    """As the index is made to be; more seeds leave the mean and narrow the spread."""
    partition = list("AAAABBBC")
    one, four = (
        by_chance(lambda embeddings: agreement(embeddings, partition, 3), 8, 25, seeds, "test") for seeds in (1, 4)
    )
    assert abs(one.mean()) < 0.03 and abs(four.mean()) < 0.015
    assert four.std() == pytest.approx(one.std() / 2, rel=0.15)
