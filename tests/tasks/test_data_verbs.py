"""``tnas-bench data``: what can be had, having it, and whether it is whole."""

import pytest
from typer.testing import CliRunner

from tnas_bench import modules
from tnas_bench.cli_data import app
from tnas_bench.errors import UserError
from tnas_bench.modules.prepare import prepare as prepare_module


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("TNAS_DATA_MIRROR", "TNAS_SCALE"):
        monkeypatch.delenv(name, raising=False)


def data(*arguments):
    """What a verb prints, and the mistake that it ends with."""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exception is None or isinstance(done.exception, UserError), done.exception
    return done.stdout, str(done.exception or "")


@pytest.fixture
def three(weather_task, weather_csv):
    """``weather`` lies in the mirror, ``waves`` is lost, ``winds`` has another file than it should."""
    for name in ("waves", "winds"):
        weather_task.task(name)
        weather_task.source(name, {f"{name}.csv": weather_csv(40).encode()})
    (weather_task.mirror / "raw/waves/waves.csv").unlink()
    (weather_task.mirror / "raw/winds/winds.csv").write_bytes(b"other")
    return weather_task


def test_all_that_can_be_had_is_had_and_the_rest_is_listed_at_the_end(three):
    told, mistake = data("get", "--all", "--mirror", three.mirror, "--from", "mirror")
    assert "data/tasks/full/weather: 100 rows, 2 classes, exact (mirror)" in told
    first, *rest = mistake.split("\n")
    assert first == "2 of 3 could not be had:" and len(rest) == 2
    assert "waves: no source serves (mirror: waves.csv is not there)" in rest[0] and "wrong checksum" in rest[1]


def test_one_task_is_told_its_own_mistake(three):
    assert data("get", "waves", "--from", "mirror", "--mirror", three.mirror)[1].startswith("waves: no source serves")
    assert data("get", "weather", "--from", "mirror", "--mirror", "nowhere")[1].startswith("nowhere: no such folder")
    assert data("get")[1] == data("get", "weather", "--all")[1] == "give the tasks that you want, or --all"
    assert data("get", "weather", "--from", "cloud")[1].startswith("sources cloud: sources.0: should be 'mirror'")


def row(told, task):
    return next(line for line in told.splitlines() if line.startswith(task)).split()


def test_status_tells_what_is_prepared_and_from_where_the_rest_could_be_had(three, weather_csv):
    three.file("waves", "waves.csv", weather_csv(40).encode(), addresses="http://127.0.0.1:9/waves.csv")
    three.source("winds", {"winds-1.0.whl": b""}, form="package", package="winds==1.0", grade="subset", note="part")
    data("get", "weather", "--mirror", three.mirror, "--from", "mirror")
    told, _ = data("status", "--mirror", three.mirror)
    assert row(told, "weather") == ["weather", "mirror", "100", "100", "exact", "exact", "–", "–", "–"]
    assert row(told, "waves") == ["waves", "no", "100", "(exact)", "–", "–", "exact", "*"]
    assert row(told, "winds") == ["winds", "no", "100", "exact", "subset", "*", "–", "–"]
    assert row(data("status")[0], "weather")[5:] == ["(exact)", "–", "–", "–"]


def test_status_knows_what_was_had_from_a_way_that_the_scale_does_not_take(three, weather_csv):
    data("get", "weather", "--from", "generated")  # lies in the scale's own folder, not with the publishers' files
    assert row(data("status")[0], "weather")[:5] == ["weather", "generated", "400", "100", "generated"]


def test_check_compares_all_that_is_prepared(three, tmp_path):
    assert data("check")[1].startswith("nothing is prepared below data/")
    data("get", "weather", "--mirror", three.mirror, "--from", "mirror")
    prepare_module("generated-dim16", tmp_path / "data/modules/generated-dim16", tmp_path)
    told, mistake = data("check")
    assert "data/modules/generated-dim16: whole\ndata/tasks/full/weather: whole" in told and not mistake
    with (tmp_path / "data/tasks/full/weather/test.parquet").open("ab") as file:
        file.write(b"!")
    (tmp_path / "data/modules/generated-dim16" / modules.VOCABULARY).write_text("another\n")
    _, mistake = data("check")
    assert mistake.startswith("2 of 2 are not whole:")
    assert "test.parquet: missing or damaged" in mistake and "vocabulary.txt is not that of the card" in mistake
