"""Columns: how the examples of a split stand in a table: ``text`` or ``image``, and ``label``."""

import numpy as np
import pyarrow as pa

IMAGE = (3, 32, 32)  # channels, height, width
IMAGE_BYTES = 3 * 32 * 32
Inputs = tuple[str, ...] | np.ndarray  # texts; or images, uint8, shape (rows, 3, 32, 32)


def encode(inputs: Inputs, labels: np.ndarray) -> pa.Table:
    """The table of a split; an image is its bytes: the red, then the green, then the blue channel, row by row."""
    if isinstance(inputs, np.ndarray):
        data = pa.py_buffer(np.ascontiguousarray(inputs))
        column = {"image": pa.FixedSizeBinaryArray.from_buffers(pa.binary(IMAGE_BYTES), len(inputs), [None, data])}
    else:
        column = {"text": pa.array(inputs, pa.string())}
    return pa.table({**column, "label": pa.array(labels, pa.int32())})


def decode(table: pa.Table) -> tuple[Inputs, np.ndarray]:
    """Inputs and labels (int64) of a table that :func:`encode` made, in memory of their own."""
    labels = table["label"].to_numpy().astype(np.int64)
    if "text" in table.column_names:
        return tuple(table["text"].to_pylist()), labels
    chunks = [_bytes(chunk) for chunk in table["image"].chunks]
    return np.concatenate([np.empty(0, np.uint8), *chunks]).reshape(-1, *IMAGE), labels


def _bytes(images: pa.FixedSizeBinaryArray) -> np.ndarray:
    _, data = images.buffers()
    return np.frombuffer(data, np.uint8, len(images) * IMAGE_BYTES, images.offset * IMAGE_BYTES)
