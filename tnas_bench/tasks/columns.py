"""Columns: how the examples of a split stand in a table: ``text`` or ``image``, and ``label``."""

from math import isqrt, prod

import numpy as np
import pyarrow as pa

CHANNELS = 3
Inputs = tuple[str, ...] | np.ndarray  # texts; or square images of one size, uint8, shape (rows, 3, side, side)


def encode(inputs: Inputs, labels: np.ndarray) -> pa.Table:
    """The table of a split; an image is its bytes: the red, then the green, then the blue channel, row by row."""
    if isinstance(inputs, np.ndarray):
        width, data = pa.binary(prod(inputs.shape[1:])), pa.py_buffer(np.ascontiguousarray(inputs))
        column = {"image": pa.FixedSizeBinaryArray.from_buffers(width, len(inputs), [None, data])}
    else:
        column = {"text": pa.array(inputs, pa.string())}
    return pa.table({**column, "label": pa.array(labels, pa.int32())})


def decode(table: pa.Table) -> tuple[Inputs, np.ndarray]:
    """Inputs and labels (int64) of a table that :func:`encode` made, in memory of their own.

    Images are square: the number of their bytes tells their side.
    """
    labels = table["label"].to_numpy().astype(np.int64)
    if "text" in table.column_names:
        return tuple(table["text"].to_pylist()), labels
    images = table["image"]
    side = isqrt(images.type.byte_width // CHANNELS)
    chunks = [np.empty(0, np.uint8), *map(_bytes, images.chunks)]
    return np.concatenate(chunks).reshape(-1, CHANNELS, side, side), labels


def _bytes(images: pa.FixedSizeBinaryArray) -> np.ndarray:
    _, data = images.buffers()
    width = images.type.byte_width
    return np.frombuffer(data, np.uint8, len(images) * width, images.offset * width)
