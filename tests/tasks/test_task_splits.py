import subprocess
import sys

import numpy as np
import pytest

from tnas_bench.tasks.splits import at_most, hold_out, split, stratified_order

IN_ANOTHER_PROCESS = """
import numpy as np
from tnas_bench.tasks.splits import split
print([part.tolist() for part in split("weather", np.arange(200) % 7, None).values()])
"""


@pytest.mark.parametrize(
    "sizes",  # sizes of the splits of three tasks, as published with Houlsby et al. 2019
    [(11712, 1464, 1464), (927, 116, 116), (4459, 557, 558)],
)
def test_sizes_are_the_published_ones(sizes):
    labels = np.random.default_rng(0).integers(3, size=sum(sizes))
    assert tuple(map(len, split("any", labels, None).values())) == sizes


def test_every_row_is_in_one_split():
    rows = split("any", np.arange(103) % 4, None)
    assert sorted(np.concatenate(list(rows.values()))) == list(range(103))


def test_a_class_has_its_share_of_every_split_even_when_rows_are_sorted_by_label():
    labels = np.repeat([0, 1, 2], [700, 200, 100])
    rows = split("any", labels, None)
    for name, share in (("train", 0.8), ("validation", 0.1), ("test", 0.1)):
        counts = np.bincount(labels[rows[name]], minlength=3)
        assert np.abs(counts - share * np.array([700, 200, 100])).max() <= 2


def test_a_class_of_one_row_falls_into_any_split():
    labels = np.array([1] + [0] * 99)
    found = [next(k for k, rows in split(f"task {i}", labels, None).items() if 0 in rows) for i in range(200)]
    assert 130 < found.count("train") < 190
    assert found.count("validation") > 0 and found.count("test") > 0


def test_tasks_are_split_differently_and_a_task_always_alike():
    labels = np.arange(200) % 7
    assert split("weather", labels, None)["test"].tolist() != split("climate", labels, None)["test"].tolist()
    done = subprocess.run([sys.executable, "-c", IN_ANOTHER_PROCESS], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([part.tolist() for part in split("weather", labels, None).values()])


def test_published_splits_are_kept_and_shuffled():
    published = np.array(["train"] * 60 + ["validation"] * 20 + ["test"] * 30)
    rows = split("any", np.zeros(110, int), published)
    assert sorted(rows["train"]) == list(range(60)) and sorted(rows["test"]) == list(range(80, 110))
    assert rows["train"].tolist() != list(range(60))


def test_a_tenth_of_training_is_validation_where_none_is_published():
    published = np.array(["train"] * 50 + ["test"] * 50)
    labels = np.repeat([0, 1, 0, 1], 25)
    rows = split("any", labels, published)
    assert [len(part) for part in rows.values()] == [45, 5, 50]
    assert set(rows["train"]) | set(rows["validation"]) == set(range(50))
    assert set(labels[rows["validation"]]) == {0, 1}


def test_a_fifth_of_the_training_images_is_held_out():
    parts = np.array(["train", "test", "train", "train"] * 100)
    labels = np.repeat([0, 1], [100, 300])
    rows = hold_out("any", labels, parts)
    assert [len(part) for part in rows.values()] == [240, 60, 100]
    assert sorted(rows["test"]) == list(range(1, 400, 4))
    assert sorted(np.concatenate(list(rows.values()))) == list(range(400))
    assert [np.bincount(labels[part]).tolist() for part in rows.values()] == [[60, 180], [15, 45], [25, 75]]


def test_the_first_images_of_every_split_have_all_classes():
    labels = np.tile(np.arange(10), 100)
    rows = hold_out("any", labels, np.repeat(["train", "test"], [800, 200]))
    assert all(len(set(labels[part[:30]])) == 10 for part in rows.values())


def test_max_rows_takes_every_split_and_class_in_its_share():
    labels = np.repeat([0, 1], [900, 100])
    rows = split("any", labels, None)
    fewer = at_most(rows, 200)
    assert [len(part) for part in fewer.values()] == [160, 20, 20]
    assert all(set(fewer[name]) <= set(rows[name]) for name in rows)
    assert abs(np.bincount(labels[fewer["train"]])[1] - 16) <= 2
    assert at_most(rows, 1000) is rows and at_most(rows, None) is rows


def test_a_split_of_next_to_nothing_keeps_a_row():
    """As that of SST: its validation part is a hundredth of the whole."""
    published = np.repeat(["train", "validation", "test"], [960, 10, 30])
    fewer = at_most(split("any", np.zeros(1000, int), published), 30)
    assert [len(part) for part in fewer.values()] == [28, 1, 1]


def test_a_rare_class_is_in_each_split_that_has_room_for_it():
    classes = np.repeat([0, 1], [990, 10])
    rows = {"train": np.arange(1000), "validation": np.arange(1000), "test": np.arange(1000)}
    fewer = at_most(rows, 30, classes)
    assert [part.tolist() for part in fewer.values()] == [[*range(9), 990]] * 3
    assert [part.tolist() for part in at_most(rows, 30).values()] == [[*range(10)]] * 3


def test_the_order_is_random():
    orders = {tuple(stratified_order(np.zeros(5, int), np.random.default_rng(seed))) for seed in range(2000)}
    assert len(orders) == 120  # 5!: all of them
