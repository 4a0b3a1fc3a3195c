"""TF-Hub text modules: where their SavedModels are found, and their conversion in a process of its own.

TensorFlow runs only there, and once a module: what is kept has the form of every other module. A SavedModel is a
program, so take it from its publisher.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tnas_bench import foreign
from tnas_bench.errors import UserError
from tnas_bench.modules import MATRIX, VOCABULARY, Normalisation
from tnas_bench.modules.embedding import Embedding, Materials
from tnas_bench.modules.registry import Row
from tnas_bench.tasks import archives

FACTS = "facts.json"  # what the other process found out
CONVERSION = "tnas_bench.modules.saved_model"


class Found(NamedTuple):
    """A SavedModel that can be read, or at least asked for."""

    place: str  # in the user's words
    model: str  # a folder or a handle
    source: str  # on every machine the same


def hub(row: Row, materials: Materials) -> Embedding:
    """A TF-Hub text module: from the mirror (``modules/<name>/``, else ``modules/<name>.tar.gz``), else by its handle.

    Raises UserError without TensorFlow, where no SavedModel can be had, and for one that is damaged or that our
    tokens, rows and sums do not reproduce.
    """
    if not all(map(importlib.util.find_spec, ("tensorflow", "tensorflow_hub"))):
        raise UserError(f"module {row.name}: TensorFlow is not installed; run: pip install 'tnas_bench[tensorflow]'")
    try:
        materials.cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=materials.cache, prefix=f".{row.name}-") as scratch:
            return _embedding(row, materials.mirror, Path(scratch).resolve())
    except OSError as error:
        raise UserError(f"{materials.cache}: cannot be used ({error.strerror}); free space or mend access") from None


def _embedding(row: Row, mirror: Path | None, scratch: Path) -> Embedding:
    found = _found(row, mirror, scratch)
    print(f"{row.name}: TensorFlow converts {found.place} (once)", file=sys.stderr)
    facts = _converted(row, found, mirror, scratch)
    tokens = (scratch / VOCABULARY).read_bytes().decode().split("\n")[:-1]
    matrix = foreign.array(scratch / MATRIX)  # stays readable when its file has lost its name
    if matrix.shape[1] != row.dimension:
        raise UserError(f"{found.place}: vectors of {matrix.shape[1]} dimensions; give the SavedModel of {row.handle}")
    return Embedding(tokens, matrix, Normalisation(**facts["normalisation"]), found.source, "farmhash-64")


def _found(row: Row, mirror: Path | None, scratch: Path) -> Found:
    """The first of a folder and an archive of the mirror, else the handle."""
    if mirror is not None:
        folder, archive = mirror / "modules" / row.name, mirror / "modules" / f"{row.name}.tar.gz"
        if folder.is_dir():
            return Found(str(folder), str(folder), f"{row.handle}, a folder of the mirror")
        if archive.is_file():
            content = archives.inner_sha256(archive)  # reads it all: a truncated one is refused
            archives.extract(archive, scratch / "model")
            return Found(str(archive), str(scratch / "model"), f"{row.handle}, an archive of content sha256 {content}")
    return Found(row.handle, row.handle, row.handle)


def _converted(row: Row, found: Found, mirror: Path | None, scratch: Path) -> dict:
    """Run the conversion, which leaves its files and facts in ``scratch``; its chatter goes nowhere."""
    command = [sys.executable, "-m", CONVERSION, found.model, str(scratch)]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment)
    if not (scratch / FACTS).is_file():
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise UserError(f"{found.place}: TensorFlow ended with code {done.returncode} ({last}); mend what it names")
    facts = json.loads((scratch / FACTS).read_text(encoding="utf-8"))
    if "unreachable" in facts:
        reason = facts["unreachable"]
        raise UserError(f"module {row.name}: {row.handle} cannot be had ({reason}); {_advice(row, mirror)}")
    if "error" in facts:
        raise UserError(f"{found.place}: {facts['error']}; give the SavedModel of {row.handle}")
    return facts


def _advice(row: Row, mirror: Path | None) -> str:
    folder = mirror or "<mirror>"
    address = f"{row.handle}?tf-hub-format=compressed"
    return f"save {address} as {folder}/modules/{row.name}.tar.gz and set TNAS_DATA_MIRROR to {folder}"
