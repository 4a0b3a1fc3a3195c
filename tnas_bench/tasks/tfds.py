"""A data set of tensorflow-datasets, written down in a form that needs no TensorFlow.

``python -m tnas_bench.tasks.tfds NAME FOLDER INPUT SPLIT...`` is a process of its own: TensorFlow takes seconds to
import and hundreds of megabytes, and nothing else here wants it.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tnas_bench import foreign
from tnas_bench.errors import UserError

RETRIES = 3  # of a download; its own ten wait 205 seconds for a machine without a network
FAILED = 3  # exit code: the last line on stdout says why


class Unavailable(UserError):
    """tensorflow-datasets is not installed, or cannot have the data set here."""


def fetch(name: str, folder: Path, column: str, splits: Sequence[str]) -> dict[str, Path]:
    """One Parquet file a split, by name, in ``folder``, where they are kept; see :func:`export`."""
    files = {f"{split}.parquet": folder / f"{split}.parquet" for split in splits}
    if not all(file.is_file() for file in files.values()):
        if importlib.util.find_spec("tensorflow_datasets") is None:
            raise Unavailable("tensorflow-datasets is not installed (pip install 'tnas_bench[tensorflow]')")
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", __name__, name, str(folder), column, *splits]
        # stderr stays the user's: there tensorflow-datasets shows how far its download is.
        quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
        done = subprocess.run(command, env=quiet, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise Unavailable((done.stdout.strip() or f"{name}: its process died").splitlines()[-1])
    return files


def read(path: Path) -> pa.Table:
    """A file that :func:`export` wrote."""
    with intact(path):
        return foreign.parquet(path)


@contextmanager
def intact(path: Path) -> Iterator[None]:
    """What is wrong with a file, its columns or its values, as one line to the user."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError):
        raise UserError(f"{path}: damaged; remove it and run again") from None


def export(name: str, folder: Path, column: str, splits: Sequence[str]) -> None:
    """Write ``<split>.parquet``: input (bytes of a text or of a uint8 image), shape (of an image), label and its name.

    The order is that of tensorflow-datasets, which is the same on every machine.
    """
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.download import downloader

    downloader.MAX_RETRIES = RETRIES
    builder = tfds.builder(name)
    builder.download_and_prepare()
    classes = builder.info.features["label"]
    for split in splits:
        examples = list(tfds.as_numpy(builder.as_dataset(split=split, shuffle_files=False)))
        labels = [int(example["label"]) for example in examples]
        columns = {
            "input": [np.asarray(each[column]).tobytes() for each in examples],
            "shape": [list(np.shape(each[column])) for each in examples],
            "label": labels,
            "name": [classes.int2str(label) for label in labels],
        }
        part = folder / f"{split}.part"
        pq.write_table(pa.table(columns), part)
        part.replace(folder / f"{split}.parquet")


def main(name: str, folder: str, column: str, *splits: str) -> None:
    """The child process: any failure is one line."""
    try:
        export(name, Path(folder), column, splits)
    except Exception as error:  # whatever tensorflow-datasets makes of a network, a disk or a name
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        print(f"{name}: {first[:200]}")
        sys.exit(FAILED)


if __name__ == "__main__":
    main(*sys.argv[1:])
