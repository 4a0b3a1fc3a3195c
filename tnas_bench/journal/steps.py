"""Steps: a computation of numbered steps, journaled like a study, whose state is put away between any two of them.

The journal (``journal.jsonl``) holds a header and one record a step, chained by hashes and free of times; the seconds
of a step go to ``timings.jsonl``, the state to ``checkpoint.pt``. The journal is the truth: where the checkpoint is
older or lost, steps are computed again, and must give the records that are there.
"""

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256
from tnas_bench.journal import JOURNAL, chain, check_header, complete_lines
from tnas_bench.journal.durable import append, write_atomic
from tnas_bench.journal.lease import lease
from tnas_bench.journal.sealed import CARD, check_sealed, is_sealed, read_card, read_rows, seal_rows, unseal
from tnas_bench.journal.writer import mend, read_seconds
from tnas_bench.runcard import describe_run

COLUMNS = pa.schema({"step": pa.int64(), "record": pa.string()})
CHECKPOINT = {"run", "next", "record", "seconds", "state"}
Observer = Callable[[int], None]  # is told how many steps have just been finished


class Work(Protocol):
    """What :func:`run` runs. A record never depends on the moment at which work was resumed."""

    @property
    def steps(self) -> int:
        """The budget."""

    def step(self, number: int) -> dict:
        """Compute a step; its record, as JSON values without NaN. Steps come in order, from 0 or a restored state."""

    def state(self) -> dict:
        """What the next step needs, as torch.load(weights_only=True) reads it; empty: nothing but the number."""

    def restore(self, state: dict) -> None:
        """Take up the state that :meth:`state` gave."""


Product = Callable[[Path], None]  # writes a file that the work leaves, into a folder


def run(
    work: Work,
    header: dict,
    folder: Path,
    observe: Observer = lambda finished: None,
    facts: Mapping[str, object] | None = None,
    products: Mapping[str, Product] | None = None,
    remake: bool = False,
) -> None:
    """Run or continue work in its folder to its budget, write its ``products`` (by file name), and seal it.

    ``header``: all that the records depend on besides code, as JSON values: name, seed, settings, hashes of inputs.
    ``facts`` are added to the run card, which also names the products by their hashes. Finished work is only sealed
    anew; with ``remake``, its steps are computed again if a product is not there as the card names it.

    While another process writes the folder, it waits. Raises UserError if the journal is of other work or damaged, if
    steps computed again give other records, and if the disk fails.
    """
    from tnas_bench.device import clock  # which loads torch: whoever only reads sealed steps need not wait for it

    products = products or {}
    with lease(folder):
        unseal(folder, "steps", rebuild, "step")
        steps = _Steps(folder, json.loads(json.dumps(header)))
        hashes = _sealed_products(folder)
        finished = len(steps.records) == work.steps and hashes.keys() == products.keys()
        if not finished or (remake and any(not _is_there(folder / name, hashes[name]) for name in products)):
            first = steps.resume(work)
            observe(first)
            for number in range(first, work.steps):
                began = clock()
                record = work.step(number)
                wanted = number + 1 < work.steps or bool(products)  # by the next step, or by what is left to write
                steps.keep(number, record, clock() - began, work.state() if wanted else None)
                observe(1)
            for write in products.values():
                write(folder)
            (folder / CARD).unlink(missing_ok=True)  # of products that are no more
            hashes = {name: file_sha256(folder / name) for name in products}
        rows = [{"step": number, "record": json.dumps(record)} for number, record in enumerate(steps.records)]
        card = {"hash": chain.line_hash(steps.last), **describe_run(), **(facts or {}), "products": hashes}
        card["seconds"] = sum(read_seconds(steps.timings, "step"))
        seal_rows(folder, "steps", COLUMNS, steps.header, rows, card)
        steps.checkpoint.unlink(missing_ok=True)


def _sealed_products(folder: Path) -> dict[str, str]:
    """The hashes of the products, by name, where the folder is sealed."""
    products = read_card(folder).get("products", {}) if is_sealed(folder) else {}
    return products if isinstance(products, dict) else {}


def _is_there(path: Path, sha256: str) -> bool:
    return path.exists() and file_sha256(path) == sha256


def rebuild(parquet: Path) -> bytes:
    """The journal of a sealed file, byte for byte."""
    header, rows = read_rows(parquet)
    return b"".join(chain.links(chain.START, [header, *(json.loads(row["record"]) for row in rows)]))


def read_steps(folder: Path) -> tuple[dict, list[dict]]:
    """Header and records of sealed work; UserError if they are not those that the run card names."""
    check_sealed(folder, "steps")
    header, rows = read_rows(folder / "steps.parquet")
    try:
        return header, [json.loads(row["record"]) for row in rows]
    except (KeyError, ValueError, TypeError, RecursionError):
        raise UserError(f"{folder / 'steps.parquet'}: has no records of steps; restore it, or run it again") from None


class _Steps:
    """The journal of one folder, opened for writing or started with its header."""

    def __init__(self, folder: Path, header: dict):
        self.path, self.timings = folder / JOURNAL, folder / "timings.jsonl"
        self.checkpoint, self.header = folder / "checkpoint.pt", header
        self.run = chain.line_hash(chain.link(chain.START, header))  # which run a checkpoint is of
        mend(self.path, chain.link(chain.START, header))
        mend(self.timings, b"")
        lines = complete_lines(self.path)
        found, *self.records = chain.contents(chain.START, lines, self.path)
        check_header(self.path, found, header)
        self.last = lines[-1]

    def resume(self, work: Work) -> int:
        """Restore what the checkpoint holds, and return the first step to compute."""
        import torch  # here, as above

        try:
            saved = torch.load(self.checkpoint, weights_only=True)
        except FileNotFoundError:
            return 0
        except Exception:
            raise UserError(f"{self.checkpoint}: damaged; remove it, then the run computes its steps again") from None
        if not isinstance(saved, dict) or saved.keys() != CHECKPOINT:
            raise UserError(f"{self.checkpoint}: damaged; remove it, then the run computes its steps again")
        if saved["run"] != self.run or saved["next"] > len(self.records) + 1:
            raise UserError(f"{self.checkpoint}: of another run than its journal; remove it, then steps are done again")
        try:
            work.restore(saved["state"])
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError):  # RuntimeError: weights of other shapes
            raise UserError(f"{self.checkpoint}: of other work; remove it, then steps are done again") from None
        if saved["next"] == len(self.records) + 1:  # its writer died between the two files
            self._append(saved["next"] - 1, saved["record"], saved["seconds"])
        return saved["next"]

    def keep(self, number: int, record: dict, seconds: float, state: dict | None) -> None:
        """Put a finished step away: the state first, with the record, so that both are there or none."""
        try:
            record = json.loads(json.dumps(record, allow_nan=False))
        except ValueError:
            raise UserError(
                f"{self.path}: step {number} gave a number that is not finite; lower a learning rate"
            ) from None
        if number < len(self.records):
            self._compare(number, record)
        if state is not None:
            self._save({"next": number + 1, "record": json.dumps(record), "seconds": seconds}, state)
        if number == len(self.records):
            self._append(number, json.dumps(record), seconds)

    def _save(self, facts: dict, state: dict) -> None:
        import torch

        file = io.BytesIO()
        torch.save({"run": self.run, **facts, "state": state}, file)
        write_atomic(self.checkpoint, file.getvalue())

    def _append(self, number: int, record: str, seconds: float) -> None:
        append(self.timings, chain.encode({"step": number, "seconds": seconds}))
        self.records.append(json.loads(record))
        self.last = chain.link(self.last, self.records[-1])
        append(self.path, self.last)

    def _compare(self, number: int, record: dict) -> None:
        if record != self.records[number]:
            raise UserError(
                f"{self.path}: step {number} was written with other results than it gives now; run the version of "
                f"code and libraries that wrote it, or remove {self.path.parent} to start again"
            )
