"""Figure 4, left and centre, of Transfer Learning with Neural AutoML: a search overfits to its validation set."""

from dataclasses import asdict
from typing import TypeVar

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.exhibits import curves, numerals, published, tnaml
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.exhibits.style import CURVES
from tnas_bench.metrics import accuracy_top_n
from tnas_bench.stats import mean_interval

NAME = "tnaml_fig4_overfitting"
SHOWN = "prog_opinion"
PANELS = {  # measure -> title of its curves
    "validation": "{}: validation",
    "test": "{}: test",
    "gap": "Gap: validation − test",
    "control_test": "Chosen on test: test",
    "control_validation": "Chosen on test: validation",
}
Height = TypeVar("Height", float, np.ndarray)  # after all trials, or after each
MARKERS = {"random_search": "o", "naml": "s", "tnaml": "D"}
WIDE = 20  # the largest task by the smallest, beyond which ticks at 1, 2 and 5 would touch


def build(results: DataFrame, scale: Scale) -> DataFrame:
    """One row a number: accuracies in [0, 1] and their differences.

    Columns: task, title, grade, stand_ins, pretrained_on, top_n, retrainings, validation_rows, published (validation
    rows); part ("curve": of the shown task, after each trial; "end": of every task, after all its trials), variant,
    measure, trial; mean, low, high (curve: lowest and highest seed; end: 95% Student-t interval), seeds.
    """
    trials = tnaml.trials_of(results, "transfer")
    titles = published.in_paper_order(trials["task"], published.read("tnaml_table1"))
    theirs = published.read(NAME).set_index("task")["value"]
    shown, frames = tnaml.shown_task(titles, SHOWN), []
    for task, title in titles.items():
        rows = int(trials.loc[trials["task"] == task, "validation_rows"].iloc[0])
        facts = {"task": task, "title": title, **tnaml.marks(trials, task), "top_n": scale.top_n}
        facts |= {"retrainings": scale.trials.retrainings, "validation_rows": rows, "published": theirs.get(task)}
        found = tnaml.studies(trials, task, scale.trials.trials(task))
        fresh = tnaml.studies(trials, task, scale.trials.retrainings, [f"{variant}_again" for variant in found])
        frames += [_lines(found, scale.top_n).assign(**facts)] if task == shown else []
        frames += [_ends(found, fresh, scale.top_n, rows).assign(**facts)]
    return pd.concat(frames, ignore_index=True).astype({"published": float})


def _lines(found: tnaml.Studies, top_n: int) -> DataFrame:
    """The curves of one task."""
    lines = []
    for variant, seeds in found.items():
        of_seeds = [_curves(study, top_n) for study in seeds.values()]
        for measure, first in of_seeds[0].items():
            line = curves.points([each[measure] for each in of_seeds], top_n, len(first))
            lines.append(line.assign(part="curve", variant=variant, measure=measure))
    return pd.concat(lines)


def _curves(study: DataFrame, top_n: int) -> dict[str, np.ndarray]:
    """Curves of the N best by validation accuracy, and of the N best by test accuracy: the control."""
    validation, test = tnaml.study_curves(study, top_n)
    control_test, control_validation = accuracy_top_n(study["test"], study["validation"], top_n)
    return _measures(validation, test, control_validation, control_test)


def _measures(validation: Height, test: Height, control_validation: Height, control_test: Height) -> dict[str, Height]:
    chosen = {"validation": validation, "test": test, "gap": validation - test}
    control = {"control_test": control_test, "control_validation": control_validation}
    return chosen | control | {"control_gap": control_test - control_validation}


def _ends(found: tnaml.Studies, fresh: tnaml.Studies, top_n: int, validation_rows: int) -> DataFrame:
    """Where the searches of one task end."""
    rows = []
    for variant, seeds in found.items():
        again = fresh.get(f"{variant}_again", {})
        values = DataFrame([_end(study, again.get(seed), top_n, validation_rows) for seed, study in seeds.items()])
        facts = {"part": "end", "variant": variant, "trial": len(next(iter(seeds.values())))}
        for measure in values:
            estimate = mean_interval(values[measure].dropna(), -1 if measure.endswith("gap") else 0, 1)
            rows.append(facts | {"measure": measure} | asdict(estimate))
    return DataFrame(rows).drop(columns="censored")


def _end(study: DataFrame, again: DataFrame | None, top_n: int, validation_rows: int) -> dict[str, float]:
    """Where one search ends."""
    best, control = (study.nlargest(top_n, by)[["validation", "test"]].mean() for by in ("validation", "test"))
    heights = _measures(best["validation"], best["test"], control["validation"], control["test"])
    fresh = {} if again is None else retrained(study, again).mean().to_dict()
    return heights | held_out(study, top_n, validation_rows) | fresh


def held_out(study: DataFrame, top_n: int, validation_rows: int) -> dict[str, float]:
    """The N best by accuracy on half of the validation rows: on that half, on the rows left out, and on test.

    ``half`` of a study is of every other row from the first, so of ceil(n / 2) of n rows.
    """
    best, out = study.nlargest(top_n, "half"), validation_rows // 2
    right = validation_rows * best["validation"] - (validation_rows - out) * best["half"]
    half, rest, test = best["half"].mean(), right.mean() / out if out else np.nan, best["test"].mean()
    return {"half": half, "rest": rest, "half_gap": half - test, "rest_gap": rest - test}


def retrained(study: DataFrame, again: DataFrame) -> DataFrame:
    """Accuracies of the best configurations of a study when it found them, and of the same trained again, one a row."""
    decisions = [decision for decision in tnaml.DECISIONS if decision in study]
    first = study.sort_values("validation", ascending=False, kind="stable").drop_duplicates(decisions)
    pairs = again.merge(first, on=decisions, suffixes=("_again", "_then"))
    return pairs[["validation_then", "validation_again", "test_then", "test_again"]]


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """Accuracies (%) and gaps (points) where the searches end, of all tasks."""
    ends = frame[frame["part"] == "end"]
    chosen = {"validation": ["validation"], "test": ["test"], "gap": ["gap"]}
    control = {"test": ["control_test"], "validation": ["control_validation"], "gap": ["control_gap"]}
    again = {each: [f"{each}_then", f"{each}_again"] for each in ("validation", "test")}
    half = {"gap, half that chose": ["half_gap"], "gap, rows left out": ["rest_gap"]}
    titled = {
        "Chosen by validation accuracy: accuracy-topN (%) and gap (points) after all trials": chosen,
        "Control, chosen by test accuracy": control,
        "Not in the paper: the best configurations when found → trained again with fresh seeds (%)": again,
        "Not in the paper: chosen by half of the validation rows, gap to test (points)": half,
    }
    return {title: _table(ends, cells, sizes=cells is chosen) for title, cells in titled.items()}


def _table(ends: DataFrame, cells: dict[str, list[str]], sizes: bool) -> DataFrame:
    titles = tnaml.marked(ends)
    return numerals.table(
        [
            {("Task", ""): titles[task]} | (_sizes(rows.iloc[0]) if sizes else {}) | _row(rows, cells)
            for task, rows in ends.groupby("task", sort=False)
        ]
    )


def _sizes(end: pd.Series) -> dict[tuple[str, str], str]:
    ours, paper = (numerals.number(end[column], 0) for column in ("validation_rows", "published"))
    return {("Validation rows", "ours"): ours, ("Validation rows", "paper"): paper}


def _row(ends: DataFrame, cells: dict[str, list[str]]) -> dict[tuple[str, str], str]:
    row, found = {}, ends.set_index(["variant", "measure"])
    for variant, method in tnaml.METHODS.items():
        for name, measures in cells.items():
            texts = [_text(found.loc[variant, measure]) for measure in measures if (variant, measure) in found.index]
            row[method, name] = " → ".join(texts) or "–"
    return row


def _text(end: pd.Series) -> str:
    mean, low, high = 100 * end[["mean", "low", "high"]].astype(float)
    return numerals.bracketed(mean, low, high) if end.name[1].endswith("gap") else numerals.number(mean, 1)


def draw(frame: DataFrame) -> Figure:
    """Five panels of curves of the shown task, and the gaps of all tasks."""
    lines, ends = frame[frame["part"] == "curve"], frame[(frame["part"] == "end") & (frame["measure"] == "gap")]
    (title,) = tnaml.marked(lines).values()
    with rc_context(CURVES):
        figure = Figure(figsize=(7.6, 4.8), layout="constrained")
        *panels, last = figure.subplots(2, 3).ravel()
        for (measure, name), axes in zip(PANELS.items(), panels, strict=True):
            curves.draw_panel(axes, lines[lines["measure"] == measure], tnaml.METHODS, name.format(title))
            axes.set(xlabel="Trials", ylabel="Difference" if measure == "gap" else f"Accuracy-top{frame['top_n'][0]}")
        _share_heights([axes for measure, axes in zip(PANELS, panels, strict=True) if measure != "gap"])
        _scatter(last, ends, lines["task"].iloc[0])
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)
    return figure


def _share_heights(panels: list[Axes]) -> None:
    """The same range of accuracies, so that rises can be compared."""
    low, high = zip(*(axes.get_ylim() for axes in panels), strict=True)
    for axes in panels:
        axes.set_ylim(min(low), max(high))


def _scatter(axes: Axes, gaps: DataFrame, shown: str) -> None:
    """The gap of each task against its number of validation rows, with the shape that chance alone would give it."""
    for variant, cells in gaps.groupby("variant", sort=False):
        colour = curves.LINES[variant]["color"]
        axes.plot(cells["validation_rows"], cells["mean"], MARKERS[variant], color=colour, markersize=4, alpha=0.8)
    if gaps["validation_rows"].nunique() > 2:
        rows = np.geomspace(0.8 * gaps["validation_rows"].min(), 1.25 * gaps["validation_rows"].max())
        axes.plot(rows, guide(gaps) / np.sqrt(rows), color="#222222", linewidth=0.8, label="closest c / √n")
        axes.legend(frameon=False)
    axes.set(xscale="log", title="Gap at the end, every task", xlabel="Validation rows n", ylabel="Difference")
    wide = gaps["validation_rows"].max() > WIDE * gaps["validation_rows"].min()
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 3) if wide else (1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:.0f}")
    axes.xaxis.set_minor_locator(NullLocator())


def guide(gaps: DataFrame) -> float:
    """c of the curve c / sqrt(n) that is closest to the gaps, by least squares."""
    shape = 1 / np.sqrt(gaps["validation_rows"])
    return float((shape * gaps["mean"]).sum() / (shape**2).sum())


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the figure."""
    lines = frame[frame["part"] == "curve"]
    again = frame["measure"].str.endswith("_again").any()
    return [
        *curves.notes(lines),
        *tnaml.notes(frame),
        *tnaml.shown_notes(lines, SHOWN, "Prog Opinion"),
        *(["In brackets: 95% Student-t interval over seeds."] if frame["seeds"].max() > 1 else []),
        "A gap also holds the difference in difficulty of the two splits, much the same for all methods.",
        "Control: computed afterwards from the same trials; no controller was told of a test accuracy.",
        *([_retrainings(frame)] if again else []),
        "Rows left out: with RS nothing has used them; the controllers of NAML and T-NAML learnt from all rows.",
        "The paper's curves are pictures; it gives no published value for them.",
    ]


def _retrainings(frame: DataFrame) -> str:
    most = frame["retrainings"].iloc[0]
    return f"Trained again: the best different configurations, at most {most}, once each; when found: best evaluation."


EXHIBIT = Exhibit(
    name=NAME,
    title="Figure 4, left and centre. Transfer Learning with Neural AutoML",
    caption="Meta-overfitting: accuracy-topN on validation and test data of the N children with the highest validation "
    "accuracy found up to each trial, the gap between them, the same for children chosen by test accuracy, and the gap "
    "of every task against the size of its validation set.",
    build=build,
    tables=tables,
    notes=notes,
    draw=draw,
)
