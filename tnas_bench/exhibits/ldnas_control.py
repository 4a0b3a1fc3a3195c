"""Control of LD-NAS's central claim: does the space of the closest task serve a target better than another?"""

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.exhibits import ldnas, numerals
from tnas_bench.exhibits import ldnas_rows as numbers
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.exhibits.style import CURVES
from tnas_bench.stats import accuracy_error

NAME = "ldnas_control"
METHODS = {"fuse": "FUSE", "random_search": "Random search"}
SPACES = ("closest", "farthest", "random", "full")
MARKS = {"fuse": {"color": "#d55e00", "marker": "o"}, "random_search": {"color": "#0072b2", "marker": "s"}}
REDUCTION = {"base_search": "base task's search", "distances": "distances", "networks": "their networks"}


def build(results: DataFrame, scale: Scale) -> DataFrame:
    """One row a number, of the searches of protocol paper.

    Columns: task, method ("fuse" | "random_search" | "reduction"), space, and those of
    :mod:`tnas_bench.exhibits.ldnas_rows`: measure, mean, deviation, low, high, seeds; device, base, cell; grade,
    stand_ins.
    """
    rows = [
        {"task": task, "method": method, "space": space, **row}
        for task in scale.ldnas.targets
        for space in SPACES
        for method in METHODS
        for row in numbers.found(results, f"{method}-{space}-paper", task)
    ]
    ldnas.required(DataFrame(rows), "search/<method>-<space>-paper")
    bases = {row["task"]: row["base"] for row in rows if row["space"] == "closest"}
    rows += [
        {"task": task, "method": "reduction", "space": "closest", **row}
        for task, base in bases.items()
        for row in numbers.reduction(results, scale, task, numbers.each(base)[0])
    ]
    return numbers.frame(rows, results)


def by_task(frame: DataFrame) -> dict[str, DataFrame]:
    """The rows of each target, by its title."""
    return {ldnas.marked(task, cells["grade"].iloc[0]): cells for task, cells in frame.groupby("task")}


def at(cells: DataFrame, method: str, space: str) -> DataFrame:
    """The rows of a method in a space."""
    return cells[(cells["method"] == method) & (cells["space"] == space)]


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """The accuracies in each space, and what the reduction saves."""
    accuracies = {
        f"{title}: test accuracy (%) of what was found in each space": numerals.table([_row(cells, s) for s in SPACES])
        for title, cells in by_task(frame).items()
    }
    saved = [_saved(title, cells) for title, cells in by_task(frame).items()]
    return accuracies | {"What the reduction saves: cells, and device-seconds of FUSE": numerals.table(saved)}


def _row(cells: DataFrame, space: str) -> dict[tuple[str, str], str]:
    there = cells[cells["space"] == space]
    size = numbers.lookup(there, "cells")
    row = {("Space", ""): space, ("Base task", ""): numbers.bases(size["base"])}
    row["Cells", ""] = numbers.count(size["mean"])
    for method, title in METHODS.items():
        here, best = at(cells, method, space), numbers.lookup(at(cells, method, "closest"), "test")
        accuracy = numbers.lookup(here, "test")
        value, error = ldnas.difference(best, accuracy)
        row[title, "accuracy"] = numbers.accuracy(accuracy)
        row[title, "closest − this"] = "" if space == "closest" else numerals.signed(value, 2 * error)
        row[title, "thousand images"] = numbers.thousands(numbers.lookup(here, "passes")["mean"])
    return row


def _saved(title: str, cells: DataFrame) -> dict[tuple[str, str], str]:
    full, closest = (at(cells, "fuse", space) for space in ("full", "closest"))
    before, after = (numbers.lookup(each, "cells")["mean"] for each in (full, closest))
    seconds = {name: numbers.lookup(each, "seconds") for name, each in (("full", full), ("closest", closest))}
    parts = {name: numbers.lookup(at(cells, "reduction", "closest"), name)["mean"] for name in REDUCTION}
    row = {("Target", ""): title, ("Cells", "full"): numbers.count(before), ("Cells", "closest"): numbers.count(after)}
    row["Cells", "full / closest"] = numbers.count(before / after)
    row["Search", "device"] = seconds["closest"]["device"]
    row |= {("Search", f"{name} space"): numbers.count(value["mean"]) for name, value in seconds.items()}
    row |= {("What it asks for", title): numbers.count(parts[name]) for name, title in REDUCTION.items()}
    row["All told", "closest"] = numbers.count(seconds["closest"]["mean"] + sum(parts.values()))
    return row


def draw(frame: DataFrame) -> Figure:
    """A panel a target: accuracy by space, FUSE beside random search."""
    panels = by_task(frame)
    with rc_context(CURVES):
        figure = Figure(figsize=(max(3.4 * len(panels), 5), 2.9), layout="constrained")
        for axes, (title, cells) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
            _draw_panel(axes, cells)
            axes.set_title(title)
        figure.axes[0].set_ylabel("Test accuracy (%)")
        figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False)
    return figure


def _draw_panel(axes: Axes, cells: DataFrame) -> None:
    for shift, (method, title) in zip((-0.12, 0.12), METHODS.items(), strict=True):
        accuracies = DataFrame([numbers.lookup(at(cells, method, space), "test") for space in SPACES])
        spread = accuracies["deviation"].astype(float).fillna(0)
        places, means = np.arange(len(SPACES)) + shift, accuracies["mean"].astype(float)
        bars = np.minimum(spread, [means, 100 - means])  # within what an accuracy can be
        axes.errorbar(places, means, bars, linestyle="none", capsize=2, ms=5, label=title, **MARKS[method])
    bases = cells[cells["base"] != ""].drop_duplicates("space").set_index("space")["base"].map(numbers.bases)
    lines = bases.str.replace(", ", "\n")  # a random task may be another in each repetition
    axes.set_xticks(range(len(SPACES)), [f"{space}\n{lines.get(space, '')}" for space in SPACES])
    axes.set_xlim(-0.5, len(SPACES) - 0.5)
    axes.grid(axis="x", visible=False)


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the figure."""
    devices = ", ".join(sorted(set(frame["device"]) - {""}))
    return [
        f"{ldnas.trainings(frame)}, each of the cell of a search of its own, in the space of a base search of its own: "
        f"only the distances are the same for all. Closest − this: {_difference(frame)}.",
        _test_error(frame),
        f"{_budgets(frame)}: images that went forward and backward through candidate networks. Protocol paper: no cell "
        "is compared on test images.",
        f"Device time was measured on: {devices}. Distances and networks count all initialisations and tasks.",
        *ldnas.notes(frame),
    ]


def _difference(frame: DataFrame) -> str:
    repeated = frame.loc[frame["measure"] == "test", "seeds"].max() > 1
    return "difference ± 2 standard errors" if repeated else "difference; one training each gives it no interval"


def _test_error(frame: DataFrame) -> str:
    tests = frame[frame["measure"] == "test"]
    images = frame.loc[frame["measure"] == "test_images", "mean"].min()
    means = tests.groupby("task")["mean"].mean()
    errors = [f"{accuracy_error(mean, images):.1f} ({ldnas.title(task)})" for task, mean in means.items()]
    return f"Accuracy is of {images:,.0f} test images: its own standard error is about {' and '.join(errors)} points."


def _budgets(frame: DataFrame) -> str:
    """FUSE stops early where it has patience, and in a space of fewer cells than candidates it compares fewer."""
    different = frame[frame["measure"] == "passes"].groupby("task")["mean"].nunique().gt(1)
    named = ", ".join(map(ldnas.title, different.index[different]))
    return f"The searches of {named} had different budgets" if named else "All searches of a target had the same budget"


EXHIBIT = Exhibit(
    name=NAME,
    title="Control of the reduced space. Improved AutoML from Transfer Learning",
    caption="Test accuracy of the cells that FUSE and random search find in the spaces of the closest task, of the "
    "farthest and of a random one, and in the full space.",
    build=build,
    tables=tables,
    notes=notes,
    draw=draw,
)
