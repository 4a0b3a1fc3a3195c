"""Chained lines: canonical JSON objects, each with a SHA-256 over the previous line's hash and its own content."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from tnas_bench.errors import UserError

START = b""  # what the first line is chained to


def encode(content: dict) -> bytes:
    """Canonical JSON in one line: keys in the given order, ASCII, floats that read back exactly."""
    return json.dumps(content, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def line_hash(line: bytes) -> str:
    """The hash that a chained line carries."""
    return json.loads(line)["hash"] if line != START else ""


def link(previous: bytes, content: dict) -> bytes:
    """The line of a content that follows the line ``previous``."""
    digest = hashlib.sha256(line_hash(previous).encode() + encode(content)).hexdigest()
    return encode({**content, "hash": digest})


def links(previous: bytes, contents: Iterable[dict]) -> Iterator[bytes]:
    """The lines of contents that follow the line ``previous``."""
    for content in contents:
        previous = link(previous, content)
        yield previous


def contents(previous: bytes, lines: Iterable[bytes], path: Path) -> Iterator[dict]:
    """The contents of lines that follow the line ``previous``; UserError names the first that does not belong."""
    for number, line in enumerate(lines, start=1):
        content = _content(previous, line)
        if content is None:
            raise UserError(
                f"{path}: line {number} is damaged, missing or out of order; "
                f"restore the file, or delete it from line {number} on to train the rest again"
            )
        yield content
        previous = line


def _content(previous: bytes, line: bytes) -> dict | None:
    """The content of a line, or None if the line is not, byte for byte, what :func:`link` writes."""
    try:
        content = json.loads(line)
        del content["hash"]
        return content if link(previous, content) == line else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
