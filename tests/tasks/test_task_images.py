"""Image tasks on a data set of 120 images in CIFAR-10's format: image number k is all k, its label k modulo 10."""

import gzip
import json

import numpy as np
import pytest

from tnas_bench import tasks
from tnas_bench.config import DataSettings
from tnas_bench.errors import UserError
from tnas_bench.tasks import registry
from tnas_bench.tasks.image_files import LabelledImages
from tnas_bench.tasks.images import prepared
from tnas_bench.tasks.prepare import prepare
from tnas_bench.tasks.sources import Found

LABELS = {
    "one_of_three": {"*": "other", "1": "1, 3 or 8", "3": "1, 3 or 8", "8": "1, 3 or 8"},
    "four": {"*": "other", "2": "bird", "6": "frog", "7": "horse"},
    "parity": {str(label): ("even", "odd")[label % 2] for label in (1, 3, 5, 7, 9, 0, 2, 4, 6, 8)},
    "ten": {str(label): f"name {9 - label}" for label in range(10)},
}
IMAGE = {"kind": "image", "dataset": "pictures", "split": "predefined-train-test"}
# By class from 0 to 9: the published sizes of MNIST's training and test part.
MNIST = (
    [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
)
CIFAR10 = ([5000] * 10, [1000] * 10)


def batch(numbers):
    return b"".join(bytes([number % 10]) + bytes([number]) * 3072 for number in numbers)


@pytest.fixture
def pictures(tables):
    """The tasks of LABELS in a mirror: images 0 to 99 are the training part, in two files."""
    for name, labels in LABELS.items():
        tables.task(name, labels=json.dumps(labels), **IMAGE | {"published_rows": "", "published_classes": ""})
    files = {"a/one.bin": batch(range(50)), "a/two.bin": batch(range(50, 100)), "test.bin": batch(range(100, 120))}
    tables.source("pictures", files, loader="cifar_binary", options='{"test": "test.bin"}')
    tables.source("pictures", {}, form="generated", loader="shapes", options='{"grey": false}', grade="generated")
    return tables


@pytest.fixture
def run(tmp_path, pictures):
    def prepare_pictures(name, sources=("mirror",), folder="out", **options):
        settings = DataSettings(sources=sources, **options)
        return prepare(name, tmp_path / folder, settings, pictures.mirror, cache=tmp_path / "cache")

    return prepare_pictures


def splits(folder):
    task = tasks.load(folder)
    return task.train, task.validation, task.test


def numbers(*parts):
    """The numbers of images, sorted."""
    return sorted(number for part in parts for number in part.inputs[:, 0, 0, 0].tolist())


def test_an_image_task_comes_back_whole(run, tmp_path):
    run("ten")
    task = tasks.load(tmp_path / "out")
    assert (task.name, task.kind, task.dataset) == ("ten", "image", "pictures")
    assert task.classes == tuple(f"name {9 - label}" for label in range(10))  # in the order of its row
    train, validation, test = splits(tmp_path / "out")
    assert numbers(train, validation) == list(range(100)) and numbers(test) == list(range(100, 120))
    for split, each in ((train, 8), (validation, 2), (test, 2)):
        assert split.inputs.shape == (10 * each, 3, 32, 32) and split.inputs.dtype == np.uint8
        assert (split.inputs == split.inputs[:, :1, :1, :1]).all()
        assert (split.inputs[:, 0, 0, 0] % 10 == split.labels).all() and split.labels.dtype == np.int64
        assert np.bincount(split.labels).tolist() == [each] * 10


def test_others_are_the_first_in_the_order_of_the_files_as_many_as_are_not_others(run, tmp_path):
    card = run("one_of_three")
    train, validation, test = splits(tmp_path / "out")
    others = [number for number in range(120) if number % 10 not in {1, 3, 8}]
    marked = [number for number in range(120) if number % 10 in {1, 3, 8}]
    assert numbers(train, validation) == sorted(others[:30] + marked[:30])
    assert numbers(test) == sorted(others[70:76] + marked[30:])
    for split, each in ((train, 24), (validation, 6), (test, 6)):
        assert np.bincount(split.labels).tolist() == [each, each]
        assert (np.isin(split.inputs[:, 0, 0, 0] % 10, [1, 3, 8]) == split.labels).all()
    assert card["rows"] == {"train": 48, "validation": 12, "test": 12, "total": 72, "dropped": 48}
    assert (card["balanced"], card["dataset"], card["grade"]) == (True, "pictures", "exact")


def test_others_are_as_many_as_each_of_three_classes(run, tmp_path):
    card = run("four")
    assert card["classes"] == ["other", "bird", "frog", "horse"]
    assert [np.bincount(split.labels).tolist() for split in splits(tmp_path / "out")] == [[8] * 4, [2] * 4, [2] * 4]


def test_without_balance_all_others_stay(run, tmp_path):
    card = run("four", balanced=False)
    assert [np.bincount(split.labels)[0] for split in splits(tmp_path / "out")] == [56, 14, 14]
    assert (card["rows"]["dropped"], card["balanced"]) == (0, False)


def test_classes_that_a_task_names_are_never_cut(run, tmp_path):
    assert run("parity")["classes"] == ["odd", "even"]
    assert numbers(*splits(tmp_path / "out")) == list(range(120))


def test_max_images_are_some_of_every_split_and_class(run, tmp_path):
    run("ten", folder="all")
    card = run("ten", folder="some", max_images=60)
    assert card["rows"] == {"train": 40, "validation": 10, "test": 10, "total": 60, "dropped": 0}
    assert (card["grade"], card["max_images"]) == ("subset", 60)
    assert card["differences"] == ["drawn from it: 60 of 120 rows"]
    for all_of, some in zip(splits(tmp_path / "all"), splits(tmp_path / "some"), strict=True):
        assert set(numbers(some)) < set(numbers(all_of)) and len(set(some.labels)) == 10


def test_twice_prepared_gives_the_same_bytes(run, tmp_path):
    run("four", folder="once")
    run("four", folder="again")
    for file in (tmp_path / "once").iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes()


def test_a_class_without_images_is_named(tmp_path, tables):
    tables.task("four", **IMAGE, labels=json.dumps(LABELS["four"]))
    files = {"one.bin": batch(n for n in range(100) if n % 10 != 6), "test.bin": batch(range(100, 120))}
    tables.source("pictures", files, loader="cifar_binary", options='{"test": "test.bin"}')
    with pytest.raises(UserError, match=r"^four: class 'frog' has no train image; raise max_images, or give complete"):
        prepare("four", tmp_path / "out", DataSettings(sources=["mirror"]), tables.mirror, cache=tmp_path)


def test_a_label_of_no_class_is_named(tmp_path, tables):
    tables.task("ten", **IMAGE, labels=json.dumps(LABELS["ten"]))
    files = {"one.bin": batch(range(100)), "test.bin": bytes([10]) + batch(range(100, 120))[1:]}
    tables.source("pictures", files, loader="cifar_binary", options='{"test": "test.bin"}')
    with pytest.raises(UserError, match=r"^ten: its raw files have label 10, which no class has; replace them"):
        prepare("ten", tmp_path / "out", DataSettings(sources=["mirror"]), tables.mirror, cache=tmp_path)


def test_too_few_images_for_all_classes(run):
    with pytest.raises(UserError, match=r"^ten: class 'name \d' has no (validation|test) image; raise max_images"):
        run("ten", max_images=30)


def test_a_truncated_file_is_refused_by_name_and_never_passed_over(run, pictures):
    path = pictures.mirror / "raw" / "pictures" / "a" / "two.bin"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UserError, match=r"a/two\.bin: wrong checksum .*; replace or remove the file"):
        run("ten", sources=("mirror", "generated"))


def test_generated_images_are_labelled_so(run, tmp_path):
    card = run("four", sources=("package", "generated"))
    assert (card["grade"], card["via"], card["licence"]) == ("generated", "generated", "")
    assert card["rows"] == {"train": 640, "validation": 160, "test": 200, "total": 1000, "dropped": 1500}
    assert card["passed_over"] == ["package: none is known for this task"]


@pytest.fixture
def packed(tables):
    """A text task whose file is a gzip."""
    tables.task("weather", published_rows="")
    tables.source("weather", {"weather.csv.gz": gzip.compress(b"tweet,mood\n" + b"a,good\nb,bad\n" * 30)})
    return tables.mirror / "raw" / "weather" / "weather.csv.gz"


def test_a_gzip_is_known_by_its_content(packed, tmp_path, tables):
    content = gzip.decompress(packed.read_bytes())
    packed.write_bytes(gzip.compress(content, compresslevel=1, mtime=1))
    settings = DataSettings(sources=["mirror"])
    assert prepare("weather", tmp_path / "out", settings, tables.mirror, cache=tmp_path)["rows"]["total"] == 60
    packed.write_bytes(gzip.compress(content + b"c,good\n"))
    with pytest.raises(UserError, match=r"weather\.csv\.gz: wrong checksum"):
        prepare("weather", tmp_path / "out", settings, tables.mirror, cache=tmp_path)


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: b"no gzip", lambda data: data[:20] + b"x" * 9])
def test_a_damaged_gzip_is_named(packed, tmp_path, tables, damage):
    packed.write_bytes(damage(packed.read_bytes()))
    with pytest.raises(UserError, match=r"weather\.csv\.gz: not a whole gzip file; replace or remove the file$"):
        prepare("weather", tmp_path / "out", DataSettings(sources=["mirror"]), tables.mirror, cache=tmp_path)


@pytest.mark.parametrize(
    ("name", "sizes", "train", "test"),  # train with validation
    [
        ("task0", MNIST, [5923] * 2, [980] * 2),
        ("task1", MNIST, [5918] * 2, [958] * 2),
        ("task2", MNIST, [30508, 29492], [5074, 4926]),
        ("task3", MNIST, *MNIST),
        ("task4", CIFAR10, [15000] * 2, [3000] * 2),
        ("task5", CIFAR10, [15000] * 2, [3000] * 2),
        ("task6", CIFAR10, [5000] * 4, [1000] * 4),
        ("task7", CIFAR10, *CIFAR10),
    ],
)
def test_the_eight_tasks_have_the_sizes_of_the_authors_code(name, sizes, train, test):
    stored = np.concatenate([np.repeat(np.arange(10), part) for part in sizes])
    raw = LabelledImages(stored[:, np.newaxis], stored, np.repeat(["train", "test"], [sum(part) for part in sizes]))
    task = registry.task_row(name)
    found = Found(registry.sources(task)[0], "mirror", {}, [])
    made, card = prepared(task, found, raw, DataSettings(sources=["mirror"]))
    counts = {split: np.bincount(made[split].labels) for split in made}
    assert (counts["train"] + counts["validation"]).tolist() == train and counts["test"].tolist() == test
    assert np.abs(counts["validation"] - np.array(train) / 5).max() <= 1
    assert card["grade"] == "exact" and len(card["differences"]) == (name in {"task0", "task1"})


@pytest.mark.parametrize(
    ("name", "positive"),
    [
        ("task0", {1: [0]}),
        ("task1", {1: [6]}),
        ("task2", {1: [0, 2, 4, 6, 8]}),
        ("task4", {1: [1, 3, 8]}),
        ("task5", {1: [3, 8, 9]}),
        ("task6", {1: [2], 2: [6], 3: [7]}),
        ("task7", {label: [label] for label in range(10)}),
    ],
)
def test_class_numbers_are_those_of_the_authors_code(name, positive):
    stored = np.tile(np.arange(10), 20)
    raw = LabelledImages(stored[:, np.newaxis], stored, np.repeat(["train", "test"], 100))
    task = registry.task_row(name)
    made, _ = prepared(task, Found(registry.sources(task)[0], "mirror", {}, []), raw, DataSettings(sources=["mirror"]))
    number = {label: number for number, labels in positive.items() for label in labels}
    for split in made.values():
        assert split.labels.tolist() == [number.get(label, 0) for label in split.inputs[:, 0].tolist()]
