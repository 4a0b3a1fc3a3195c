"""What more trials would show, by look-up in a tabular benchmark: no child is trained.

    python benchmarks/lookup.py algorithms results/lab/table/table.parquet --trials 100 300 1000
    python benchmarks/lookup.py pretraining results/lab/table/table.parquet --trials 200 2000 10000

``algorithms``: each controller of the preliminary experiment from scratch, and PPO also with one pass over a round.
Prints the mean validation accuracy of the 50 trials that end with each of the given ones. ``pretraining``: T-NAML and
transfer without task embeddings, after so many trials over the table's other tasks. Prints how many different models
are the most probable ones of those tasks, and by how much T-NAML's test accuracy-top10 is the higher on the task left
out, after the fixed trials of the scale.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table as Shown

from tnas_bench.config import Scale, load_scale
from tnas_bench.device import use_one_thread
from tnas_bench.errors import UserError
from tnas_bench.exhibits.tnaml_algorithms import ALGORITHMS, LATE
from tnas_bench.metrics import accuracy_top_n
from tnas_bench.progress import Observer, progress
from tnas_bench.seeds import integer
from tnas_bench.study import Study
from tnas_bench.tabular import Table
from tnas_bench.tabular.files import read
from tnas_bench.tabular.search import in_memory, search, study_name, taught

ONE_PASS = "ppo, one pass a round"
Rows = Iterator[tuple[str, list[float]]]


def algorithms(table: Table, scale: Scale, trials: Sequence[int], seeds: int, done: Observer) -> Rows:
    """Of each algorithm: mean validation accuracy (percent) of the last trials up to each of ``trials``."""
    once = scale.controller.ppo.model_copy(update={"epochs": 1})
    one_pass = scale.model_copy(update={"controller": scale.controller.model_copy(update={"ppo": once})})
    for told, name, of in (*((name, name, scale) for name in ALGORITHMS), (ONE_PASS, "ppo", one_pass)):
        searches = []
        for task, seed in product(table.tasks, range(seeds)):
            found = search(table, name, task, max(trials), seed, of)
            searches.append([trial.validation for trial in found])
            done(1)
        means = 100 * np.mean(searches, axis=0)
        yield told, [means[max(0, end - LATE) : end].mean() for end in trials]


def pretraining(table: Table, scale: Scale, trials: Sequence[int], seeds: int, done: Observer) -> Rows:
    """Of each length of pretraining: different most probable models; T-NAML's lead in points, its standard error."""
    for length in trials:
        models, leads = [], []
        for task, seed in product(table.tasks, range(seeds)):
            different, ours = _transferred(table, "tnaml", task, seed, scale, length)
            _, rival = _transferred(table, "agnostic", task, seed, scale, length)
            models.append(different)
            leads.append(100 * (ours - rival))
            done(1)
        yield f"{length:,} trials", [np.mean(models), np.mean(leads), np.std(leads, ddof=1) / np.sqrt(len(leads))]


def _transferred(table: Table, controller: str, task: str, seed: int, scale: Scale, length: int) -> tuple[int, float]:
    """Different most probable models after pretraining; test accuracy-top10 after the fixed trials on the task."""
    name, searcher = study_name(controller, task), taught(table, controller, task, seed, scale, length)
    different = len(set(map(tuple, searcher.facts()["most_probable"].values())))
    searcher.transfer(integer(name, seed, "transfer"))
    found = in_memory(Study(name, (task,), seed, scale.trials.fixed, scale.round_size), searcher, table)
    _, test = accuracy_top_n([trial.validation for trial in found], [trial.test for trial in found], scale.top_n)
    return different, test[-1]


QUESTIONS = {"algorithms": algorithms, "pretraining": pretraining}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("question", choices=QUESTIONS)
    parser.add_argument("table", type=Path, help="a table.parquet")
    parser.add_argument("--trials", type=int, nargs="+", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--scale", default="lab", help="whose settings the controllers have")
    asked = parser.parse_args()
    if min(*asked.trials, asked.seeds) < 1:
        parser.error("--trials and --seeds: give at least 1")
    use_one_thread()
    table, scale = read(asked.table), load_scale(asked.scale)
    of = asked.question == "algorithms"
    columns = [f"to trial {end:,}" for end in asked.trials] if of else ["models", "T-NAML's lead", "standard error"]
    shown, found = Shown(asked.question, *columns), {}
    parts = len(ALGORITHMS) + 1 if of else len(asked.trials)
    with progress(asked.question, parts * len(table.tasks) * asked.seeds, "searches") as done:
        for told, numbers in QUESTIONS[asked.question](table, scale, asked.trials, asked.seeds, done):
            found[told] = dict(zip(columns, map(float, numbers), strict=True))
            shown.add_row(told, *(f"{number:.2f}" for number in numbers))
    Console().print(shown)
    print(json.dumps(found))


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
