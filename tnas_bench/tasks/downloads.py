"""Downloads: a publisher's file from the first of its addresses that serves it; what was cut short is continued."""

import os
from collections.abc import Iterator
from pathlib import Path

import pooch
import requests

from tnas_bench.errors import UserError
from tnas_bench.locks import alone
from tnas_bench.progress import progress
from tnas_bench.tasks import archives
from tnas_bench.tasks.registry import RawFile

ATTEMPTS = 3  # at one address
TIMEOUT = (10, 30)  # seconds to connect, and to wait for more bytes
CHUNK = 2**20  # bytes
UNIT = 1000  # bytes of progress


class Unavailable(UserError):
    """No address served the file."""


def fetch(file: RawFile, folder: Path) -> Path:
    """The file in ``folder``, from there or from its addresses; :class:`Unavailable` says what each of them did."""
    path = folder / file.name
    if path.is_file():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with alone(path.with_name(f".{path.name}.lock"), path):  # two that append to one part would spoil it
            return path if path.is_file() else _download(file, path)
    except OSError as error:
        raise UserError(f"{path}: cannot be kept ({error.strerror}); free space, then run again") from None


def _download(file: RawFile, path: Path) -> Path:
    """From the first address that serves it."""
    reasons = []
    pooch.get_logger().setLevel("WARNING")
    for address in file.addresses:
        try:
            pooch.retrieve(address, None, path.name, path.parent, downloader=Resuming(file))
        except requests.RequestException as error:
            reasons.append(f"{address} {_reason(error)}")
            continue
        if file.sha256 in ("", found := archives.sha256(path)):
            return path
        path.unlink()
        reasons.append(f"{address} has another file (sha256 {found})")
    raise Unavailable("; ".join(reasons) or "no address is known")


class Resuming:
    """Downloader for pooch: puts a file together from as many requests as it takes, and shows how far it is."""

    def __init__(self, file: RawFile):
        self.file = file

    def __call__(self, address: str, output: str, _: pooch.Pooch) -> None:
        part = Path(output).parent / f"{Path(self.file.name).name}.part"
        if not self.file.sha256:
            part.unlink(missing_ok=True)  # nothing would tell that it is continued with another file
        for attempt in range(ATTEMPTS):
            try:
                self._continue(address, part)
                break
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
                if attempt == ATTEMPTS - 1:
                    raise
        os.replace(part, output)

    def _continue(self, address: str, part: Path) -> None:
        """Append what is missing; start again where the server does not continue, or has less than there is."""
        have = part.stat().st_size if part.exists() else 0
        if have and have == self.file.size:
            return
        with _get(address, have) as answer:
            if answer.status_code == requests.codes.requested_range_not_satisfiable:
                part.unlink()
                return self._continue(address, part)
            answer.raise_for_status()
            have = have if answer.status_code == requests.codes.partial_content else 0
            total = have + int(answer.headers.get("content-length", 0))
            with part.open("ab" if have else "wb") as out:
                for chunk in self._watched(answer, have, total):
                    out.write(chunk)

    def _watched(self, answer: requests.Response, have: int, total: int) -> Iterator[bytes]:
        with progress(self.file.name, total // UNIT, "kB") as observe:
            observe(have // UNIT)
            for chunk in answer.iter_content(CHUNK):
                observe((have + len(chunk)) // UNIT - have // UNIT)
                have += len(chunk)
                yield chunk


def _get(address: str, have: int) -> requests.Response:
    # Bytes as they are stored: a server that compressed them on the way could not continue in the middle.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    return requests.get(address, headers=headers, stream=True, timeout=TIMEOUT)


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.HTTPError):
        return f"answers {error.response.status_code}"
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return f"is silent for {TIMEOUT[1]} s"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return f"breaks off, {ATTEMPTS} times; run again to continue"
    return "cannot be reached"
