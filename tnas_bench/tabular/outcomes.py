"""Outcomes: what searches of a table found, beside what there was to be found."""

from collections.abc import Sequence

import numpy as np
from pandas import DataFrame

from tnas_bench.journal import Trial
from tnas_bench.metrics import ROUNDING
from tnas_bench.stats import mean_interval
from tnas_bench.tabular import Table


def incumbents(table: Table, trials: Sequence[Trial]) -> np.ndarray:
    """After each trial, the number of the configuration with the best validation accuracy so far; of equals, the first.

    Shape (trials,).
    """
    validation = np.array([trial.validation for trial in trials])
    before = np.maximum.accumulate(np.concatenate([[-np.inf], validation[:-1]]))
    best = np.maximum.accumulate(np.where(validation > before, np.arange(len(trials)), 0))
    return np.array([table.space.number(trial.actions) for trial in trials])[best]


def outcomes(table: Table, task: str, searches: Sequence[Sequence[Trial]]) -> DataFrame:
    """What each search of a task ended with, one a row.

    Columns: configuration (its number), test (true accuracy, in [0, 1]), regret (what the best configuration has more),
    rank (1: none is better), tried (how many different configurations the search has met).
    """
    truth, rows = table.truth(task), []
    for trials in searches:
        number = incumbents(table, trials)[-1]
        rank = 1 + (truth > truth[number] + ROUNDING).sum()
        tried = len({trial.actions for trial in trials})
        found = {"configuration": number, "test": truth[number], "regret": truth.max() - truth[number]}
        rows.append(found | {"rank": rank, "tried": tried})
    return DataFrame(rows)


def told(ends: DataFrame) -> str:
    """Outcomes in words: means over the searches, and the median of the ranks."""
    test = mean_interval(100 * ends["test"], 0, 100)
    interval = "" if len(ends) == 1 else f" [{test.low:.2f}, {test.high:.2f}]"
    accuracy = f"{test.mean:.2f}%{interval}, regret {100 * ends['regret'].mean():.2f} points"
    return f"{accuracy}, rank {ends['rank'].median():g}, {ends['tried'].mean():.0f} configurations tried"


def chosen(table: Table, number: int) -> str:
    """The choices of a configuration, where there is a choice."""
    row = table.rows[table.rows["configuration"] == number].iloc[0]
    return ", ".join(f"{each.name} {row[each.name]}" for each in table.space.decisions if len(each.choices) > 1)
