"""What every sealed run is checked for: its hashes, its place, and its inputs against what is prepared."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

from tnas_bench import modules, plan, tasks
from tnas_bench.audit import Unchecked
from tnas_bench.errors import UserError
from tnas_bench.journal import chain
from tnas_bench.journal.sealed import read_card
from tnas_bench.modules import image


def check_seal(place: plan.Place, name: str, header: Mapping, rows: int, rebuild: Callable[[Path], bytes]) -> str:
    """Compare ``<name>.parquet``, whose bytes are those of the card, with all else that the card says of it."""
    folder, card = place.folder, read_card(place.folder)
    last = rebuild(folder / f"{name}.parquet").splitlines(keepends=True)[-1]
    if chain.line_hash(last) != card["hash"]:
        raise UserError(f"{folder}: the journal of its rows does not end with the hash of runcard.json; restore both")
    if (header, rows) != (card["study"], card[name]):
        raise UserError(f"{folder}: its rows are of another study than runcard.json tells; restore both files")
    if (header["name"], header["seed"]) != (place.name, place.seed):
        holds = f"{header['name']}, seed {header['seed']}"
        raise UserError(f"{folder}: holds {holds}, which belongs elsewhere; restore its own files")
    return "hashes"


def check_inputs(folders: Mapping[str, Mapping[str, Path]], known: Mapping) -> Iterator[str | Unchecked]:
    """Compare prepared tasks and modules, by kind and name, with the hashes that a run was started with."""
    there = [(kind, name, folder) for kind in folders for name, folder in folders[kind].items() if _is_there(folder)]
    for kind, name, folder in there:
        if _whole(kind, folder.absolute()) != known[kind][name]:
            raise UserError(f"{folder}: is not what this run was computed with; prepare it from the files on its card")
    if there:
        yield f"{len(there)} inputs"
    if missing := [name for kind in folders for name, folder in folders[kind].items() if not _is_there(folder)]:
        yield Unchecked("inputs", f"not prepared: {', '.join(missing)}")


def _is_there(folder: Path) -> bool:
    return (folder / "card.json").exists()


@cache
def _whole(kind: str, folder: Path) -> Mapping[str, str]:
    """The hashes of a prepared task or module whose files are those of its card."""
    if kind == "tasks":
        tasks.check(folder)
        return tasks.card(folder)["sha256"]
    return (image if plan.is_image_module(folder.name) else modules).check(folder).model_dump()["sha256"]
