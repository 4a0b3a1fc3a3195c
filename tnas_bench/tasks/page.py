"""Pages of ``docs``: their tables are written by the verbs that also print them."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tnas_bench.errors import UserError
from tnas_bench.tasks import registry
from tnas_bench.tasks.registry import RawFile, Source

Rows = Sequence[Sequence[str]]
FILES = ("data set", "from", "file or name", "SHA-256", "grade", "difference or remark")
END = "<!-- end -->"


def put(page: Path, verb: str, header: Sequence[str], rows: Rows) -> None:
    """Write a table into a page: between the line ``<!-- tnas-bench VERB -->`` and the next ``<!-- end -->``."""
    start = f"<!-- tnas-bench {verb} -->"
    try:
        text = page.read_text(encoding="utf-8")
        if not re.search(f"{start}.*?{END}", text, re.DOTALL):
            raise UserError(f"{page}: has no lines {start!r} and {END!r} to put the table between; add them")
        new = "\n".join([start, "", markdown(header, rows), "", END])
        page.write_text(re.sub(f"{start}.*?{END}", lambda _: new, text, count=1, flags=re.DOTALL), encoding="utf-8")
    except OSError as error:
        raise UserError(f"{page}: cannot be read and written ({error.strerror}); give another page") from None


def markdown(header: Sequence[str], rows: Rows) -> str:
    """A table with pipes."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.strip().replace('|', '&#124;') for cell in line)} |" for line in lines)


def known_files() -> Iterator[tuple[str, ...]]:
    """Rows under ``FILES``: every accepted way of having a data set, and the files that it takes.

    A mirror has a file at ``raw/<data set>/<file>``; a grade stands once for all files of a source.
    """
    for task in {task.dataset: task for task in registry.task_rows()}.values():
        for source in registry.sources(task):
            if source.form != "generated":
                yield from _lines(source)


def _lines(source: Source) -> Iterator[tuple[str, ...]]:
    facts = (source.grade, source.note or "none known")
    if source.form != "files":
        hashes = "; ".join(file.sha256 for file in source.files)
        yield source.dataset, source.form, source.package, hashes or "kept by tensorflow-datasets", *facts
        return
    for number, file in enumerate(source.files):
        yield source.dataset, "file", _names(file), file.sha256 or "unknown", *(facts if number == 0 else ("", ""))


def _names(file: RawFile) -> str:
    return f"{file.name} (or {file.archive.name}, which holds it)" if file.archive else file.name
