"""Preparing a module: the folder is complete or it is not there, and its bytes are the same every time."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tnas_bench.hashes import file_sha256
from tnas_bench.modules import CARD, MATRIX, VOCABULARY, Card, EncoderCard, registry
from tnas_bench.modules.builders import BUILDERS
from tnas_bench.modules.embedding import Embedding, Materials
from tnas_bench.tasks.store import replacing

NO_TASKS: Mapping[str, Path] = {}


def prepare(
    name: str, folder: Path, cache: Path, mirror: Path | None = None, tasks: Mapping[str, Path] = NO_TASKS
) -> dict:
    """Build the module ``name`` into ``folder`` (replacing what is there) and return its card.

    ``cache`` keeps fetched wheels, ``mirror`` has the publishers' files, ``tasks`` are folders of prepared tasks, by
    name, for a module that is trained on them. Raises UserError for an unknown name, and for what a builder lacks.
    """
    row = registry.row(name)
    built = BUILDERS[row.builder](row, Materials(cache, mirror, tasks))
    with replacing(folder) as new:
        card = write(row, built, new)
    return card.model_dump()


def write(row: registry.Row, built: Embedding | EncoderCard, folder: Path) -> Card | EncoderCard:
    """Write what a builder gave into a folder that is there; its card."""
    card = built if isinstance(built, EncoderCard) else _write_table(row, built, folder)
    (folder / CARD).write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return card


def _write_table(row: registry.Row, embedding: Embedding, folder: Path) -> Card:
    """Write vocabulary and matrix; their card."""
    (folder / VOCABULARY).write_bytes("".join(f"{token}\n" for token in embedding.tokens).encode())
    np.save(folder / MATRIX, np.ascontiguousarray(embedding.matrix, dtype=np.float32))
    shared = {"name", "dimension", "language", "trained", "stand_in", "note"}
    return Card(
        **row.model_dump(include=shared),
        words=len(embedding.tokens),
        buckets=len(embedding.matrix) - len(embedding.tokens),
        hash=embedding.hash,
        normalisation=embedding.normalisation,
        source=embedding.source,
        tasks=embedding.tasks,
        sha256={"vocabulary": file_sha256(folder / VOCABULARY), "matrix": file_sha256(folder / MATRIX)},
    )
