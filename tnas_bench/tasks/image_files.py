"""Image files: the publishers' own formats of images, each read by a pure function, as loaders are for texts."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from tnas_bench import seeds
from tnas_bench.errors import UserError
from tnas_bench.tasks import tfds
from tnas_bench.tasks.archives import content
from tnas_bench.tasks.splits import stratified_order

Files = Mapping[str, Path]
IMAGE = (3, 32, 32)  # channels, height, width of CIFAR-10's images; LD-NAS's code makes MNIST's as large
IMAGE_BYTES = 3 * 32 * 32


@dataclass(frozen=True)
class LabelledImages:
    """The images of a data set, in its order."""

    pixels: np.ndarray  # uint8, shape (n, 3, side, side)
    labels: np.ndarray  # as stored: numbers or names, shape (n,)
    parts: np.ndarray | None = None  # "train" or "test", as published, shape (n,); None where that is all one part


def idx(files: Files) -> LabelledImages:
    """MNIST's format; the files are images and labels of the training part, then of the test part."""
    arrays = [_idx(name, content(path)) for name, path in files.items()]
    for first in (0, 2):
        _need_pairs(list(files)[first : first + 2], *arrays[first : first + 2])
    pixels, labels = np.concatenate(arrays[0::2]), np.concatenate(arrays[1::2])
    return LabelledImages(_padded(pixels), labels, np.repeat(["train", "test"], [len(arrays[1]), len(arrays[3])]))


def cifar_binary(files: Files, test: str) -> LabelledImages:
    """CIFAR-10's binary version: an image is a byte of label, then 1,024 bytes of each channel. ``test``: that file."""
    batches = {name: _records(name, content(path)) for name, path in files.items()}
    pixels = np.concatenate([batch[:, 1:] for batch in batches.values()]).reshape(-1, *IMAGE)
    labels = np.concatenate([batch[:, 0] for batch in batches.values()])
    parts = ["test" if name == test else "train" for name in batches]
    return LabelledImages(pixels, labels, np.repeat(parts, [len(batch) for batch in batches.values()]))


def digit_table(files: Files, member: str) -> LabelledImages:
    """A table without header, sorted by digit: 784 pixels and a label a row.

    It has no order and no test part of its own: rows are put into a stratified random order, and the last fifth of
    it is the test part.
    """
    (path,) = files.values()
    table = _digits(path, member)
    table = table[stratified_order(table[:, -1], seeds.stream("order", member))]
    train = len(table) * 4 // 5
    parts = np.repeat(["train", "test"], [train, len(table) - train])
    return LabelledImages(_padded(table[:, :-1].reshape(-1, 28, 28)), table[:, -1], parts)


def tfds_images(files: Files, column: str, splits: Sequence[str]) -> LabelledImages:
    """What :mod:`tnas_bench.tasks.tfds` wrote down."""
    tables = [tfds.read(path) for path in files.values()]
    with tfds.intact(next(iter(files.values())).parent):
        pixels = np.concatenate([_pixels(table) for table in tables])
        labels = np.concatenate([table["label"].to_numpy() for table in tables]).astype(np.uint8)
        parts = np.repeat(list(splits), [len(table) for table in tables])
        return LabelledImages(pixels, labels, parts)


def _pixels(table: pa.Table) -> np.ndarray:
    """Images of one shape (height, width, channels), channels first; grey ones padded as MNIST's are."""
    height, width, channels = table["shape"][0].as_py()
    stored = np.frombuffer(b"".join(table["input"].to_pylist()), np.uint8).reshape(-1, height, width, channels)
    return _padded(stored[..., 0]) if channels == 1 else stored.transpose(0, 3, 1, 2)


def _idx(name: str, data: bytes) -> np.ndarray:
    """An array of bytes: 0, 0, 8 and the number of dimensions; each as 4 bytes, the highest first; then the values."""
    try:
        if data[:3] != b"\0\0\x08":
            raise ValueError
        dimensions = data[3]
        shape = np.frombuffer(data, ">i4", dimensions, 4)
        return np.frombuffer(data, np.uint8, offset=4 + 4 * dimensions).reshape(shape)
    except (IndexError, ValueError):
        raise UserError(f"{name}: not a whole idx file; replace the file") from None


def _need_pairs(names: Sequence[str], images: np.ndarray, labels: np.ndarray) -> None:
    if images.shape[1:] != (28, 28) or labels.shape != images.shape[:1]:
        raise UserError(f"{' and '.join(names)}: not 28 x 28 images and a label for each; replace them")


def _digits(path: Path, member: str) -> np.ndarray:
    """784 pixels and a label a row: shape (n, 785)."""
    try:
        table = np.loadtxt(io.BytesIO(content(path, member)), np.uint8, delimiter=",", ndmin=2)
        if table.shape[1] != 28 * 28 + 1:
            raise ValueError
    except ValueError:
        raise UserError(f"{path}: {member} is no table of 784 pixels and a label a row; replace the file") from None
    return table


def _records(name: str, data: bytes) -> np.ndarray:
    if len(data) % (1 + IMAGE_BYTES):
        raise UserError(f"{name}: {len(data):,} bytes are not whole images of {1 + IMAGE_BYTES:,}; replace the file")
    return np.frombuffer(data, np.uint8).reshape(-1, 1 + IMAGE_BYTES)


def _padded(grey: np.ndarray) -> np.ndarray:
    """28 x 28 grey levels with two zeros on every side, three times: the preprocessing of MNIST in LD-NAS's code."""
    padded = np.pad(grey, ((0, 0), (2, 2), (2, 2)))
    return padded[:, np.newaxis].repeat(3, axis=1)
