"""The verbs of ``tnas-bench table``: the tabular benchmark, made and searched."""

from pathlib import Path
from typing import Annotated

import typer

from tnas_bench import plan
from tnas_bench.checks import checked_scale
from tnas_bench.cli_data import ScaleName

app = typer.Typer(no_args_is_help=True, help="The tabular benchmark: make, search.")


@app.command()
def make(scale: ScaleName = "paper") -> None:
    """Gather the sealed grid studies of a scale into results/<scale>/table: table.parquet and card.md."""
    from tnas_bench.tabular.files import write
    from tnas_bench.tabular.gather import gather

    settings = checked_scale(scale)
    table = gather([study.folder for study in plan.table_studies(settings)], settings.label)
    write(table, plan.table_folder(settings))
    shape = f"{table.space.size:,} configurations x {len(table.tasks)} tasks x {table.seeds} seeds"
    print(f"{plan.table_folder(settings)}: {shape}")


@app.command()
def search(
    task: Annotated[str, typer.Option(help="a task of the table")],
    controller: Annotated[str, typer.Option(help="name of a controller")] = "naml",
    trials: Annotated[int, typer.Option(help="the budget", min=1)] = 200,
    pretraining: Annotated[int, typer.Option(help="trials on the table's other tasks before; then transfer")] = 0,
    seed: Annotated[int, typer.Option(help="the first seed")] = 0,
    seeds: Annotated[int, typer.Option(help="how many searches, with seeds one after the other", min=1)] = 1,
    table: Annotated[Path | None, typer.Option(help="a table.parquet, in place of the scale's")] = None,
    scale: ScaleName = "paper",
) -> None:
    """Search a table by look-up, in seconds: what is found, beside random search and the best there is."""
    from tnas_bench.tabular.files import NAMES, read
    from tnas_bench.tabular.outcomes import chosen, outcomes, told
    from tnas_bench.tabular.search import search as search_table

    settings = checked_scale(scale)
    whole = read(table or plan.table_folder(settings) / NAMES[0])
    best = f"the best has {100 * whole.truth(task).max():.2f}% test accuracy (mean of its trainings: {whole.seeds})"
    print(f"{task}: {whole.space.size:,} configurations; {best}")
    for name, before in {"random_search": 0, controller: pretraining}.items():
        searches = [
            search_table(whole, name, task, trials, each, settings, before) for each in range(seed, seed + seeds)
        ]
        ends = outcomes(whole, task, searches)
        print(f"{name}{f' after {before} trials on the other tasks' if before else ''}: {told(ends)}")
        print(f"  seed {seed} found {chosen(whole, ends['configuration'].iloc[0])}")
