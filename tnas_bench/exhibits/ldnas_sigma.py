"""How the closest task of each target depends on the sigma squared of equations 2 and 3 (LD-NAS)."""

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.exhibits import ldnas, numerals
from tnas_bench.exhibits import ldnas_distances as distances
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.exhibits.style import PICTURE

NAME = "ldnas_sigma"
COLOURS = {  # of a closest task: MNIST in blues, CIFAR-10 in oranges
    "task0": "#deebf7",
    "task1": "#b5d4ea",
    "task2": "#85bbdd",
    "task3": "#5a9bd0",
    "task4": "#fee6ce",
    "task5": "#fdc692",
    "task6": "#fd9f57",
    "task7": "#ec7c30",
}


def build(results: DataFrame, scale: Scale) -> DataFrame:
    """One row a distance between two tasks, of the protocols' own forms at each sigma squared, and as published.

    Columns: protocol, form, normalised, heads, sigma2 (NaN as published), usual (whether the other exhibits show it),
    source, target, mean, deviation, seeds; grade (of the target's images), stand_ins.
    """
    cells = distances.measured(results)
    marks = distances.headline(cells, scale.ldnas.fisher)
    ours = cells.assign(usual=marks["usual"])[marks["headline"]]
    frame = pd.concat([distances.paper_figure(cells).assign(usual=False), ours])
    grades = results.drop_duplicates("task").set_index("task")["grade"]
    facts = {"grade": frame["target"].map(grades), "stand_ins": ldnas.stand_ins(results)}
    return frame.assign(**facts).reset_index(drop=True)


def matrices(frame: DataFrame, protocol: str) -> dict[float, DataFrame]:
    """The matrices of a protocol, by sigma squared."""
    return dict(list(frame[frame["protocol"] == protocol].groupby("sigma2")))


def paper(frame: DataFrame) -> DataFrame:
    """The published matrix."""
    return frame[frame["protocol"] == "published"]


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """The closest tasks with their distances, by protocol."""
    by_protocol = {title: matrices(frame, protocol) for protocol, title in ldnas.PROTOCOLS.items()}
    return {
        f"Closest task (with its distance) by σ², {title}": _table(found, frame)
        for title, found in by_protocol.items()
        if found
    }


def _table(found: dict[float, DataFrame], frame: DataFrame) -> DataFrame:
    grades = dict(zip(frame["target"], frame["grade"], strict=True))
    rows = []
    for target in distances.targets(frame):
        row = {("Target", ""): ldnas.marked(target, grades[target])}
        row["Published", ""] = _closest(distances.to_target(paper(frame), target))
        rows.append(
            row
            | {("σ²", numerals.power(at)): _closest(distances.to_target(cells, target)) for at, cells in found.items()}
        )
    agreements = {numerals.power(at): distances.agreement(cells, paper(frame)) for at, cells in found.items()}
    counts = {("σ²", at): f"{each.tied} of {each.targets}" for at, each in agreements.items()}
    chances = {("σ²", at): f"{each.chance:.1f}" for at, each in agreements.items()}
    ranks = {("σ²", at): numerals.number(each.correlation) for at, each in agreements.items()}
    rows.append({("Target", ""): "As published, with ties", ("Published", ""): "", **counts})
    rows.append({("Target", ""): "By chance", ("Published", ""): "", **chances})
    rows.append({("Target", ""): "Mean rank correlation", ("Published", ""): "", **ranks})
    return numerals.table(rows)


def _closest(column: DataFrame) -> str:
    sources = ", ".join(ldnas.short(source) for source in distances.closest(column))
    return f"{sources} ({column['mean'].iloc[0]:.2g})"


def draw(frame: DataFrame) -> Figure:
    """A grid a protocol: a target a row, a sigma squared a column; in a tile, the closest task."""
    found = {title: matrices(frame, protocol) for protocol, title in ldnas.PROTOCOLS.items()}
    found = {title: by_sigma for title, by_sigma in found.items() if by_sigma}
    widths = [1, *map(len, found.values())]
    height = max(0.3 * len(distances.targets(frame)), 0.9) + 0.9
    with rc_context(PICTURE):
        figure = Figure(figsize=(max(0.58 * sum(widths) + 1.2, 6), height), layout="constrained")
        first, *others = figure.subplots(1, len(widths), width_ratios=widths)
        _tiles(first, [paper(frame)], paper(frame))
        first.set(title="Published", xticks=[], ylabel="Target task")
        for axes, (title, by_sigma) in zip(others, found.items(), strict=True):
            _tiles(axes, list(by_sigma.values()), paper(frame))
            axes.set(title=f"Ours, {title}", xlabel="σ²")
            _label(axes, by_sigma, paper(frame))
    return figure


def _tiles(axes: Axes, columns: list[DataFrame], theirs: DataFrame) -> None:
    targets = distances.targets(theirs)
    for place, matrix in enumerate(columns):
        for row, target in enumerate(targets):
            nearest = distances.closest(distances.to_target(matrix, target))
            agrees = not set(nearest).isdisjoint(distances.closest(distances.to_target(theirs, target)))
            frame = {"edgecolor": "#222222" if agrees else "none", "linewidth": 1.2}
            axes.barh(row, 0.88, left=place + 0.06, height=0.8, color=COLOURS[nearest[0]], **frame)
            told = ldnas.short(nearest[0]) + (f" (+{len(nearest) - 1})" if len(nearest) > 1 else "")
            axes.text(place + 0.5, row, told, ha="center", va="center")
    axes.set_yticks(range(len(targets)), [ldnas.short(target) for target in targets])
    axes.set(xlim=(0, len(columns)), ylim=(len(targets) - 0.45, -0.55))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _label(axes: Axes, by_sigma: dict[float, DataFrame], theirs: DataFrame) -> None:
    """Each sigma squared with its agreement; the scale's own with a star."""
    texts = []
    for sigma2, matrix in by_sigma.items():
        found = distances.agreement(matrix, theirs)
        texts.append(
            f"{numerals.power(sigma2)}{' *' if matrix['usual'].all() else ''}\n{found.tied} of {found.targets}"
        )
    axes.set_xticks(np.arange(len(texts)) + 0.5, texts)


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the figure."""
    ours = frame[frame["protocol"] != "published"]
    usual = ", ".join(numerals.power(sigma2) for sigma2 in sorted(ours.loc[ours["usual"], "sigma2"].unique()))
    return [
        f"Initialisations: {ours['seeds'].min()}. The other exhibits take σ² = {usual}, with a star in the picture. "
        "The paper tells no value for its figure; its code has 1e-10, for normalised Fishers.",
        "Blue: tasks made of MNIST; orange: of CIFAR-10. (+n): so many others tie with it: the intervals of two "
        "standard errors about their mean distances overlap. Framed, and counted below σ²: the published closest task "
        "is the closest or ties with it.",
        *ldnas.notes(frame),
    ]


EXHIBIT = Exhibit(
    name=NAME,
    title="Closest tasks by σ². Improved AutoML from Transfer Learning",
    caption="The closest task of each target for a range of σ², under both protocols, beside the published one.",
    build=build,
    tables=tables,
    notes=notes,
    draw=draw,
)
