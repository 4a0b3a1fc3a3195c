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
CITATION = {
    "authors": "Sun and Rain",
    "year": "1998",
    "title": "The weather",
    "venue": "Almanac",
    "sure": "verified",
}
SOURCE = {
    "package": "",
    "loader": "table",
    "options": json.dumps({"text": "tweet", "label": "mood"}),
    "labels": "",
    "grade": "exact",
    "note": "",
}


FILE = dict.fromkeys(("dataset", "file", "sha256", "bytes", "inside", "addresses", "verified"), "")


class Registry:
    """Writes the tables; files go where a mirror has them."""

    def __init__(self, folder):
        self.folder, self.mirror = folder, folder / "mirror"
        self.tasks, self.sources, self.files = [], [], []

    def task(self, name, **changes):
        self.tasks.append({"name": name, "dataset": name} | TASK | changes)
        self._write("tasks.tsv", self.tasks)
        self._write(
            "citations.tsv", [{"dataset": dataset} | CITATION for dataset in {each["dataset"] for each in self.tasks}]
        )

    def source(self, dataset, files, form="files", **changes):
        """A source of files given by their bytes, which a mirror then holds."""
        for name, content in files.items():
            self.file(dataset, name, content)
            if form == "files":
                path = self.mirror / "raw" / dataset / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        self._write("files.tsv", self.files or [dict.fromkeys(FILE, "")])
        self.sources.append({"dataset": dataset, "form": form, "files": ";".join(files)} | SOURCE | changes)
        self._write("sources.tsv", self.sources)

    def file(self, dataset, name, content, **changes):
        """A file, known by its bytes; ``changes`` replace cells of its row."""
        inner = gzip.decompress(content) if name.endswith(".gz") and not name.endswith(".tar.gz") else content
        row = FILE | {"dataset": dataset, "file": name, "sha256": hashlib.sha256(inner).hexdigest()} | changes
        self.files = [each for each in self.files if (each["dataset"], each["file"]) != (dataset, name)]
        self.files.append(row)
        self._write("files.tsv", self.files)

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
