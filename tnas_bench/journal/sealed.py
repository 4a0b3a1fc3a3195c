"""Sealed: ``trials.parquet`` or ``steps.parquet`` (free of times; the journal is rebuilt from it) and ``runcard.json``.

These two files are all that has to be kept or passed on.
"""

import hashlib
import io
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tnas_bench import foreign
from tnas_bench.errors import UserError
from tnas_bench.journal import JOURNAL, Trial, chain, journal_bytes
from tnas_bench.journal.durable import on_disk, write_atomic

CARD = "runcard.json"
CLOCK = 0.001  # seconds; finer than any two runs differ
COLUMNS = pa.schema(
    {
        "trial": pa.int64(),
        "round": pa.int64(),
        "task": pa.string(),
        "actions": pa.list_(pa.int64()),
        "seed": pa.int64(),
        "validation": pa.float64(),
        "half": pa.float64(),
        "test": pa.float64(),
    }
)


def is_sealed(folder: Path) -> bool:
    """Whether a study or a run has been finished there."""
    return (folder / CARD).exists()


def sealed_below(root: Path) -> list[Path]:
    """The folders of what is sealed below a folder, in order."""
    return sorted(card.parent for card in root.rglob(CARD))


def seal(folder: Path, header: dict, trials: list[Trial], card: dict) -> None:
    """Seal a study."""
    seal_rows(folder, "trials", COLUMNS, header, [asdict(trial) for trial in trials], card)


def seal_rows(folder: Path, name: str, columns: pa.Schema, header: dict, rows: list[dict], card: dict) -> None:
    """Write ``<name>.parquet`` and the run card, in this order: the card vouches for the parquet that it names.

    Rows that are sealed already keep their card, which tells when and on what machine they were computed. Both files
    are touched, for a workflow goes by times.
    """
    if "hash" in card and _seal(folder, name).get("hash") == card["hash"]:
        with on_disk(folder):
            for file in (f"{name}.parquet", CARD):
                (folder / file).touch()
        return
    content = _parquet(columns, header, rows)
    write_atomic(folder / f"{name}.parquet", content)
    card = {"study": header, name: len(rows), f"{name}_sha256": hashlib.sha256(content).hexdigest(), **card}
    card["sealed"] = datetime.now().astimezone().isoformat()
    lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in card.items())
    write_atomic(folder / CARD, f"{{\n{lines}\n}}\n".encode())  # a line each: indented, inputs are half spaces


def _parquet(columns: pa.Schema, header: dict, rows: list[dict]) -> bytes:
    """A small file: a second header (in Arrow's schema) and statistics would outweigh the few rows."""
    file = io.BytesIO()
    with pq.ParquetWriter(file, columns, compression="zstd", write_statistics=False, store_schema=False) as writer:
        writer.write_table(pa.Table.from_pylist(rows, columns))
        writer.add_key_value_metadata({"header": json.dumps(header)})
    return file.getvalue()


def _seal(folder: Path, name: str) -> dict:
    """The run card of an unbroken seal; empty where there is none."""
    try:
        check_sealed(folder, name)
    except UserError:
        return {}
    return read_card(folder)


def unseal(folder: Path, name: str, rebuild: Callable[[Path], bytes], key: str) -> None:
    """Start the journal of a sealed folder that came without one, as a checkout does: it is not computed again.

    ``name``: trials or steps; ``key`` numbers them in the file of times, of which only the sum was kept: all
    share it.
    """
    journal, parquet = folder / JOURNAL, folder / f"{name}.parquet"
    if not journal.exists() and parquet.exists() and is_sealed(folder):
        check_sealed(folder, name)
        card = read_card(folder)
        times = [{key: number, "seconds": card["seconds"] / card[name]} for number in range(card[name])]
        write_atomic(folder / "timings.jsonl", b"".join(map(chain.encode, times)))
        write_atomic(journal, rebuild(parquet))


def date(folder: Path) -> None:
    """Give sealed files the time at which they were sealed, for a workflow goes by times, and a checkout loses them.

    Where they have their journal, they have that time, or that of a later look. No file is left with a time to come, as
    a clock that was ahead gives it: all that rests on it would be older until then.
    """
    try:
        sealed = datetime.fromisoformat(read_card(folder)["sealed"]).timestamp()
    except (UserError, KeyError, ValueError, TypeError):  # no card, or no time on it
        return
    kept, now = (folder / JOURNAL).exists(), time.time()
    with on_disk(folder):
        for file in (folder / CARD, *folder.glob("*.parquet")):
            found = file.stat().st_mtime
            due = min(found if kept else sealed, now)
            if abs(found - due) > CLOCK:
                os.utime(file, (due, due))


def recorded(folder: Path) -> dict[str, dict]:
    """The hashes of the tasks and modules that a sealed run was computed with, by their names; none if not sealed."""
    try:
        inputs = read_card(folder)["inputs"]
        cards = {**inputs["tasks"], **inputs.get("modules", {})}
        return {name: card["sha256"] for name, card in cards.items() if "sha256" in card}
    except (UserError, KeyError, TypeError, AttributeError):  # no card, or one that does not say
        return {}


def prepared(folder: Path) -> dict | None:
    """The hashes on the card of a prepared task or module; none if there is none that tells."""
    try:
        return foreign.json_object((folder / "card.json").read_bytes()).get("sha256")
    except (OSError, ValueError):
        return None


def rebuild(parquet: Path) -> bytes:
    """The journal, byte for byte, of a sealed ``trials.parquet``."""
    return journal_bytes(*_read(parquet))


def read_card(folder: Path) -> dict:
    """The run card of a sealed study; UserError if the study is not sealed."""
    path = folder / CARD
    if not path.exists():
        raise UserError(
            f"{folder}: has no runcard.json, so its run is not finished; run it to its end first, as snakemake does"
        )
    with on_disk(path):
        content = path.read_bytes()
    try:
        return foreign.json_object(content)
    except ValueError:
        raise UserError(f"{path}: is not JSON; restore it, or run the study again to seal it anew") from None


def read_sealed(folder: Path) -> tuple[dict, list[Trial]]:
    """Header and trials of a sealed study; UserError if the parquet is not the one that its run card names."""
    check_sealed(folder, "trials")
    return _read(folder / "trials.parquet")


def check_sealed(folder: Path, name: str) -> None:
    """Raise UserError unless ``<name>.parquet`` is the one that the run card names."""
    path, card = folder / f"{name}.parquet", read_card(folder)
    with on_disk(path):
        content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != card.get(f"{name}_sha256"):
        raise UserError(f"{path}: is not the one of runcard.json; restore it, or run the study again to seal it anew")


def read_trials(folder: Path) -> pd.DataFrame:
    """The trials of a sealed study: columns trial, round, task, actions (tuples), seed, validation, half, test."""
    _, trials = read_sealed(folder)
    return pd.DataFrame(map(vars, trials), columns=COLUMNS.names)


def _read(parquet: Path) -> tuple[dict, list[Trial]]:
    header, rows = read_rows(parquet)
    return header, [Trial.from_json(row, parquet) for row in rows]


def read_rows(parquet: Path) -> tuple[dict, list[dict]]:
    """Header and rows of a sealed file."""
    try:
        table = foreign.parquet(parquet)
        return foreign.json_object(table.schema.metadata[b"header"]), table.to_pylist()
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{parquet}: is not a sealed study; give the {parquet.name} of a finished study") from None


def row_kind(folder: Path) -> str:
    """What the rows of a sealed run are: "trials" of a study, or "steps"."""
    return "trials" if (folder / "trials.parquet").exists() else "steps"
