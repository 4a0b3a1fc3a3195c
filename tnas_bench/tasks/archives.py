"""Archives are read member by member in memory: nothing is ever extracted under a name of their choosing."""

import gzip
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ZIP_SUFFIXES = {".zip", ".whl"}


def content(path: Path, member: str | None = None) -> bytes:
    """The bytes of a file, unpacked when its name ends in ``.gz``; or those of one member of a zip archive."""
    if member is not None:
        with zipfile.ZipFile(path) as archive:
            return archive.read(member)
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        return file.read()


def members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every regular file of a zip or tar archive, in its order, in one pass."""
    if path.suffix in ZIP_SUFFIXES:
        with zipfile.ZipFile(path) as archive:
            yield from ((entry.filename, archive.read(entry)) for entry in archive.infolist() if not entry.is_dir())
    else:
        with tarfile.open(path, "r|*") as archive:
            yield from ((entry.name, archive.extractfile(entry).read()) for entry in archive if entry.isfile())
