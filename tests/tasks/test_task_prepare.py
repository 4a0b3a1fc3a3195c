import json
import logging
import os
import shutil

import numpy as np
import pandas as pd
import pytest

from tnas_bench import tasks
from tnas_bench.config import DataSettings
from tnas_bench.errors import UserError
from tnas_bench.tasks import cards, store
from tnas_bench.tasks.cards import differences
from tnas_bench.tasks.prepare import prepare
from tnas_bench.tasks.registry import Published

MIRROR = DataSettings(sources=["mirror"])


@pytest.fixture
def run(tmp_path, weather_task):
    def prepare_weather(sources=("mirror",), mirror=weather_task.mirror, folder="weather", **options):
        settings = DataSettings(sources=sources, **options)
        return prepare("weather", tmp_path / folder, settings, mirror, cache=tmp_path / "cache")

    return prepare_weather


def raw_file(tables):
    return tables.mirror / "raw" / "weather" / "weather.csv"


def test_a_task_comes_back_whole(run, tmp_path):
    run()
    task = tasks.load(tmp_path / "weather")
    assert (task.name, task.kind, task.dataset) == ("weather", "text", "weather")
    assert task.classes == ("rainy", "sunny")
    assert [len(split) for split in (task.train, task.validation, task.test)] == [80, 10, 10]
    texts = [text for split in (task.train, task.validation, task.test) for text in split.inputs]
    assert set(texts) == {f"day {row}, and all is well" for row in range(100)}
    for split in (task.train, task.validation, task.test):
        assert split.labels.dtype == np.int64
        days = [int(text.split(",")[0].removeprefix("day ")) for text in split.inputs]
        assert split.labels.tolist() == [int(day < 75) for day in days]  # sunny is class 1


def test_the_card(run, tmp_path, weather_task):
    card = run()
    assert card == tasks.card(tmp_path / "weather")
    assert card["rows"] == {"train": 80, "validation": 10, "test": 10, "total": 100, "dropped": 0}
    assert (card["grade"], card["via"], card["split"], card["differences"]) == ("exact", "mirror", "random", [])
    assert card["mean_characters"] == 22.9  # 21 of "day , and all is well", and 1 or 2 digits
    (file,) = card["files"]
    assert file["name"] == "weather.csv" and file["bytes"] == os.path.getsize(raw_file(weather_task))
    assert card["citation"] == "Sun and Rain (1998). The weather. Almanac."
    assert str(tmp_path) not in json.dumps(card)


def test_twice_prepared_gives_the_same_bytes(run, tmp_path):
    run(folder="weather")
    run(folder="again")
    for name in ("train.parquet", "validation.parquet", "test.parquet", "card.json"):
        assert (tmp_path / "weather" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_parquet_holds_strings_and_small_integers(run, tmp_path):
    run()
    frame = pd.read_parquet(tmp_path / "weather" / "test.parquet", engine="pyarrow", dtype_backend="pyarrow")
    assert frame.dtypes.astype(str).to_dict() == {"text": "string[pyarrow]", "label": "int32[pyarrow]"}


def test_blank_and_unlabelled_rows_are_dropped_and_counted(tmp_path, tables, weather_csv):
    tables.task("weather", published_rows="101")
    content = weather_csv() + '100,sunny,"  "\n101,,a text\n102,unsure,a text\n'
    tables.source("weather", {"weather.csv": content.encode()}, labels='{"sunny": "good", "rainy": "bad"}')
    card = prepare("weather", tmp_path / "weather", MIRROR, tables.mirror, cache=tmp_path)
    assert card["rows"]["total"] == 100 and card["rows"]["dropped"] == 3 and card["classes"] == ["bad", "good"]
    assert card["differences"] == []  # the blank text counts among the published 101


def test_published_splits(tmp_path, tables):
    tables.task("weather", split="predefined", published_rows="")
    tables.source(
        "weather",
        {name: b"0 rain\n1 sun\n" * rows for name, rows in (("a", 20), ("b", 3), ("c", 7))},
        loader="labelled_lines",
        options=json.dumps({"separator": " ", "splits": {"a": "train", "b": "validation", "c": "test"}}),
    )
    card = prepare("weather", tmp_path / "weather", MIRROR, tables.mirror, cache=tmp_path)
    assert card["rows"] == {"train": 40, "validation": 6, "test": 14, "total": 60, "dropped": 0}
    assert card["split"] == "predefined" and card["differences"] == []


def test_max_rows_are_some_of_all(run, tmp_path):
    run(folder="all")
    card = run(folder="some", max_rows=50)
    assert card["rows"]["total"] == 50 and card["rows_available"] == 100 and card["max_rows"] == 50
    assert card["differences"] == ["drawn from it: 50 of 100 rows"] and card["grade"] == "subset"
    assert card["mean_characters"] == 22.9
    everything, some = tasks.load(tmp_path / "all"), tasks.load(tmp_path / "some")
    assert set(some.test.inputs) < set(everything.test.inputs)


def test_a_wrong_checksum_is_never_passed_over(run, tmp_path, weather_task):
    raw_file(weather_task).write_text("changed")
    with pytest.raises(UserError, match=r"weather.csv: wrong checksum .*; replace or remove the file"):
        run(sources=("mirror", "generated"))
    assert not (tmp_path / "weather").exists()


def test_without_a_source_the_error_names_files_hashes_and_place(run, tmp_path):
    with pytest.raises(UserError) as error:
        run(mirror=tmp_path / "nowhere")
    message = str(error.value)
    assert "weather.csv (sha256 " in message and f"{tmp_path}/nowhere/raw/weather/" in message and "\n" not in message
    with pytest.raises(UserError, match="TNAS_DATA_MIRROR"):
        run(mirror=None)


def test_passing_over_a_source_is_said_aloud(run, caplog):
    with caplog.at_level(logging.WARNING):
        card = run(sources=("mirror", "package", "generated"), mirror=None)
    assert card["grade"] == "generated" and card["classes"] == ["class 1", "class 2"]
    assert card["citation"] == card["licence"] == ""  # generated texts are nobody's
    assert [reason.split(":")[0] for reason in card["passed_over"]] == ["mirror", "package"]
    assert all(reason in caplog.text for reason in card["passed_over"])
    assert card["differences"] == ["rows: 400 here, 100 published"]


def test_an_unknown_task(tmp_path, weather_task):
    with pytest.raises(UserError, match="unknown task 'wether': take one of weather"):
        prepare("wether", tmp_path / "wether", MIRROR, None, cache=tmp_path)


def test_a_failure_leaves_the_old_and_nothing_half_written(run, tmp_path, monkeypatch):
    before = run()["sha256"]
    parent = sorted(path.name for path in tmp_path.iterdir())

    def full(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.json, "dumps", full)
    with pytest.raises(UserError, match=r"cannot be written \(No space left on device\)"):
        run(max_rows=50)
    assert sorted(path.name for path in tmp_path.iterdir()) == parent
    assert tasks.card(tmp_path / "weather")["sha256"] == before
    assert len(tasks.load(tmp_path / "weather").train) == 80


def test_what_a_killed_process_left_is_put_back_or_removed(run, tmp_path, monkeypatch):
    run()
    before = (tmp_path / "weather" / "train.parquet").read_bytes()
    aside = tmp_path / ".weather.unfinished"
    (aside / "new").mkdir(parents=True)
    (tmp_path / "weather").rename(aside / "old")  # killed when the old was away, and the new not yet there

    def fail(*_):
        raise UserError("no")

    with monkeypatch.context() as patch, pytest.raises(UserError, match="no"):
        patch.setattr(store, "_write_split", fail)
        run()
    assert (tmp_path / "weather" / "train.parquet").read_bytes() == before and not aside.exists()


def test_what_stood_in_the_folder_is_replaced(run, tmp_path):
    (tmp_path / "weather").mkdir()
    (tmp_path / "weather" / "old.txt").write_text("old")
    run()
    names = sorted(path.name for path in (tmp_path / "weather").iterdir())
    assert names == ["card.json", "test.parquet", "train.parquet", "validation.parquet"]


def test_a_task_that_is_not_prepared_names_the_command(tmp_path):
    with pytest.raises(UserError, match="airline: no prepared task; run: tnas-bench data get airline --scale"):
        tasks.load(tmp_path / "airline")


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"PAR1")])
def test_a_damaged_split_names_the_command(run, tmp_path, damage):
    run()
    damage(tmp_path / "weather" / "test.parquet")
    with pytest.raises(
        UserError, match=r"test\.parquet: missing or damaged; run again: tnas-bench data get weather --scale"
    ):
        tasks.load(tmp_path / "weather")


def test_a_prepared_task_can_be_moved(run, tmp_path):
    run()
    shutil.move(tmp_path / "weather", tmp_path / "elsewhere")
    assert tasks.load(tmp_path / "elsewhere").name == "weather"


@pytest.mark.parametrize(
    ("rows", "classes", "mean", "expected"),
    [
        (1000, 3, 200.0, []),
        (1000, 3, 202.0, []),
        (1000, 3, 202.1, ["mean characters: 202.1 here, 200 published"]),
        (999, 2, 200.0, ["rows: 999 here, 1,000 published", "classes: 2 here, 3 published"]),
    ],
)
def test_differences(rows, classes, mean, expected):
    assert differences(Published(1000, 3, 200.0, "verified"), rows, classes, mean) == expected
    assert differences(Published(), rows, classes, mean) == []


def test_differences_from_a_number_that_is_only_remembered():
    assert differences(Published(10, 2, 19.0, "memory"), 9, 2, 18.6) == ["rows: 9 here, 10 published (from memory)"]


def test_repeats_and_the_most_frequent_class_by_hand():
    """b and c stand in two splits; the most frequent class of training, 1, is that of one test example of four."""
    found = cards.repeats({"train": {"a", "b", "c"}, "validation": {"b", "x"}, "test": {"b", "c", "y"}})
    assert found == {"in_train": {"validation": 1, "test": 2}}
    numbers = np.array([1, 1, 0, 0, 0, 1, 2])
    rows = {"train": np.array([0, 1, 2]), "validation": np.array([]), "test": np.array([3, 4, 5, 6])}
    assert cards.majority(numbers, rows) == {"majority_accuracy": 0.25}
