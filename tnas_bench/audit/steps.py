"""Audit of LD-NAS: hashes, what a run was started from, and the proposals of the searches that leave their rewards."""

from collections.abc import Iterator
from pathlib import Path

from tnas_bench import plan, run_ldnas
from tnas_bench.audit import Unchecked
from tnas_bench.audit.seal import check_inputs, check_seal
from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256
from tnas_bench.journal import check_header
from tnas_bench.journal.sealed import is_sealed, read_card
from tnas_bench.journal.steps import read_steps, rebuild
from tnas_bench.plan_ldnas import Run, inputs, searched

EXPERIMENTS = ("networks", "distances", "base_search", "search", "final")
FORETOLD = ("random_search", "fuse")  # ENAS keeps the mean of its rewards only, DARTS proposes nothing


def check(run: Run) -> Iterator[str | Unchecked]:
    """Tell what holds of a sealed run, and what cannot be checked here; UserError: what does not hold."""
    if run.experiment not in EXPERIMENTS:
        raise UserError(f"{run.folder}: LD-NAS has no such run; put it elsewhere, or remove it")
    header, records = read_steps(run.folder)
    yield check_seal(run, "steps", header, len(records), rebuild)
    known = header["settings"]
    yield from check_inputs(
        {"tasks": {run.task: plan.task_folder(run.scale, run.task)}}, {"tasks": {run.task: known["task"]}}
    )
    if missing := [each.path for each in _read(run) if not is_sealed(each.folder)]:
        yield Unchecked("settings", f"not sealed: {missing[0]}{f' and {len(missing) - 1} more' if missing[1:] else ''}")
    else:
        told = read_card(run.folder)["inputs"]["tasks"][run.task]["sha256"]
        expected = run_ldnas.header(run, told, run_ldnas.settings(run))
        check_header(run.folder / "steps.parquet", header, expected)
        yield "settings"
    if run.experiment in ("search", "base_search"):
        yield _foretold(run, known, records)
    yield from _products(run.folder)


def _read(run: Run) -> list[Run]:
    """The runs whose results it was started from."""
    return [searched(run)] if run.experiment == "final" else inputs(run)


def _foretold(run: Run, known: dict, records: list[dict]) -> str | Unchecked:
    method = run.variant.split("-")[0]
    if method not in FORETOLD:
        return Unchecked("proposals", f"{method} leaves no rewards to replay")
    search = run_ldnas.search(run, known, None, None)
    if len(records) != search.steps:
        raise UserError(f"{run.folder}: has {len(records)} of {search.steps} steps; run it to its end")
    for number, record in enumerate(records):
        for key, now in search.foretell(number, record).items():
            if record.get(key) != now:
                told = f"step {number} was written with {key} = {record.get(key)}, but {now} follows"
                raise UserError(f"{run.folder / 'steps.parquet'}: {told}; distrust it, or run it again")
    return f"{len(records)} proposals"


def _products(folder: Path) -> Iterator[str | Unchecked]:
    """Files that the run card names beside its rows: weights."""
    for name, sha256 in read_card(folder)["products"].items():
        if not (folder / name).exists():
            yield Unchecked("weights", f"not here: {name}")
        elif file_sha256(folder / name) != sha256:
            raise UserError(f"{folder / name}: is not the one of runcard.json; remove it, then it is made again")
        else:
            yield name
