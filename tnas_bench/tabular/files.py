"""The files of a table: ``table.parquet``, whose metadata says what it is, and ``card.md``, the same for people."""

import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from jinja2 import Environment, PackageLoader, StrictUndefined

from tnas_bench import foreign
from tnas_bench.errors import UserError
from tnas_bench.journal.durable import on_disk, write_atomic
from tnas_bench.tabular import Table

NAMES = ("table.parquet", "card.md")
DESCRIPTION = b"description"  # key of the metadata
TYPES = {"task": pa.string(), "configuration": pa.int32(), "seed": pa.int32(), "seconds_measured": pa.bool_()}
# A choice of the space has the type of its values; all else is a number.


def write(table: Table, folder: Path) -> None:
    """Write both files; the card says how large the other is."""
    with on_disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
    file = io.BytesIO()
    metadata = {DESCRIPTION: json.dumps(table.description)}
    rows = pa.Table.from_pandas(table.rows, _schema(table), preserve_index=False).replace_schema_metadata(metadata)
    pq.write_table(rows, file, compression="zstd")
    write_atomic(folder / NAMES[0], file.getvalue())
    write_atomic(folder / NAMES[1], _card(table, len(file.getvalue())).encode())


def read(path: Path) -> Table:
    """A table that was written; UserError if the file is missing, damaged or something else."""
    try:
        rows = foreign.parquet(path)
        description = foreign.json_object(rows.schema.metadata[DESCRIPTION])
        return Table(description, rows.to_pandas(ignore_metadata=True))
    except (ValueError, KeyError, TypeError, AttributeError, MemoryError):
        raise UserError(f"{path}: is no table; give one that this made: tnas-bench table make --scale ...") from None


def _schema(table: Table) -> pa.Schema:
    choices = {decision.name: pa.array(decision.choices).type for decision in table.space.decisions}
    types = TYPES | choices
    return pa.schema({column: types.get(column, pa.float64()) for column in table.description["columns"]})


def _card(table: Table, size: int) -> str:
    environment = Environment(loader=PackageLoader("tnas_bench"), undefined=StrictUndefined, autoescape=False)
    environment.trim_blocks = environment.lstrip_blocks = True
    varied = [decision for decision in table.space.decisions if len(decision.choices) > 1]
    fixed = [decision for decision in table.space.decisions if len(decision.choices) == 1]
    tests = {task: (table.truth(task).max(), np.median(table.truth(task)), table.noise(task)) for task in table.tasks}
    facts = {"table": table, "size": size, "varied": varied, "fixed": fixed, "tests": tests}
    return environment.get_template("table_card.md.j2").render(**table.description, **facts)
