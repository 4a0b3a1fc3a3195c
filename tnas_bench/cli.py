"""The command line: one verb a step of the workflow. Rules call only these; each can be run by hand."""

import logging
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from tnas_bench import cli_data, cli_price, cli_results, cli_table, plan, plan_ldnas
from tnas_bench.checks import checked_scale
from tnas_bench.cli_data import CACHE, Mirror, Page, ScaleName, existing, show
from tnas_bench.errors import UserError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(cli_data.app, name="data")
app.add_typer(cli_table.app, name="table")
app.command()(cli_price.price)
app.command()(cli_results.audit)
app.command()(cli_results.compare)
app.command()(cli_results.export)


def main() -> None:
    """Entry point. A user's mistake is one line on stderr and exit code 1."""
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    warnings.showwarning = lambda message, *_: print(f"warning: {message}", file=sys.stderr)
    try:
        app()
    except UserError as error:
        sys.exit(f"error: {error}")


@app.command()
def module(name: str, scale: ScaleName = "paper", mirror: Mirror = None) -> None:
    """Prepare a module of texts or of images below data/modules."""
    from tnas_bench.modules.embedding import Materials
    from tnas_bench.modules.image import builders
    from tnas_bench.modules.prepare import prepare

    mirror = existing(mirror)
    settings = checked_scale(scale)
    folder = plan.module_folder(settings, name)
    if plan.is_image_module(name):
        card = builders.prepare(name, folder, Materials(CACHE / "packages", mirror, {})).model_dump()
        size = f"{card['network']}, images of {card['side']} x {card['side']},"
    else:
        tasks = {task: plan.task_folder(settings, task) for task in plan.module_tasks(settings, name)}
        card = prepare(name, folder, CACHE / "packages", mirror, tasks)
        size = f"{card['words']:,} words + {card['buckets']:,} buckets" if card["trainable"] else "a frozen encoder"
    print(f"{folder}: {size} of {card['dimension']} dimensions")
    if card["stand_in"]:
        print(f"  stand-in: {card['note']}")


@app.command()
def study(
    path: Annotated[str | None, typer.Argument(help="a planned study, e.g. tnaml/transfer/naml/sms_spam/seed0")] = None,
    scale: ScaleName = "paper",
    executor: Annotated[
        str, typer.Option(envvar="TNAS_EXECUTOR", help="who trains children side by side: processes:N or dask:ADDRESS")
    ] = "processes:1",
    csv: Annotated[Path | None, typer.Option(help="your own data instead of a planned study: a CSV file")] = None,
    task: Annotated[
        str | None, typer.Option(help="instead of a planned study: a prepared task, of texts or images")
    ] = None,
    text: Annotated[str, typer.Option(help="with --csv: the column of texts")] = "text",
    label: Annotated[str, typer.Option(help="with --csv: the column of classes")] = "label",
    controller: Annotated[
        str, typer.Option(help="not planned: a controller: random_search, naml, ppo, tnaml, ...")
    ] = "naml",
    pretrained: Annotated[Path | None, typer.Option(help="not planned: folder of a study to transfer from")] = None,
    trials: Annotated[int, typer.Option(help="not planned: the budget")] = 100,
    seed: Annotated[int, typer.Option(help="not planned: the seed")] = 0,
) -> None:
    """Run or continue a study, planned by a scale or not, and print its best configurations."""
    from tnas_bench.run import best, own, own_csv, own_task, planned, run_job

    if sum(given is not None for given in (path, csv, task)) != 1:
        either = "a prepared task (--task NAME), or your own data (--csv FILE --text COLUMN --label COLUMN)"
        raise UserError(f"give the path of a planned study, {either}")
    settings = checked_scale(scale)
    if path:
        job = planned(plan.find_study(settings, path))
    else:
        if (controller == "tnaml") != (pretrained is not None):
            raise UserError("--controller tnaml goes with --pretrained FOLDER, and no other controller does")
        data = own_csv(csv, text, label) if csv else own_task(settings, task)
        job = own(settings, *data, controller, pretrained, trials, seed)
    run_job(job, executor)
    print(f"{job.folder}: sealed; the children with the best validation accuracy:")
    for validation, test, configuration in best(job, 3):
        chosen = ", ".join(f"{name} {choice}" for name, choice in configuration.items())
        print(f"  validation {validation:.3f}, test {test:.3f}: {chosen}")


def _path(example: str) -> typer.models.ArgumentInfo:
    return typer.Argument(help=f"a planned run, e.g. ldnas/{example}")


@app.command()
def network(path: Annotated[str, _path("networks/vgg16/task0/seed0")], scale: ScaleName = "paper") -> None:
    """Train a hand-designed network (LD-NAS)."""
    from tnas_bench.run_ldnas import run_network

    _run_ldnas(run_network, path, scale, "networks")


@app.command()
def distances(path: Annotated[str, _path("distances/vgg16/task3/seed0")], scale: ScaleName = "paper") -> None:
    """Measure the distances of all tasks to one, from the Fishers of trained networks (LD-NAS)."""
    from tnas_bench.run_ldnas import run_distances

    _run_ldnas(run_distances, path, scale, "distances")


@app.command()
def search(path: Annotated[str, _path("search/fuse-closest-paper/task3/seed0")], scale: ScaleName = "paper") -> None:
    """Search for a cell, and train what was found (LD-NAS)."""
    from tnas_bench.run_ldnas import run_search

    _run_ldnas(run_search, path, scale, "search", "base_search")


def _run_ldnas(verb: Callable[[plan_ldnas.Run], None], path: str, scale: str, *experiments: str) -> None:
    run = plan_ldnas.find_run(checked_scale(scale), path, *experiments)
    verb(run)
    print(f"{run.folder}: sealed")


@app.command()
def exhibit(name: str, scale: ScaleName = "paper") -> None:
    """Build an exhibit from sealed results: reports/<scale>/tables/NAME.{csv,md,tex}, and figures/NAME.{svg,png}."""
    from tnas_bench import exhibit_results, exhibits
    from tnas_bench.exhibits.files import read_table, save_figure, save_table

    settings, shown = checked_scale(scale), exhibits.find(name)
    folder = plan.reports(settings)
    results = exhibit_results.read(settings, name, exhibit_results.planned(settings, name))
    save_table(shown, shown.build(results, settings), folder, settings.label)
    print(folder / "tables" / f"{name}.csv")
    if shown.draw:
        save_figure(shown, read_table(shown, folder), folder)  # from the file, so that both show the same
        print(folder / "figures" / f"{name}.svg")


@app.command()
def claims(scale: ScaleName = "paper", into: Page = None) -> None:
    """Judge every claim of the papers by the scale's sealed results: reports/<scale>/claims.csv."""
    from tnas_bench.claims import shown, summary
    from tnas_bench.claims.ledger import ledger

    settings = checked_scale(scale)
    judged = ledger(settings)
    shown.save(judged, plan.reports(settings))
    if into:
        show("headlines", summary.HEADLINE_HEADER, list(summary.headlines(judged)), into)
        return show("claims", summary.HEADER, list(summary.rows(judged, scale)), into)
    for paper in shown.counts(judged):
        told = [f"{number} {verdict}" for verdict, number in paper["verdicts"].items() if number]
        print(f"{paper['title']}: {', '.join(told)}")
    print(plan.reports(settings) / shown.FILE)


@app.command()
def report(scale: ScaleName = "paper") -> None:
    """Write the page that shows it all: reports/<scale>/index.html."""
    from tnas_bench import exhibit_results
    from tnas_bench.journal.durable import write_atomic
    from tnas_bench.journal.sealed import is_sealed, read_card
    from tnas_bench.report import build

    settings = checked_scale(scale)
    folder = plan.reports(settings)
    places = exhibit_results.all_places(settings)
    runs = {place.path: read_card(place.folder) for place in places if is_sealed(place.folder)}
    names = (*plan.exhibit_names(settings), *plan_ldnas.exhibit_names(settings))
    read = {name: [place.path for place in exhibit_results.planned(settings, name)] for name in names}
    write_atomic(folder / "index.html", build(settings, folder, runs, read).encode())
    print(folder / "index.html")


@app.command()
def dependencies(into: Page = None) -> None:
    """List the packages that constraints.txt pins, and their licences as pip installed them."""
    from tnas_bench.dependencies import HEADER, rows

    show("dependencies", HEADER, list(rows()), into)
