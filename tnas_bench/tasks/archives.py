"""Archives are read member by member in memory: nothing is ever extracted under a name of their choosing."""

import errno
import gzip
import hashlib
import io
import lzma
import shutil
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath

from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256

ZIP_SUFFIXES = {".zip", ".whl"}
MOST_BYTES = 2**29  # of a member, unpacked: many times the largest that a data set has
MOST_IN_ALL = 2**33  # of an archive; a model of TF-Hub has two
CHUNK = 2**20
DAMAGE = (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, lzma.LZMAError, zlib.error, EOFError)
DAMAGE += (
    RuntimeError,
    ValueError,
    IndexError,
    OverflowError,
    struct.error,
)  # RuntimeError: encrypted, or strange
Entry = tuple[str, int, Callable[[], bytes]]  # name, bytes when unpacked, and how to read them


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal; of what is inside a ``.gz`` that is no tar: wrappers vary."""
    wrapped = path.suffix == ".gz" and not path.name.endswith(".tar.gz")
    return inner_sha256(path) if wrapped else file_sha256(path)


def inner_sha256(path: Path) -> str:
    """The SHA-256 of what a gzip file holds, which is read to its end; UserError if it is not whole."""
    with _whole(path, "gzip file"), gzip.open(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content(path: Path, member: str | None = None) -> bytes:
    """The bytes of a file, or those of one member of a zip archive; unpacked when its name ends in ``.gz``.

    UserError where the archive is not whole or has no such member.
    """
    data = path.read_bytes() if member is None else _member(path, member)
    return gunzip(path, data) if (member or path.name).endswith(".gz") else data


def gunzip(place: Path | str, data: bytes) -> bytes:
    """What a gzip file holds; ``place`` names it in the UserError if it is not whole."""
    with _whole(place, "gzip file"), gzip.open(io.BytesIO(data)) as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise UserError(f"{place}: more than {MOST_BYTES:,} bytes when unpacked; replace the file")
    return content


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
    """Name and bytes of every regular file of a zip or tar archive, in its order, in one pass.

    UserError where it is not a whole archive, or where a member is absurdly large or its name points outside.
    """
    entries = _zipped if path.suffix in ZIP_SUFFIXES else _tarred
    total = 0
    with _whole(path, "archive"):
        for name, size, read in entries(path):
            total += size
            _check(path, name, size, total)
            yield name, read()


def extract(path: Path, folder: Path) -> None:
    """Write the regular files of a ``.tar.gz`` below ``folder``: never elsewhere, and never a link.

    UserError as of :func:`members`, but that one of its files may be as large as all of them.
    """
    total = 0
    with _whole(path, ".tar.gz file"), tarfile.open(path, "r:gz") as archive:
        for entry in archive:
            total += entry.size
            _check(path, entry.name, 0, total)
            if not (entry.isfile() or entry.isdir()):
                raise UserError(f"{path}: {entry.name!r} is no file inside the folder; replace the archive")
            if entry.isfile():
                target = folder / entry.name
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.extractfile(entry) as source, target.open("wb") as file:
                    shutil.copyfileobj(source, file, CHUNK)


def _check(path: Path, name: str, size: int, total: int) -> None:
    """Names and sizes are what headers declare; no more than that is read of a member."""
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise UserError(f"{path}: its member {name!r} points outside of it; replace the file")
    if size > MOST_BYTES:
        raise UserError(f"{path}: its member {name!r} has {size:,} bytes; replace the file")
    if total > MOST_IN_ALL:
        raise UserError(f"{path}: its members up to {name!r} have {total:,} bytes; replace the file")


def _zipped(path: Path) -> Iterator[Entry]:
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.is_dir():
                yield entry.filename, entry.file_size, partial(archive.read, entry)


def _tarred(path: Path) -> Iterator[Entry]:
    with _opened(path) as archive:
        for entry in archive:
            if entry.isfile():
                yield entry.name, entry.size, archive.extractfile(entry).read


def _opened(path: Path) -> tarfile.TarFile:
    """To be read in one pass: to seek in compressed data would be to start anew."""
    try:
        return tarfile.open(path, "r|*")
    except TypeError:  # tarfile's own mistake with a gzip header that is cut short
        raise tarfile.ReadError from None


def _member(path: Path, name: str) -> bytes:
    with _whole(path, "archive"), zipfile.ZipFile(path) as archive:
        if name not in archive.namelist():
            raise UserError(f"{path}: holds no {name}; replace the file")
        size = archive.getinfo(name).file_size
        _check(path, name, size, size)
        return archive.read(name)


@contextmanager
def _whole(place: Path | str, kind: str) -> Iterator[None]:
    try:
        yield
    except DAMAGE:
        raise _broken(place, kind) from None
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # EINVAL: an offset that no file has
            raise
        raise _broken(place, kind) from None


def _broken(place: Path | str, kind: str) -> UserError:
    return UserError(f"{place}: not a whole {kind}; replace or remove the file")
