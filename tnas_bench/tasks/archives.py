"""Archives are read member by member in memory: nothing is ever extracted under a name of their choosing."""

import gzip
import hashlib
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256

ZIP_SUFFIXES = {".zip", ".whl"}


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal; of what is inside a ``.gz`` that is no tar: wrappers vary."""
    wrapped = path.suffix == ".gz" and not path.name.endswith(".tar.gz")
    return inner_sha256(path) if wrapped else file_sha256(path)


def inner_sha256(path: Path) -> str:
    """The SHA-256 of what a gzip file holds, which is read to its end; UserError if it is not whole."""
    try:
        with gzip.open(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise UserError(f"{path}: not a whole gzip file; replace or remove the file") from None


def content(path: Path, member: str | None = None) -> bytes:
    """The bytes of a file, or those of one member of a zip archive; unpacked when its name ends in ``.gz``."""
    if member is None:
        data = path.read_bytes()
    else:
        with zipfile.ZipFile(path) as archive:
            data = archive.read(member)
    return gzip.decompress(data) if (member or path.name).endswith(".gz") else data


def unpack(path: Path, targets: Mapping[str, Path]) -> None:
    """Write members of an archive, by name, to files of our choosing; UserError where one is not in it."""
    missing = dict(targets)
    for name, data in members(path):
        if name in missing:
            target = missing.pop(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f"{target.name}.part")
            part.write_bytes(data)
            part.replace(target)
    if missing:
        raise UserError(f"{path}: holds no {', '.join(missing)}; replace the file")


def members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every regular file of a zip or tar archive, in its order, in one pass."""
    if path.suffix in ZIP_SUFFIXES:
        with zipfile.ZipFile(path) as archive:
            yield from ((entry.filename, archive.read(entry)) for entry in archive.infolist() if not entry.is_dir())
    else:
        with tarfile.open(path, "r|*") as archive:
            yield from ((entry.name, archive.extractfile(entry).read()) for entry in archive if entry.isfile())
