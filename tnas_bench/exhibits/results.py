"""Results: the sealed trials of many studies as one long frame, the only input of an exhibit."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd
from pandas import DataFrame

from tnas_bench.errors import UserError

LAYOUT = "<paper>/<experiment>/<variant>/<task>/seed<k>/trials.parquet"
SEALED = ["trial", "task", "validation", "test"]


def load(folder: Path, paths: Sequence[Path], tasks: Iterable[dict] = (), modules: Iterable[dict] = ()) -> DataFrame:
    """The trials of sealed studies, one a row.

    ``paths`` are files ``trials.parquet`` in the layout of ``folder``; ``tasks`` and ``modules`` are the cards of
    what the studies used. Columns: paper, experiment, variant, task, seed (of the study), trial, validation, test
    (accuracies in [0, 1]), grade (of the task's data; "unknown" without its card), stand_ins (names of the modules
    that stand in for the paper's, joined by commas). A path or a file that does not fit is the user's mistake.
    """
    if not paths:
        raise UserError(f"{folder}: no sealed studies were given; run the studies of the exhibit first")
    results = pd.concat([_study(folder, path) for path in paths], ignore_index=True)
    cards = {card["task"]: card["grade"] for card in tasks}
    grades = [cards.get(task, "unknown") for task in results["task"]]
    stand_ins = ", ".join(sorted(card["name"] for card in modules if card["stand_in"]))
    return results.assign(grade=grades, stand_ins=stand_ins)


def _study(folder: Path, path: Path) -> DataFrame:
    """The trials of one study; what it is comes from its path."""
    place = path.relative_to(folder).parts if path.is_relative_to(folder) else ()
    seed = place[4].removeprefix("seed") if len(place) == 6 else ""
    if not seed.isdecimal() or not place[4].startswith("seed"):
        raise UserError(f"{path}: not laid out as {folder}/{LAYOUT}; move it there")
    paper, experiment, variant = place[:3]
    trials = _read(path)
    return trials.assign(paper=paper, experiment=experiment, variant=variant, seed=int(seed))


def _read(path: Path) -> DataFrame:
    try:
        return pd.read_parquet(path, columns=SEALED)
    except (OSError, ValueError, KeyError) as error:  # pyarrow's errors are ValueError, KeyError and OSError
        reason = str(error).splitlines()[0]
        raise UserError(f"{path}: not the sealed trials of a study ({reason}); run that study again") from None
