"""Foreign files: JSON, Parquet and NumPy arrays that may come from anywhere, read without running what they hold.

What is damaged, or absurdly large, is a ValueError.
"""

import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tokenize import TokenError
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

MOST_BYTES = 2**33  # of a table in memory; a few bytes of Parquet can stand for more than a machine has
ROWS = 1024  # that are unpacked at once


def json_object(content: bytes | str) -> dict:
    """The object of a JSON text; ValueError where it is none, or another value."""
    try:
        found = json.loads(content)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return found


def parquet(path: Path, most: int = MOST_BYTES) -> pa.Table:
    """A Parquet file, unpacked part by part; ValueError where it is none, or has more than ``most`` bytes in memory."""
    try:
        with pq.ParquetFile(path) as file:
            batches, size = [], 0
            for batch in file.iter_batches(ROWS):
                batches.append(batch)
                size += batch.nbytes
                if size > most:
                    raise ValueError(f"more than {most:,} bytes when unpacked")
            return pa.Table.from_batches(batches, file.schema_arrow)
    except (pa.ArrowException, OSError) as error:
        raise ValueError(str(error)) from None


def array(path: Path, mode: Literal["r", "c"] = "r") -> np.ndarray:
    """The array of a .npy file, mapped from it; ValueError where it holds none, or objects."""
    with _damage_told():
        return np.lib.format.open_memmap(path, mode=mode)


def arrays(path: Path, most: int = MOST_BYTES) -> dict[str, np.ndarray]:
    """The arrays of a .npz file by name; ValueError where it holds anything else, or ``most`` bytes of it."""
    with _damage_told(), zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > most:
            raise ValueError(f"more than {most:,} bytes when unpacked")
        found = {}
        for name in archive.namelist():
            with archive.open(name) as file:
                found[name.removesuffix(".npy")] = np.lib.format.read_array(file, allow_pickle=False)
        return found


@contextmanager
def _damage_told() -> Iterator[None]:
    """What NumPy and zipfile make of damage as one kind of error; a header may ask for all the memory there is."""
    try:
        yield
    except (OSError, EOFError, SyntaxError, TypeError, TokenError, MemoryError, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from None
    except (zipfile.BadZipFile, zlib.error, RuntimeError) as error:  # RuntimeError: encrypted, or of strange packing
        raise ValueError(str(error)) from None
