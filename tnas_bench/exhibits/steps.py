"""Steps: the records of sealed runs of LD-NAS as one long frame, the only input of its exhibits."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from pandas import DataFrame

from tnas_bench.errors import UserError
from tnas_bench.journal.sealed import read_card
from tnas_bench.journal.steps import read_steps


def load_steps(folders: Sequence[Path]) -> DataFrame:
    """The records of sealed runs, given by their folders, one a row.

    Columns: paper, experiment, variant, task, seed (of the run); step, record (a dict); seconds (of the whole run, on
    its device), gpu (its name; None: CPU), settings (of the header); grade, dataset and test_images (their number) of
    the task. A run that is not sealed, or was changed since, is the user's mistake.
    """
    if not folders:
        raise UserError("no sealed runs were given; run those of the exhibit first")
    return pd.concat([_run(folder) for folder in folders], ignore_index=True)


def _run(folder: Path) -> DataFrame:
    card, (header, records) = read_card(folder), read_steps(folder)
    paper, experiment, variant, task = header["name"].split("/")
    images = card["inputs"]["tasks"][task]
    facts = {"paper": paper, "experiment": experiment, "variant": variant, "task": task, "seed": header["seed"]}
    facts |= {"seconds": card["seconds"], "gpu": card["gpu"], "settings": header["settings"]}
    facts |= {"grade": images["grade"], "dataset": images["dataset"], "test_images": images["rows"]["test"]}
    return DataFrame([facts | {"step": step, "record": record} for step, record in enumerate(records)])
