"""Writing a prepared task: one Parquet file a split, and a card. Whole or not at all."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq

from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256
from tnas_bench.locks import alone
from tnas_bench.tasks import Split, columns


def write(folder: Path, splits: Mapping[str, Split], facts: dict) -> dict:
    """Write the splits and the card, which it returns: the facts and the checksums of the splits."""
    with replacing(folder) as new:
        hashes = {name: _write_split(new / f"{name}.parquet", split) for name, split in splits.items()}
        card = {**facts, "sha256": hashes}
        (new / "card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return card


def _write_split(path: Path, split: Split) -> str:
    """Its checksum. Made without pandas, whose metadata tells its version: the bytes depend on the rows alone."""
    pq.write_table(columns.encode(split.inputs, split.labels), path, compression="zstd")
    return file_sha256(path)


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A new folder that takes the place of the old when the block ends well, and vanishes when it does not.

    One process at a time; what a killed one left is removed. What the system refuses inside the block is a UserError.
    """
    aside = folder.with_name(f".{folder.name}.unfinished")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with alone(folder.with_name(f".{folder.name}.lock"), folder):
            if (aside / "old").exists() and not folder.exists():  # killed between the two renames below
                (aside / "old").rename(folder)
            shutil.rmtree(aside, ignore_errors=True)
            try:
                (aside / "new").mkdir(parents=True)
                yield aside / "new"
                if folder.exists():
                    folder.rename(aside / "old")
                (aside / "new").rename(folder)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        reason = error.strerror or error
        raise UserError(f"{folder}: cannot be written ({reason}); free space or give another folder") from None
