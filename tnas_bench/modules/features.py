"""Features: what a frozen encoder makes of the inputs of a task, computed once and kept on disk.

``<key>.npy`` holds them and ``<key>.json`` says of what; the key is a hash of the identity. They lie in a folder of the
prepared module, so that preparing the module again drops them.
"""

import hashlib
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, BinaryIO

import numpy as np

from tnas_bench import foreign
from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256
from tnas_bench.locks import alone
from tnas_bench.progress import progress

Encode = Callable[[Sequence], np.ndarray]
FEATURES = "features"  # folder below that of a module
FLOAT = np.dtype("<f4")


def features(
    folder: Path, identity: Mapping[str, str], inputs: Sequence, encode: Encode, dimension: int, batch: int, name: str
) -> np.ndarray:
    """What ``encode`` makes of ``inputs`` (texts, or an array of images): float32, shape (len(inputs), dimension).

    ``identity`` names all that they depend on, as the hashes of inputs and module; ``name`` is told with the progress.
    Of several processes that ask, one computes, ``batch`` inputs at a time, and the others wait; one that was killed is
    continued; a file that is not whole, or of another identity, is made again. The array is mapped from its file,
    privately: writing to it changes no file (read-only arrays would make torch warn).

    Raises UserError for features that are not finite or of another shape, and where the folder cannot be written.
    """
    shape = (len(inputs), dimension)
    if not len(inputs):
        return np.empty(shape, FLOAT)
    key = hashlib.sha256(json.dumps(dict(identity), sort_keys=True).encode()).hexdigest()
    path = folder / f"{key[:20]}.npy"
    if (found := _kept(path, identity, shape)) is not None:
        return found
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with alone(path.with_suffix(".lock"), path):
            if (found := _kept(path, identity, shape)) is None:
                _compute(path, shape, inputs, encode, batch, name)
                _write_card(path, identity)
                found = _kept(path, identity, shape)
    except OSError as error:
        reason = error.strerror or error
        raise UserError(f"{folder}: features cannot be kept there ({reason}); mend that and run again") from None
    return found


def _kept(path: Path, identity: Mapping[str, str], shape: tuple[int, int]) -> np.ndarray | None:
    """The features in a file; None if it is not there, or not what its card and we expect."""
    try:
        card = foreign.json_object(path.with_suffix(".json").read_bytes())
        if card != _card(path, identity):
            return None
        found = foreign.array(path, "c")
    except (OSError, ValueError):
        return None
    return found if (found.shape, found.dtype) == (shape, FLOAT) else None


def _card(path: Path, identity: Mapping[str, str]) -> dict:
    return {"identity": dict(identity), "sha256": file_sha256(path)}


def _write_card(path: Path, identity: Mapping[str, str]) -> None:
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(json.dumps(_card(path, identity), indent=2) + "\n")
        _flush(file)
    temporary.replace(path.with_suffix(".json"))


def _compute(path: Path, shape: tuple[int, int], inputs: Sequence, encode: Encode, batch: int, name: str) -> None:
    """Write the file batch by batch under another name, going on where a killed process left it."""
    partial = path.with_suffix(".partial")
    with partial.open("a+b") as file, progress(f"{name}: features", len(inputs), "inputs") as tell:
        done = _resume(file, shape, batch)
        tell(done)
        for first in range(done, len(inputs), batch):
            rows = np.asarray(encode(inputs[first : first + batch]), FLOAT)
            _check(rows, (min(batch, len(inputs) - first), shape[1]), f"{name}: features of inputs from {first}")
            file.write(rows.tobytes())
            _flush(file)
            tell(len(rows))
    partial.replace(path)


def _resume(file: BinaryIO, shape: tuple[int, int], batch: int) -> int:
    """Cut the file to whole batches of rows, and tell how many rows these are; one without our head begins anew.

    The last batch may not have reached the disk, so it is given up.
    """
    head, width = _head(shape), FLOAT.itemsize * shape[1]
    rows = (file.tell() - len(head)) // width
    file.seek(0)
    done = max(0, rows // batch - 1) * batch if file.read(len(head)) == head else 0
    file.truncate(len(head) + done * width if done else 0)
    if not done:
        file.write(head)
    return done


def _head(shape: tuple[int, int]) -> bytes:
    """The first bytes of a .npy file of this shape."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": FLOAT.str, "fortran_order": False, "shape": shape})
    return head.getvalue()


def _check(rows: np.ndarray, shape: tuple[int, int], what: str) -> None:
    if rows.shape != shape:
        raise UserError(f"{what}: have the shape {rows.shape}, not {shape}; prepare the module again")
    if not np.isfinite(rows).all():
        raise UserError(f"{what}: not all are finite; take the module out of the scale")


def _flush(file: IO) -> None:
    file.flush()
    os.fsync(file.fileno())
