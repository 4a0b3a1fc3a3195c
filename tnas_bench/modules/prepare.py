"""Preparing a module: the folder is complete or it is not there, and its bytes are the same every time."""

import shutil
import tempfile
from pathlib import Path

import numpy as np

from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256
from tnas_bench.modules import CARD, MATRIX, VOCABULARY, Card, registry
from tnas_bench.modules.builders import BUILDERS, Embedding


def prepare(name: str, folder: Path, cache: Path) -> dict:
    """Build the module ``name`` into ``folder`` (replacing what is there) and return its card.

    ``cache`` keeps fetched wheels. A name without a row or without a builder is a :class:`UserError`.
    """
    row = registry.row(name)
    embedding = BUILDERS[row.builder](row, cache)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
            complete = Path(temporary) / folder.name
            card = _write(row, embedding, complete)
            shutil.rmtree(folder, ignore_errors=True)
            complete.rename(folder)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error.strerror}); free space or take another folder") from None
    return card.model_dump()


def _write(row: registry.Row, embedding: Embedding, folder: Path) -> Card:
    tokens, matrix = embedding
    folder.mkdir()
    (folder / VOCABULARY).write_bytes("".join(f"{token}\n" for token in tokens).encode())
    np.save(folder / MATRIX, np.ascontiguousarray(matrix, dtype=np.float32))
    card = _card(row, len(tokens), folder)
    (folder / CARD).write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return card


def _card(row: registry.Row, words: int, folder: Path) -> Card:
    shared = {"name", "dimension", "buckets", "language", "trained", "stand_in", "note"}
    return Card(
        **row.model_dump(include=shared),
        words=words,
        normalisation=row.model_dump(include={"lowercase", "punctuation"}),
        source=row.package or f"random stream 'module', '{row.name}'",
        sha256={"vocabulary": file_sha256(folder / VOCABULARY), "matrix": file_sha256(folder / MATRIX)},
    )
