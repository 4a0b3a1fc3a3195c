"""The numbers of one row of LD-NAS's tables: of a trained network, of a search, of the reduction of its space."""

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from tnas_bench.config import Scale
from tnas_bench.exhibits import ldnas, numerals

PERCENT, THOUSAND, MILLION = 100, 1e-3, 1e-6
ACCURACIES = {"paper": "test", "released": "test_batch_statistics"}  # what a protocol calls test accuracy
SEPARATOR = "; "
NUMBERS = ["measure", "mean", "deviation", "low", "high", "seeds", "device", "base", "cell"]


def trained(results: DataFrame, experiment: str, variant: str, task: str) -> list[dict]:
    """The numbers of a training over its seeds.

    Measures: test, test_batch_statistics (accuracies in percent), gain (of batch statistics over running ones, in
    points), parameters (in millions); images (trained on, in thousands), batch_size, learning_rate,
    statistics_images (of batch norm, in thousands; 0: as training left them), test_images.
    """
    runs = ldnas.runs(results, experiment, variant, task)
    if runs.empty:
        return []
    last = DataFrame(ldnas.last_records(runs)["record"].tolist())
    recipe = runs["settings"].iloc[0]["recipe"]
    accuracies = {"test": PERCENT * last["test"], "test_batch_statistics": PERCENT * last["test_batch_statistics"]}
    others = {
        "parameters": MILLION * last["parameters"],
        "images": THOUSAND * _sums(runs, "images"),
        "batch_size": [recipe["batch_size"]],
        "learning_rate": [recipe["learning_rate"]],
        "statistics_images": [THOUSAND * (recipe["statistics_images"] or 0)],
        "test_images": [ldnas.test_images(runs)],
    }
    gain = accuracies["test_batch_statistics"] - accuracies["test"]
    return [
        *({"measure": measure, **ldnas.summary(values, 0, 100)} for measure, values in accuracies.items()),
        {"measure": "gain", **ldnas.summary(gain, -100, 100)},
        *({"measure": measure, **ldnas.summary(values)} for measure, values in others.items()),
    ]


def _sums(runs: DataFrame, fact: str) -> Series:
    """The sum of a fact over the records of each run."""
    return runs["record"].map(lambda record: record[fact]).groupby(runs["seed"]).sum()


def found(results: DataFrame, variant: str, task: str) -> list[dict]:
    """The numbers of the cell that a search found, and of the search.

    Measures: those of :func:`trained`; seconds (on the device), passes and forward (images through candidate networks
    in training, and forward only; in thousands), cells (of the space). Facts: device, and of each search, as
    :func:`each` reads them, base (task of the space; may be empty) and cell (its operations).
    """
    search = ldnas.runs(results, "search", variant, task)
    if search.empty:
        return []
    last = ldnas.last_records(search)
    spaces = [settings["space"] for settings in last["settings"]]
    numbers = {
        "seconds": search.groupby("seed")["seconds"].first(),
        "passes": THOUSAND * _sums(search, "passes"),
        "forward": THOUSAND * _sums(search, "forward"),
        "cells": [space["size"] for space in spaces],
    }
    rows = trained(results, "final", variant, task)
    rows += [{"measure": measure, **ldnas.summary(values)} for measure, values in numbers.items()]
    facts = {
        "device": ldnas.devices(search),
        "base": SEPARATOR.join(filter(None, (space["base"] for space in spaces))),
        "cell": SEPARATOR.join(" ".join(record["cell"]) for record in last["record"]),
    }
    return [row | facts for row in rows]


def each(fact: str) -> list[str]:
    """A fact of each search, by seed."""
    return fact.split(SEPARATOR) if fact else []


def bases(fact: str) -> str:
    """The base tasks of some searches, each once."""
    return ", ".join(map(ldnas.title, dict.fromkeys(each(fact)))) or "–"


def reduction(results: DataFrame, scale: Scale, target: str, base: str) -> list[dict]:
    """Device-seconds of what the reduction of a target's space asks for.

    Measures: base_search (of the base task's best cell, mean over repetitions), distances (of all tasks to the target,
    over all initialisations), networks (those that the distances are measured with; NaN unless all of them are given).
    """
    networks = ldnas.runs(results, "networks", "vgg16")
    networks = networks[networks["task"].isin(scale.ldnas.tasks) & (networks["seed"] < scale.ldnas.seeds)]
    complete = len(_of_runs(networks)) == len(scale.ldnas.tasks) * scale.ldnas.seeds
    parts = {
        "distances": ldnas.runs(results, "distances", task=target),
        "networks": networks if complete else networks.head(0),
    }
    searches = ldnas.runs(results, "base_search", task=base)
    sums = [
        {"measure": measure, **ldnas.summary([_of_runs(part).sum(min_count=1)]), "device": ldnas.devices(part)}
        for measure, part in parts.items()
    ]
    return [{"measure": "base_search", **ldnas.summary(_of_runs(searches)), "device": ldnas.devices(searches)}, *sums]


def _of_runs(chosen: DataFrame) -> Series:
    """The seconds of each run."""
    return chosen.groupby(ldnas.RUN)["seconds"].first()


def frame(rows: list[dict], results: DataFrame) -> DataFrame:
    """Rows as a frame, with the grade of the task's images and all stand-ins; words that are missing are empty."""
    keys = [key for key in rows[0] if key not in NUMBERS]
    whole = DataFrame(rows)
    whole = whole.reindex(columns=[*keys, *NUMBERS]).fillna(dict.fromkeys(["device", "base", "cell"], ""))
    grades = results.drop_duplicates("task").set_index("task")["grade"]
    return whole.assign(grade=whole["task"].map(grades), stand_ins=ldnas.stand_ins(results))


def lookup(cells: DataFrame, measure: str) -> Series:
    """The row of a measure; NaN and empty words where there is none."""
    chosen = cells[cells["measure"] == measure]
    if len(chosen):
        return chosen.iloc[0]
    return pd.Series(dict.fromkeys(NUMBERS, np.nan) | {"device": "", "base": "", "cell": ""})


def accuracy(cell: Series) -> str:
    """Mean and standard deviation in percent."""
    return numerals.plus_minus(cell["mean"], cell["deviation"])


def days(seconds: Series) -> str:
    """Device-days with the device, which is a CPU unless named."""
    return "–" if np.isnan(seconds["mean"]) else f"{seconds['mean'] / ldnas.DAY:.2g} {seconds['device']}"


def thousands(value: float) -> str:
    """A number of thousands: whole, unless it is small."""
    return count(value) if value >= 10 or value == 0 else numerals.number(value, 2 if value >= 1 else 3)


def count(value: float) -> str:
    """A whole number with separators."""
    return "–" if np.isnan(value) else f"{value:,.0f}"
