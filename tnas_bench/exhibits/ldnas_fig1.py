"""Figure 1 of LD-NAS: distances between the tasks, as published and under both protocols, and how far they agree."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.exhibits import ldnas, numerals
from tnas_bench.exhibits import ldnas_distances as distances
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.exhibits.ldnas_heatmap import draw_heatmaps

NAME = "ldnas_fig1"
MATRICES = {"published": "Published", "paper": "Ours, protocol paper", "released": "Ours, protocol released"}
VARIANTS = {  # columns of the table of forms: normalised, heads
    ("Normalised", "heads padded"): ("yes", "zero_padded"),
    ("Normalised", "backbone"): ("yes", "backbone"),
    ("Not normalised", "heads padded"): ("no", "zero_padded"),
    ("Not normalised", "backbone"): ("no", "backbone"),
}
MEASURES = {"test": "running statistics", "test_batch_statistics": "batch statistics"}


def build(results: DataFrame, scale: Scale) -> DataFrame:
    """One row a distance or an accuracy of the networks that distances are measured with.

    Columns: measure ("distance" | "test" | "test_batch_statistics", accuracies in percent); protocol ("published" |
    "paper" | "released"), form, normalised, heads, sigma2; headline (whether the heat maps show it); source, target
    (of accuracies: the task), source_data, target_data (their data sets); mean, deviation, seeds; bar (1 - epsilon,
    in percent), missed (seeds below it); grade, stand_ins.
    """
    tasks = results.drop_duplicates("task").set_index("task")
    frame = pd.concat([_distances(results, scale), _accuracies(results, scale)], ignore_index=True)
    data = {f"{end}_data": frame[end].map(tasks["dataset"]) for end in ("source", "target")}
    return frame.assign(**data, grade=frame["target"].map(tasks["grade"]), stand_ins=ldnas.stand_ins(results))


def _distances(results: DataFrame, scale: Scale) -> DataFrame:
    """The published matrix, and ours of all forms at the usual sigma squared, which the Frechet distance lacks."""
    cells = distances.measured(results)
    marks = distances.headline(cells, scale.ldnas.fisher)
    cells = cells.assign(headline=marks["headline"])[marks["usual"] | (cells["form"] == "frechet")]
    paper = distances.paper_figure(cells).assign(headline=True)
    return pd.concat([paper, cells]).assign(measure="distance", bar=np.nan, missed=np.nan)


def _accuracies(results: DataFrame, scale: Scale) -> DataFrame:
    networks = ldnas.last_records(ldnas.required(ldnas.runs(results, "networks", "vgg16"), "networks/vgg16"))
    rows = [
        _accuracy(task, measure, trained, 1 - scale.ldnas.epsilon[trained["dataset"].iloc[0]])
        for task, trained in networks.groupby("task")
        for measure in MEASURES
    ]
    return DataFrame(rows).assign(protocol="", form="", normalised="", heads="", headline=False)


def _accuracy(task: str, measure: str, trained: DataFrame, bar: float) -> dict:
    reached = [record[measure] for record in trained["record"]]
    mean = {key: ldnas.summary([100 * value for value in reached])[key] for key in ("mean", "deviation", "seeds")}
    missed = sum(value < bar for value in reached)
    return {"measure": measure, "source": task, "target": task, **mean, "bar": 100 * bar, "missed": missed}


def matrices(frame: DataFrame) -> dict[str, DataFrame]:
    """The headline matrices, by title."""
    shown = frame[(frame["measure"] == "distance") & frame["headline"]]
    by_protocol = {title: shown[shown["protocol"] == protocol] for protocol, title in MATRICES.items()}
    return {title: matrix for title, matrix in by_protocol.items() if len(matrix)}


def draw(frame: DataFrame) -> Figure:
    """A heat map a matrix."""
    return draw_heatmaps(matrices(frame))


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """Agreement, means within and across data sets, other forms, the networks' accuracies, and the matrices."""
    shown = matrices(frame)
    return {
        "Closest task of each target (with those that tie), and rank correlation with the published column": _closest(
            shown, dict(zip(frame["target"], frame["grade"], strict=True))
        ),
        "Mean distance within and across data sets": _blocks(shown),
        "All forms: targets with the published closest task (without ties), and mean rank correlation": _forms(frame),
        "Networks: test accuracy (%) against 1 − ε": _networks(frame[frame["measure"] != "distance"]),
    } | {f"{title}: distance from source (row) to target (column)": _matrix(cells) for title, cells in shown.items()}


def _closest(shown: dict[str, DataFrame], grades: dict[str, str]) -> DataFrame:
    paper = shown[MATRICES["published"]]
    targets = {target: ldnas.marked(target, grades[target]) for target in distances.targets(paper)}
    rows = [_closest_row(title, target, shown) for target, title in targets.items()]
    last = {("Target", ""): "All targets", ("Published", "closest"): ""}
    for title, matrix in _ours(shown).items():
        found = distances.agreement(matrix, paper)
        last[title, "closest"] = agreed(found)
        last[title, "rank correlation"] = numerals.number(found.correlation)
    return numerals.table([*rows, last])


def agreed(found: distances.Agreement) -> str:
    """Targets with the published closest task, counted with ties."""
    return f"{found.tied} of {found.targets} (chance {found.chance:.1f}; without ties {found.closest})"


def _closest_row(title: str, target: str, shown: dict[str, DataFrame]) -> dict[tuple[str, str], str]:
    theirs = distances.to_target(shown[MATRICES["published"]], target)
    row = {("Target", ""): title, ("Published", "closest"): _sources(theirs)}
    for name, matrix in _ours(shown).items():
        column = distances.to_target(matrix, target)
        row[name, "closest"] = _sources(column)
        row[name, "rank correlation"] = numerals.number(distances.rank_correlation(column, theirs))
    return row


def _ours(shown: dict[str, DataFrame]) -> dict[str, DataFrame]:
    return {title: matrix for title, matrix in shown.items() if title != MATRICES["published"]}


def _sources(column: DataFrame) -> str:
    return ", ".join(ldnas.short(source) for source in distances.closest(column))


def _blocks(shown: dict[str, DataFrame]) -> DataFrame:
    """Means over the ordered pairs of different tasks. Units differ between protocols, their ratio does not."""
    rows = []
    for title, matrix in shown.items():
        pairs = matrix[matrix["source"] != matrix["target"]]
        within = pairs["source_data"] == pairs["target_data"]
        means = pairs["mean"][within].mean(), pairs["mean"][~within].mean()
        places = distances.digits(matrix)
        row = {("Distances", ""): title, ("Data sets", "within"): numerals.number(means[0], places)}
        row["Data sets", "across"] = numerals.number(means[1], places)
        rows.append(row | {("Data sets", "across / within"): numerals.number(means[1] / means[0], 1)})
    return numerals.table(rows)


def _forms(frame: DataFrame) -> DataFrame:
    """In a cell, the number of targets with the published closest task (without ties) and the mean rank correlation."""
    cells = frame[frame["measure"] == "distance"]
    paper = cells[cells["protocol"] == "published"]
    rows = []
    for (protocol, form), matrices in cells[cells["protocol"] != "published"].groupby(["protocol", "form"]):
        row = {("Protocol", ""): protocol, ("Form", ""): form.replace("_", " ")}
        for column, (normalised, heads) in VARIANTS.items():
            matrix = matrices[(matrices["normalised"] == normalised) & (matrices["heads"] == heads)]
            row[column] = _form(matrix, paper) if len(matrix) else "–"
        rows.append(row)
    return numerals.table(rows)


def _form(matrix: DataFrame, paper: DataFrame) -> str:
    found = distances.agreement(matrix, paper)
    mark = " *" if matrix["headline"].all() else ""
    return f"{found.closest} of {found.targets}, {numerals.number(found.correlation)}{mark}"


def _networks(accuracies: DataFrame) -> DataFrame:
    rows = []
    for task, cells in accuracies.groupby("target"):
        cells = cells.set_index("measure")
        row = {("Task", ""): ldnas.marked(task, cells["grade"].iloc[0]), ("1 − ε", ""): f"{cells['bar'].iloc[0]:.1f}"}
        for measure, title in MEASURES.items():
            row[title, "accuracy"] = numerals.plus_minus(*cells.loc[measure, ["mean", "deviation"]])
            row[title, "below"] = f"{cells.loc[measure, 'missed']:.0f} of {cells.loc[measure, 'seeds']}"
        rows.append(row)
    return numerals.table(rows)


def _matrix(cells: DataFrame) -> DataFrame:
    places = distances.digits(cells)
    text = [
        "0" if row.source == row.target else numerals.plus_minus(row.mean, row.deviation, places)
        for row in cells[["source", "target", "mean", "deviation"]].itertuples()
    ]
    matrix = cells.assign(text=text).pivot(index="source", columns="target", values="text")
    rows = [
        {("Source", ""): ldnas.short(source)} | {("Target", ldnas.short(name)): value for name, value in row.items()}
        for source, row in matrix.iterrows()
    ]
    return numerals.table(rows)


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the figure."""
    cells = frame[frame["measure"] == "distance"]
    seeds = cells.loc[cells["protocol"] != "published", "seeds"]
    return [
        f"Mean ± standard deviation over initialisations: {seeds.min()} (paper: 10).",
        "Framed: the closest source of each target; dashed: those that tie with it, as the intervals of two standard "
        "errors about their means overlap; chance is what as many sources drawn at random would reach. * marks the "
        "form that the heat maps show.",
        "Forms: log det is equation 3; log det sizes equation 2, for networks of two sizes; released that of the code, "
        "with the absolute value of each parameter tensor; frechet that of the authors' later work. Heads are padded "
        "with zeros, or left out (backbone).",
        *_alone(seeds),
        *_normalised(cells[cells["headline"] & (cells["protocol"] == "paper")]),
        _missed(frame[frame["measure"] == "test"]),
        *ldnas.notes(frame),
    ]


def _alone(seeds: DataFrame) -> list[str]:
    if seeds.min() > 2:
        return []
    return ["So few initialisations tell next to nothing of the spread: with one of them no sources tie at all."]


def _normalised(shown: DataFrame) -> list[str]:
    if set(shown["normalised"]) != {"yes"}:
        return []
    return ["Fishers are divided by their sum under protocol paper, too: equation 1 does not say so, the code does."]


def _missed(accuracies: DataFrame) -> str:
    missed = accuracies[accuracies["missed"] > 0]
    names = ", ".join(f"{ldnas.title(row.target)} ({row.missed:.0f} of {row.seeds})" for row in missed.itertuples())
    return f"Networks below 1 − ε in test accuracy: {names or 'none'}."


EXHIBIT = Exhibit(
    name=NAME,
    title="Figure 1. Improved AutoML from Transfer Learning",
    caption="Distance from a source task's network (row) to a target task (column), published and ours. Tasks 0 to 3 "
    "are made of MNIST, 4 to 7 of CIFAR-10. Colours are of each panel alone, since the protocols' units differ.",
    build=build,
    tables=tables,
    notes=notes,
    draw=draw,
)
