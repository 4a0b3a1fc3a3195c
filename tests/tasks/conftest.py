"""A registry of our own: small tasks, their files in a mirror made by hand."""

import csv
import gzip
import hashlib
import json

import pytest

from tnas_bench.tasks import registry

TASK = {
    "title": "Weather",
    "role": "transfer",
    "kind": "text",
    "language": "en",
    "split": "random",
    "labels": "",
    "published_rows": "100",
    "published_classes": "2",
    "published_mean_characters": "",
    "published_sure": "verified",
    "licence": "free",
    "publisher": "us",
}
SOURCE = {
    "package": "",
    "loader": "table",
    "options": json.dumps({"text": "tweet", "label": "mood"}),
    "labels": "",
    "grade": "exact",
    "note": "",
}


class Registry:
    """Writes the two tables; files go where a mirror has them."""

    def __init__(self, folder):
        self.folder, self.mirror, self.tasks, self.sources = folder, folder / "mirror", [], []

    def task(self, name, **changes):
        self.tasks.append({"name": name, "dataset": name} | TASK | changes)
        self._write("tasks.tsv", self.tasks)

    def source(self, dataset, files, via="mirror", **changes):
        """A source of files given by their bytes, which a mirror then holds."""
        if via == "mirror":
            for name, content in files.items():
                path = self.mirror / "raw" / dataset / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        unpacked = [gzip.decompress(data) if name.endswith(".gz") else data for name, data in files.items()]
        hashes = ";".join(hashlib.sha256(content).hexdigest() for content in unpacked)
        row = {"dataset": dataset, "via": via, "files": ";".join(files), "sha256": hashes} | SOURCE | changes
        self.sources.append(row)
        self._write("sources.tsv", self.sources)

    def _write(self, name, rows):
        with (self.folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None)
            writer.writeheader()
            writer.writerows(rows)


def weather(rows=100):
    """A CSV of so many tweets, sorted by label: three quarters of them are sunny."""
    sunny = rows * 3 // 4
    return "id,mood,tweet\n" + "".join(
        f'{row},{"sunny" if row < sunny else "rainy"},"day {row}, and all is well"\n' for row in range(rows)
    )


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """An empty registry in place of the real one."""
    folder = tmp_path / "tables"
    folder.mkdir()
    monkeypatch.setattr(registry, "TABLES", folder)
    return Registry(folder)


@pytest.fixture
def weather_csv():
    return weather


@pytest.fixture
def weather_task(tables):
    """The task ``weather``: 100 tweets in a mirror."""
    tables.task("weather")
    tables.source("weather", {"weather.csv": weather().encode()})
    return tables
