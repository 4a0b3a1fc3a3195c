"""The verbs of ``tnas-bench data``: what can be had here, having it, and whether it is still whole."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from tnas_bench import plan
from tnas_bench.config import load_scale, with_sources
from tnas_bench.errors import UserError

CACHE = Path("data/raw")  # what is fetched
FOLDERS = {"tasks": Path("data/tasks"), "modules": Path("data/modules")}  # of what is prepared

app = typer.Typer(no_args_is_help=True, help="Data sets: files, status, get, check, baseline.")
WIDTH = 160  # characters of a table that goes to a file
ScaleName = Annotated[
    str, typer.Option("--scale", envvar="TNAS_SCALE", help="tiny, smoke, lab, paper, or the path of a YAML file")
]
Mirror = Annotated[
    Path | None,
    typer.Option("--mirror", envvar="TNAS_DATA_MIRROR", help="your files: raw/<data set>/<file>, modules/<module>/"),
]
Page = Annotated[Path | None, typer.Option("--into", help="a Markdown page whose table to write, such as docs/data.md")]
Ways = Annotated[
    list[str] | None,
    typer.Option("--from", help="mirror, package, tfds, publisher or generated, in place of the scale's"),
]


@app.command()
def get(
    tasks: Annotated[list[str] | None, typer.Argument(metavar="[TASK]...")] = None,
    everything: Annotated[bool, typer.Option("--all", help="all tasks; go on past those that cannot be had")] = False,
    scale: ScaleName = "paper",
    mirror: Mirror = None,
    ways: Ways = None,
) -> None:
    """Prepare tasks: find their raw files, split them, write them below data/tasks."""
    from tnas_bench.tasks.prepare import prepare
    from tnas_bench.tasks.registry import task_rows

    if bool(tasks) == everything:
        raise UserError("give the tasks that you want, or --all")
    settings, mirror = load_scale(scale), existing(mirror)
    if ways:
        settings = settings.model_copy(update={"data": with_sources(settings.data, ways)})

    def prepare_one(name: str) -> str:
        folder = plan.task_folder(settings, name)
        card = prepare(name, folder, settings.data, mirror, cache=CACHE)
        had = f"{card['rows']['total']:,} rows, {len(card['classes'])} classes, {card['grade']} ({card['via']})"
        return "\n  ".join([f"{folder}: {had}", *card["differences"]])

    names = [row.name for row in task_rows()] if everything else tasks
    _each(names, prepare_one, "could not be had")


@app.command()
def check() -> None:
    """Compare every prepared file with the hash on its card."""
    from tnas_bench import modules, tasks
    from tnas_bench.modules import image

    def check_module(folder: Path) -> None:
        (image if plan.is_image_module(folder.name) else modules).check(folder)

    verbs = {"tasks": tasks.check, "modules": check_module}
    prepared = {str(card.parent): verbs[kind] for kind, root in FOLDERS.items() for card in root.glob("**/card.json")}
    if not prepared:
        raise UserError("nothing is prepared below data/; run: tnas-bench data get --all")

    def check_one(folder: str) -> str:
        prepared[folder](Path(folder))
        return f"{folder}: whole"

    _each(sorted(prepared), check_one, "are not whole")


@app.command()
def baseline(into: Page = None) -> None:
    """Compare a linear classifier with the most frequent class on every prepared text task: a test of the data."""
    from tnas_bench import tasks
    from tnas_bench.progress import progress
    from tnas_bench.tasks.baseline import accuracy

    cards = {card.parent: tasks.card(card.parent) for card in sorted(FOLDERS["tasks"].glob("*/*/card.json"))}
    texts = {folder: card for folder, card in cards.items() if card["kind"] == "text"}
    if not texts:
        raise UserError("no text task is prepared below data/tasks; run: tnas-bench data get --all")
    rows = []
    with progress("baseline", len(texts), "tasks") as observe:
        for folder, card in texts.items():
            reached, frequent = accuracy(tasks.load(folder)), card["majority_accuracy"]
            mark = "" if reached > frequent else "  not above: is it mislabelled, or too small?"
            shown = f"{100 * frequent:.1f}", f"{100 * reached:.1f}{mark}"
            size = f"{card['rows']['test']:,}"
            rows.append((f"{folder.parent.name}/{folder.name}", card["grade"], str(len(card["classes"])), size, *shown))
            observe(1)
    show("data baseline", ("task", "grade", "classes", "test rows", "most frequent (%)", "linear (%)"), rows, into)


@app.command()
def status(scale: ScaleName = "paper", mirror: Mirror = None, into: Page = None) -> None:
    """Tell which tasks are prepared, and from where the others could be had."""
    from tnas_bench.tasks.registry import task_rows
    from tnas_bench.tasks.status import WAYS, prepared, served

    settings, mirror = load_scale(scale), existing(mirror)
    rows = []
    for task in task_rows():
        card = prepared(plan.task_folder(settings, task.name), FOLDERS["tasks"] / settings.name / task.name)
        facts = (card["via"], f"{card['rows']['total']:,}", card["grade"]) if card else ("no", "", "")
        published = f"{task.published.rows:,}" if task.published.rows else "?"
        ways = (served(task, way, mirror, CACHE) for way in WAYS)
        rows.append((task.name, *facts[:2], published, facts[2], *ways))
    show("data status", ("task", "prepared", "rows", "published", "grade", *WAYS), rows, into)
    print("The last columns: the grade of what a way gives; *: over the network; (): its files are not there.")


@app.command()
def files(into: Page = None) -> None:
    """List the files of every data set, their hashes, and how each differs from the published one."""
    from tnas_bench.tasks.page import FILES, known_files

    show("data files", FILES, list(known_files()), into)


def existing(mirror: Path | None) -> Path | None:
    """The mirror, which must be there if it is given."""
    if mirror and not mirror.is_dir():
        raise UserError(f"{mirror}: no such folder; give that of your raw files (TNAS_DATA_MIRROR or --mirror)")
    return mirror


def show(verb: str, header: Sequence[str], rows: Sequence[Sequence[str]], into: Path | None) -> None:
    """Print a table, or write it into a page."""
    if into:
        from tnas_bench.tasks.page import put

        return put(into, verb, header, rows)
    table = Table(*(Column(name, overflow="fold") for name in header), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table)


def _each(names: Sequence[str], verb: Callable[[str], str], failure: str) -> None:
    """Do it for each name; with several, go on past those that fail, and list them at the end."""
    if len(names) == 1:
        return print(verb(names[0]))
    mistakes = []
    for name in names:
        try:
            print(verb(name), flush=True)
        except UserError as error:
            mistakes.append(str(error))
            print(f"{name}: {failure}, see below", flush=True)
    if mistakes:
        raise UserError("\n  ".join([f"{len(mistakes)} of {len(names)} {failure}:", *mistakes]))
