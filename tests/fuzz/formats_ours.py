"""The formats that this suite writes, each a small valid file and what reads it again.

Where a hash beside it tells damage at once, the hash is mended before it is read: whoever changes a file can do that.
"""

import hashlib
import json
import tempfile
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from formats import Format, npy, tarred, zipped
from table_made import made

from tnas_bench import modules, tasks, wheels
from tnas_bench.config import CONFIG, load_scale
from tnas_bench.exhibits import EXHIBITS
from tnas_bench.exhibits.files import read_table
from tnas_bench.journal import Trial, chain, journal_bytes, read_journal, steps
from tnas_bench.journal.sealed import date, read_sealed, seal
from tnas_bench.journal.writer import Journal, read_seconds
from tnas_bench.modules import image
from tnas_bench.modules.image.module import ImageModule, save_weights
from tnas_bench.modules.registry import rows as module_rows
from tnas_bench.networks import NETWORKS, make, weights
from tnas_bench.tabular.files import read as read_tabular
from tnas_bench.tasks import archives, registry, store
from tnas_bench.tasks.prepare import prepare_csv

HEADER = {"name": "made/study", "tasks": ["t"], "seed": 0, "round_size": 1, "settings": {}}
TRIALS = [Trial(number, number, "t", (0, number), 7, 0.5, 0.5, 0.25) for number in range(3)]


class Count:
    """Work of three steps."""

    steps, place = 3, 0

    def step(self, number):
        if number == 2:
            raise KeyboardInterrupt
        self.place += 1
        return {"place": self.place}

    def state(self):
        return {"place": self.place}

    def restore(self, state):
        self.place = state["place"]


def written(write):
    """The files that ``write`` leaves in a folder."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "made"
        folder.mkdir()
        write(folder)
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def mending(name, key, read):
    """Reads a sealed folder whose card names the damaged file by its hash."""

    def mended(folder):
        card = json.loads((folder / "runcard.json").read_bytes())
        (folder / "runcard.json").write_text(json.dumps(card | {key: sha256(folder / name)}))
        return read(folder)

    return mended


def task():
    split = tasks.Split(("one text", "another"), np.array([0, 1]))
    facts = {"task": "t", "kind": "text", "dataset": "t", "classes": ["a", "b"]}
    return written(lambda folder: store.write(folder, dict.fromkeys(("train", "validation", "test"), split), facts))


def read_split(folder):
    path = folder / "train.parquet"
    return tasks._split(path, sha256(path))


def module():
    card = modules.Card(
        name="m",
        dimension=2,
        words=2,
        buckets=1,
        language="en",
        trained=False,
        stand_in=True,
        note="",
        source="",
        normalisation={"lowercase": True, "punctuation": "space"},
        sha256={"vocabulary": "", "matrix": ""},
    )
    files = {"card.json": card.model_dump_json().encode(), "vocabulary.txt": b"one\ntwo\n"}
    return files | {"matrix.npy": npy(np.zeros((3, 2), np.float32))}


def image_module():
    def write(folder):
        save_weights({"a": torch.zeros(2), "b": torch.ones(1)}, folder / image.WEIGHTS)
        facts = {"name": "m", "network": "efficientnet_lite0", "dimension": 2, "side": 32, "note": "", "source": ""}
        colours = {"mean": (0, 0, 0), "deviation": (1, 1, 1), "trained": False, "stand_in": True}
        card = image.Card(**facts, **colours, sha256={"weights": sha256(folder / image.WEIGHTS)})
        (folder / image.CARD).write_text(card.model_dump_json())

    return written(write)


def read_image_module(folder):
    path = folder / image.CARD
    card = json.loads(path.read_bytes())
    path.write_text(json.dumps(card | {"sha256": {"weights": sha256(folder / image.WEIGHTS)}}))
    return ImageModule.load(folder, torch.device("cpu"))


def half_done():
    def write(folder):
        try:
            steps.run(Count(), {"name": "made"}, folder)
        except KeyboardInterrupt:
            (folder / "writer.lock").unlink(missing_ok=True)

    return written(write)


class Resumed(Count):
    def step(self, number):
        return {"place": number + 1}


def finish(folder):
    steps.run(Resumed(), {"name": "made"}, folder)


def pending():
    first = chain.link(chain.START, HEADER)
    group = {"trials": [asdict(TRIALS[2])], "seconds": [1.0]}
    times = b"".join(chain.encode({"trial": number, "seconds": 1.0}) for number in range(2))
    journal = {"journal.jsonl": journal_bytes(HEADER, TRIALS[:2]), "timings.jsonl": times}
    return journal | {"pending/trial000002.json": chain.link(first, group)}


def tabular():
    table = made("sms_spam")
    rows = pa.Table.from_pandas(table.rows).replace_schema_metadata({"description": json.dumps(table.description)})
    return written(lambda folder: pq.write_table(rows, folder / "table.parquet"))


def registry_tables():
    return {path.name: path.read_bytes() for path in registry.TABLES.glob("*.tsv")}


def read_registry(folder):
    """All that the tables of tasks say, from copies of them."""
    before, registry.TABLES = registry.TABLES, folder
    try:
        return [registry.sources(row) for row in registry.task_rows()]
    finally:
        registry.TABLES = before


@contextmanager
def small_network():
    """A network of a few weights among those that are known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(NETWORKS, "small", lambda features: torch.nn.Linear(3, features))
        yield


def network():
    with small_network():
        return written(lambda folder: weights.save(make("small", 2, "made"), folder))


def read_network(folder):
    with small_network():
        return weights.load("small", 2, folder, sha256(folder / weights.FILE))


@cache
def ours():
    """The formats by name."""
    sealed = written(lambda folder: seal(folder, HEADER, TRIALS, {"hash": "h", "seconds": 1.0}))
    stepped = written(lambda folder: steps.run(Resumed(), {"name": "made"}, folder))
    half, registered, text_task, words = half_done(), registry_tables(), task(), module()
    csv = b"text,label\n" + b"fine,a\nbad,b\n" * 20
    fig2 = b"task,title,label\nsst,SST,tiny\n"
    tiny = (CONFIG / "tiny.yaml").read_bytes()
    return {
        "task card": Format(text_task, "card.json", tasks.load),
        "task split": Format(text_task, "train.parquet", read_split),
        "module card": Format(words, "card.json", modules.Module.load),
        "module vocabulary": Format(words, "vocabulary.txt", modules.Module.load),
        "module matrix": Format(words, "matrix.npy", modules.Module.load),
        "image module card": Format(image_module(), image.CARD, lambda folder: image.card(folder)),
        "image module weights": Format(image_module(), image.WEIGHTS, read_image_module),
        "run card": Format(sealed, "runcard.json", read_sealed),
        "run card, its date": Format(sealed, "runcard.json", date),
        "sealed trials": Format(sealed, "trials.parquet", mending("trials.parquet", "trials_sha256", read_sealed)),
        "sealed steps": Format(stepped, "steps.parquet", mending("steps.parquet", "steps_sha256", steps.read_steps)),
        "sealed steps, resumed": Format(stepped, "runcard.json", finish),
        "journal of steps": Format(half, "journal.jsonl", finish),
        "checkpoint": Format(half, "checkpoint.pt", finish),
        "journal": Format(pending(), "journal.jsonl", lambda folder: read_journal(folder / "journal.jsonl")),
        "journal, to write": Format(pending(), "journal.jsonl", lambda folder: Journal(folder, HEADER)),
        "pending": Format(pending(), "pending/trial000002.json", lambda folder: Journal(folder, HEADER)),
        "timings": Format(pending(), "timings.jsonl", lambda folder: read_seconds(folder / "timings.jsonl", "trial")),
        "network weights": Format(network(), weights.FILE, read_network),
        "table": Format(tabular(), "table.parquet", lambda folder: read_tabular(folder / "table.parquet")),
        "exhibit": Format({"tables/tnaml_fig2.csv": fig2}, "tables/tnaml_fig2.csv", read_exhibit),
        "scale": Format({"mine.yaml": tiny}, "mine.yaml", lambda folder: load_scale(str(folder / "mine.yaml"))),
        "own csv": Format({"a.csv": csv}, "a.csv", lambda f: prepare_csv(f / "a.csv", "text", "label", f / "a")),
        "tasks.tsv": Format(registered, "tasks.tsv", read_registry),
        "sources.tsv": Format(registered, "sources.tsv", read_registry),
        "files.tsv": Format(registered, "files.tsv", read_registry),
        "modules.tsv": Format(registered, "modules.tsv", lambda folder: module_rows(folder / "modules.tsv")),
        "wheel": Format({"a.whl": zipped({"x": b"y" * 99})}, "a.whl", lambda f: wheels.member(f / "a.whl", "x")),
        "hub archive": Format({"m.tar.gz": tarred({"saved_model.pb": b"x" * 99})}, "m.tar.gz", unpacked),
        "packed file": Format({"a.zip": zipped({"x/y": b"z" * 99})}, "a.zip", taken),
    }


def read_exhibit(folder):
    return read_table(EXHIBITS["tnaml_fig2"], folder)


def unpacked(folder):
    archives.sha256(folder / "m.tar.gz")
    archives.extract(folder / "m.tar.gz", folder / "model")


def taken(folder):
    archives.unpack(folder / "a.zip", {"x/y": folder / "taken"})
