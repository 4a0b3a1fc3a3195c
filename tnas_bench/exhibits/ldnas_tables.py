"""Tables 1 and 2 of LD-NAS: hand-designed networks and found cells, ours beside the published ones, by protocol."""

import math
from collections.abc import Callable
from functools import partial
from itertools import zip_longest

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure
from pandas import DataFrame

from tnas_bench.cells import EDGES, Cell
from tnas_bench.cells.drawing import NODES, draw_cell
from tnas_bench.config import Scale
from tnas_bench.exhibits import ldnas, numerals, published
from tnas_bench.exhibits import ldnas_rows as numbers
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.exhibits.style import PICTURE
from tnas_bench.stats import accuracy_error

NETWORKS = {"vgg16": "VGG-16", "resnet18": "ResNet-18", "densenet121": "DenseNet-121"}
LDNAS = {
    "fuse-closest": "LD-NAS",
    "fuse-printed": "LD-NAS, printed operations",
    "fuse-coded": "LD-NAS, the code's operations",
}
DRAWN = 3  # searches of a kind whose cells are drawn
ALONE = {"fuse-printed": "paper", "fuse-coded": "released"}  # rows of one protocol
SEARCHES = {
    "random_search-full": "Random search",
    "enas-full": "ENAS",
    "darts_first-full": "DARTS, first order",
    "darts_second-full": "DARTS, second order",
    **LDNAS,
}
METHODS = NETWORKS | SEARCHES
ROWS = {  # the published row that is shown beside ours; the paper has one row of DARTS, and does not tell its order
    "random_search-full": "random_search",
    "enas-full": "enas",
    "darts_first-full": "darts",
    "fuse-closest": "ldnas",
    "fuse-printed": "ldnas",
    "fuse-coded": "ldnas",
}


def build(results: DataFrame, scale: Scale, name: str, task: str) -> DataFrame:
    """One row a number.

    Columns: task, protocol ("published" | "paper" | "released"), method, measure (accuracies in percent, parameters
    in millions; published: accuracy, parameters, gpu_days; see :mod:`tnas_bench.exhibits.ldnas_rows`), mean, deviation,
    low, high (95% Student-t interval), seeds; device, base, cell; grade, stand_ins.
    """
    paper = published.read(name).rename(columns={"value": "mean"}).drop(columns="place").assign(protocol="published")
    ldnas.required(ldnas.runs(results, "search", task=task), f"search/<method>/{task}")
    ours = [
        {"task": task, "protocol": protocol, "method": method, **row}
        for protocol in ldnas.PROTOCOLS
        for method in METHODS
        for row in _numbers(results, protocol, method, task)
    ]
    closest = next(
        (numbers.each(row["base"])[0] for row in ours if row["method"] == "fuse-closest" and row.get("base")), ""
    )
    costs = numbers.reduction(results, scale, task, closest)
    ours += [{"task": task, "protocol": "paper", "method": "reduction", **row} for row in costs]
    return numbers.frame([*paper.to_dict("records"), *ours], results)


def _numbers(results: DataFrame, protocol: str, method: str, task: str) -> list[dict]:
    if method in NETWORKS:
        return numbers.trained(results, "networks", method, task)
    return numbers.found(results, f"{method}-{protocol}", task)


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """A table a protocol, the budgets, what the released protocol bought, and the found cells."""
    task = ldnas.marked(frame["task"].iloc[0], frame["grade"].iloc[0])
    by_protocol = {
        f"{task}, {title}": numerals.table([_row(protocol, frame, method) for method in _methods(protocol)])
        for protocol, title in ldnas.PROTOCOLS.items()
    }
    return {
        **by_protocol,
        "Budgets (images in thousands)": numerals.table([_budget(frame, method) for method in METHODS]),
        "What the released protocol bought: difference in test accuracy (points ± 2 s.e.)": (_bought(frame)),
        "Found cells: the operation of each edge": _cells(frame),
    }


def _methods(protocol: str) -> list[str]:
    return [method for method in METHODS if ALONE.get(method, protocol) == protocol]


def _of(frame: DataFrame, protocol: str, method: str) -> DataFrame:
    return frame[(frame["protocol"] == protocol) & (frame["method"] == method)]


def _row(protocol: str, frame: DataFrame, method: str) -> dict[tuple[str, str], str]:
    value = partial(numbers.lookup, _of(frame, protocol, method))
    theirs = _published(frame, method)
    return {
        ("Method", ""): METHODS[method],
        ("Test accuracy (%)", "ours"): numbers.accuracy(value(numbers.ACCURACIES[protocol])),
        ("Test accuracy (%)", "paper"): numerals.number(theirs("accuracy")),
        ("Parameters (M)", "ours"): numerals.number(value("parameters")["mean"]),
        ("Parameters (M)", "paper"): numerals.number(theirs("parameters")),
        ("Search (days)", "ours, device"): numbers.days(value("seconds")),
        ("Search (days)", "paper, GPU"): numerals.number(theirs("gpu_days"), 0),
        ("Search", "device-seconds"): numbers.count(value("seconds")["mean"]),
        ("Search", "cells"): numbers.count(value("cells")["mean"]),
        ("Comparable with", ""): "the same network" if method in NETWORKS else "our searches",
    }


def _budget(frame: DataFrame, method: str) -> dict[tuple[str, str], str]:
    cells = frame[frame["method"] == method]
    value = {
        key: numbers.lookup(cells, key)["mean"] for key in ("images", "batch_size", "statistics_images", "test_images")
    }
    row = {
        ("Method", ""): METHODS[method],
        ("Training", "images"): numbers.thousands(value["images"]),
        ("Training", "batch"): numbers.count(value["batch_size"]),
        ("Training", "rate"): numerals.power(numbers.lookup(cells, "learning_rate")["mean"]),
        ("Training", "statistics"): numbers.thousands(value["statistics_images"]),
        ("Test", "images"): numbers.thousands(value["test_images"] / 1000),
    }
    for protocol, title in ldnas.PROTOCOLS.items():
        of_protocol = partial(numbers.lookup, cells[cells["protocol"] == protocol])
        accuracy = of_protocol(numbers.ACCURACIES[protocol])["mean"]
        row["Test, standard error (points)", title] = numerals.number(accuracy_error(accuracy, value["test_images"]))
        row[f"Search, {title}", "trained on"] = numbers.thousands(of_protocol("passes")["mean"])
        row[f"Search, {title}", "forward only"] = numbers.thousands(of_protocol("forward")["mean"])
    return row


def _published(frame: DataFrame, method: str) -> Callable[[str], float]:
    paper = frame[(frame["protocol"] == "published") & (frame["method"] == ROWS.get(method, method))]
    return lambda measure: numbers.lookup(paper, measure)["mean"]


def _bought(frame: DataFrame) -> DataFrame:
    """The released protocol compares cells on test images, and leaves batch norm in training mode for the test."""
    rows = []
    for method, title in METHODS.items():
        cells = frame[frame["method"] == method]
        ours, released = (cells[cells["protocol"] == protocol] for protocol in ldnas.PROTOCOLS)
        clean, leaked = (numbers.lookup(each, "test") for each in (ours, released))
        searched = method in SEARCHES
        leak = _signed(leaked, clean) if searched else "–"
        gain = numbers.lookup(released, "gain")
        mode = numerals.signed(gain["mean"], 2 * gain["deviation"] / np.sqrt(gain["seeds"]))
        rows.append(
            {("Method", ""): title, ("Search on test images", ""): leak, ("Batch statistics in the test", ""): mode}
        )
    return numerals.table(rows)


def _signed(one: pd.Series, other: pd.Series) -> str:
    value, error = ldnas.difference(one, other)
    return numerals.signed(value, 2 * error)


def _cells(frame: DataFrame) -> DataFrame:
    found = frame[frame["cell"] != ""].drop_duplicates(["protocol", "method"])
    rows = []
    for row in found.itertuples():
        cells = numbers.each(row.cell)
        for cell, base in zip(cells, numbers.each(row.base) or [""] * len(cells), strict=True):
            names = {("Method", ""): METHODS[row.method], ("Protocol", ""): row.protocol}
            names["Base task", ""] = numbers.bases(base)
            edges = zip(EDGES, cell.split(), strict=True)
            rows.append(
                names | {("Edge", f"{NODES[i]} to {NODES[j]}"): name.replace("_", " ") for (i, j), name in edges}
            )
    return numerals.table(rows)


def draw(frame: DataFrame) -> Figure:
    """The cells that LD-NAS found, of at most DRAWN searches of each kind."""
    kinds = [(protocol, method) for protocol in ldnas.PROTOCOLS for method in _methods(protocol) if method in LDNAS]
    found = [
        (cell, f"{LDNAS[method]}\n{ldnas.PROTOCOLS[protocol]}, search {number + 1}")
        for protocol, method in kinds
        for number, cell in enumerate(numbers.each(_cells_of(frame, protocol, method))[:DRAWN])
    ]
    columns = max(2, len(found) // len(kinds))
    rows = math.ceil(len(found) / columns)
    with rc_context(PICTURE):
        figure = Figure(figsize=(7.2, rows * (0.4 + 4 / columns)), layout="constrained")
        for axes, panel in zip_longest(figure.subplots(rows, columns, squeeze=False).flat, found):
            if panel:
                draw_cell(axes, Cell(tuple(panel[0].split())), panel[1])
            else:
                axes.set_axis_off()
    return figure


def _cells_of(frame: DataFrame, protocol: str, method: str) -> str:
    return numbers.lookup(_of(frame, protocol, method), "cells")["cell"]


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the table."""
    ours = frame[frame["protocol"] != "published"]
    devices = ", ".join(sorted(set(ours["device"]) - {""}))
    return [
        f"Ours: {ldnas.trainings(ours)}; each cell is trained once and comes from a search of its own, in a space of a "
        "base search of its own. The paper gives the best accuracy, of no told number of runs.",
        "Comparable rows: hand-designed networks with the paper's; our searches with each other "
        "(one set of operations, skeleton and data split). The published searches ran in the methods' own spaces, on "
        "an untold device.",
        "ResNet-18: the paper's 11.44M parameters are those of another network, of a 7 x 7 stem and a hidden layer of "
        "512 units before two outputs; ours is for images of 32 x 32. The paper's counts of the searched networks "
        "follow from no skeleton that it or its code gives.",
        f"Days and seconds are device time, measured on: {devices or 'no search'}. On a CPU they are no GPU days.",
        "Hand-designed networks and found cells have recipes of their own (budgets): only within each group do "
        "accuracies tell of the networks alone. Statistics: images of which batch norm's are taken anew after "
        "training; 0: as training left them. Differences within two standard errors of the test show nothing.",
        "Images of a search: those that went forward and backward through networks of one cell, through a supernet "
        "once for each operation of an edge; and those that only went forward, to compare cells. Budgets differ.",
        "Protocol released measures the test accuracy with the statistics of each batch, and compares cells on test "
        "images. Each protocol's searches have draws of their own; for FUSE and random search the other "
        "settings of the protocol are in it, too.",
        _reduction(ours[ours["method"] == "reduction"]),
        *ldnas.notes(frame),
    ]


def _reduction(costs: DataFrame) -> str:
    seconds = {
        name: numbers.count(numbers.lookup(costs, name)["mean"]) for name in ("base_search", "distances", "networks")
    }
    return (
        "Not in LD-NAS's search: the base task's own search ({base_search} device-seconds), the distances "
        "({distances}) and the networks that they are measured with ({networks}).".format(**seconds)
    )


def _exhibit(table: int, task: str, data: str) -> Exhibit:
    name = f"ldnas_table{table}"
    return Exhibit(
        name=name,
        title=f"Table {table}. Improved AutoML from Transfer Learning",
        caption=f"{ldnas.title(task)} ({data}): test accuracy, parameters and search cost of hand-designed networks "
        "and of cells that were searched for, ours beside the paper's.",
        build=partial(build, name=name, task=task),
        tables=tables,
        notes=notes,
        draw=draw,
    )


TABLE1 = _exhibit(1, "task3", "the ten digits of MNIST")
TABLE2 = _exhibit(2, "task6", "four classes of CIFAR-10")
