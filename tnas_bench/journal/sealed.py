"""Sealed study: ``trials.parquet`` (free of times; the journal can be rebuilt from it) and ``runcard.json``."""

import hashlib
import io
import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tnas_bench.errors import UserError
from tnas_bench.journal import Trial, journal_bytes
from tnas_bench.journal.durable import on_disk, write_atomic

COLUMNS = pa.schema(
    {
        "trial": pa.int64(),
        "round": pa.int64(),
        "task": pa.string(),
        "actions": pa.list_(pa.int64()),
        "seed": pa.int64(),
        "validation": pa.float64(),
        "test": pa.float64(),
    }
)


def seal(folder: Path, header: dict, trials: list[Trial], card: dict) -> None:
    """Write both files, the parquet first: a run card vouches for the parquet that it names."""
    schema = COLUMNS.with_metadata({"header": json.dumps(header)})
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([asdict(trial) for trial in trials], schema), file)
    content = file.getvalue()
    write_atomic(folder / "trials.parquet", content)
    card = {"study": header, "trials": len(trials), "trials_sha256": hashlib.sha256(content).hexdigest(), **card}
    write_atomic(folder / "runcard.json", json.dumps(card, indent=2).encode() + b"\n")


def rebuild(parquet: Path) -> bytes:
    """The journal, byte for byte, of a sealed ``trials.parquet``."""
    return journal_bytes(*_read(parquet))


def read_card(folder: Path) -> dict:
    """The run card of a sealed study; UserError if the study is not sealed."""
    path = folder / "runcard.json"
    if not path.exists():
        raise UserError(f"{folder}: has no runcard.json, so its study is not finished; run the study to its end first")
    with on_disk(path):
        content = path.read_bytes()
    try:
        return json.loads(content)
    except ValueError:
        raise UserError(f"{path}: is not JSON; restore it, or run the study again to seal it anew") from None


def read_sealed(folder: Path) -> tuple[dict, list[Trial]]:
    """Header and trials of a sealed study; UserError if the parquet is not the one that its run card names."""
    path, card = folder / "trials.parquet", read_card(folder)
    with on_disk(path):
        content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != card.get("trials_sha256"):
        raise UserError(f"{path}: is not the one of runcard.json; restore it, or run the study again to seal it anew")
    return _read(path)


def read_trials(folder: Path) -> pd.DataFrame:
    """The trials of a sealed study: columns trial, round, task, actions (tuples), seed, validation, test."""
    _, trials = read_sealed(folder)
    return pd.DataFrame([asdict(trial) for trial in trials], columns=COLUMNS.names)


def _read(parquet: Path) -> tuple[dict, list[Trial]]:
    try:
        table = pq.read_table(parquet)
        return json.loads(table.schema.metadata[b"header"]), [Trial.from_json(row) for row in table.to_pylist()]
    except (OSError, pa.ArrowException, KeyError, TypeError):
        raise UserError(f"{parquet}: is not a sealed study; give the trials.parquet of a finished study") from None
