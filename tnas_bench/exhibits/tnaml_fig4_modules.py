"""Figure 4, right, of Transfer Learning with Neural AutoML: which modules are chosen on a distant task."""

from dataclasses import asdict

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.exhibits import curves, numerals, published, tnaml
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.exhibits.style import CURVES
from tnas_bench.modules.registry import rows
from tnas_bench.stats import mean_interval
from tnas_bench.tasks.registry import task_row

NAME = "tnaml_fig4_modules"
SHOWN = "sentiment_cine"
WINDOW = 100  # trials [caption of Figure 4]
READ = 2000  # the trial after which the paper reads test accuracies
COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#000000", "#d55e00", "#9a8700"]  # of Okabe and Ito
DASHES = {"en": "-", "es": "--"}  # by language
OTHER = ":"


def build(results: DataFrame, scale: Scale) -> DataFrame:
    """One row a number; ours in [0, 1], published ones in percent.

    Columns: task, title, grade, stand_ins, pretrained_on, top_n; part ("share": of a module among the last trials;
    "accuracy": on test, of the N best by validation), variant, module, language, trial; mean, low, high (share: lowest
    and highest seed; accuracy: 95% Student-t interval), seeds; published (accuracy).
    """
    trials = tnaml.trials_of(results, "transfer")
    titles = published.in_paper_order(trials["task"], published.read("tnaml_table1"))
    task = tnaml.shown_task(titles, SHOWN)
    found = tnaml.studies(trials, task, scale.trials.trials(task))
    facts = {"task": task, "title": titles[task], **tnaml.marks(trials, task), "top_n": scale.top_n}
    ours = pd.concat([_shares(found), _accuracies(found, scale.top_n)], ignore_index=True).assign(**facts)
    paper = published.read(NAME).rename(columns={"value": "published"}).assign(part="accuracy")
    return ours.merge(paper[["part", "task", "variant", "published"]], "left", ["part", "task", "variant"])


def _shares(found: tnaml.Studies) -> DataFrame:
    modules = sorted({module for seeds in found.values() for study in seeds.values() for module in study["module"]})
    lines = []
    for variant, seeds in found.items():
        for module in sorted(modules, key=lambda module: (language(module), module)):
            of_seeds = [share(study["module"] == module) for study in seeds.values()]
            line = curves.points(of_seeds, 1, len(of_seeds[0]))
            lines.append(line.assign(variant=variant, module=module, language=language(module)))
    return pd.concat(lines).assign(part="share")


def share(chosen: pd.Series) -> np.ndarray:
    """How often something was chosen in the window that ends with each trial; shape (trials,)."""
    return chosen.astype(float).rolling(WINDOW, min_periods=1).mean().to_numpy()


def language(module: str) -> str:
    """The language of a module; empty where it is not known."""
    known = rows()
    return known[module].language if module in known else ""  # a module of the user's own


def _accuracies(found: tnaml.Studies, top_n: int) -> DataFrame:
    cells = []
    for variant, seeds in found.items():
        tests = [tnaml.study_curves(study, top_n)[1][:READ] for study in seeds.values()]
        facts = {"part": "accuracy", "variant": variant, "module": "", "language": "", "trial": len(tests[0])}
        cells.append(facts | asdict(mean_interval([test[-1] for test in tests], 0, 1)))
    return DataFrame(cells).drop(columns="censored")


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """Shares in the last window, of modules and of languages; accuracies beside the paper's."""
    accuracies = frame[frame["part"] == "accuracy"]
    after = f"Test accuracy-topN (%) after {accuracies['trial'].iloc[0]} trials, beside the paper's after {READ}"
    last = _last(frame)
    shares = [_row(_named(*names), cells) for names, cells in last.groupby(["module", "language"], sort=False)]
    sums = last.groupby(["variant", "language"], as_index=False)["mean"].sum()
    shares += [_row(f"all of {name}", cells) for name, cells in sums.groupby("language") if name]
    return {
        "Share of each module in the last window (%)": numerals.table(shares),
        after: tnaml.accuracy_table(accuracies),
    }


def _last(frame: DataFrame) -> DataFrame:
    shares = frame[frame["part"] == "share"]
    return shares[shares["trial"] == shares["trial"].max()]


def _named(module: str, spoken: str) -> str:
    return f"{module} ({spoken})" if spoken else module


def _row(name: str, cells: DataFrame) -> dict[tuple[str, str], str]:
    by_variant = cells.set_index("variant")["mean"]
    shares = {
        (method, ""): numerals.number(100 * by_variant.get(key, np.nan), 0) for key, method in tnaml.METHODS.items()
    }
    return {("Module", ""): name} | shares


def draw(frame: DataFrame) -> Figure:
    """One line a module: how often T-NAML chose it."""
    lines = frame[(frame["part"] == "share") & (frame["variant"] == "tnaml")]
    (title,) = tnaml.marked(frame).values()
    with rc_context(CURVES):
        figure = Figure(figsize=(6, 3), layout="constrained")
        axes = figure.subplots()
        for place, (names, line) in enumerate(lines.groupby(["module", "language"], sort=False)):
            style = {"color": COLOURS[place % len(COLOURS)], "linestyle": DASHES.get(names[1], OTHER)}
            never = "" if line["mean"].any() else ": never"  # lies on the axis, below others
            axes.plot(line["trial"], line["mean"], label=_named(*names) + never, **style)
        axes.set(title=f"{title}: modules chosen by T-NAML", xlabel="Trials", ylabel="Share of the window")
        axes.set(xlim=(0, frame["trial"].max()), ylim=(0, 1))
        figure.legend(loc="outside right upper", frameon=False, handlelength=3)
    return figure


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the figure."""
    read = int(frame.loc[frame["part"] == "accuracy", "trial"].iloc[0])
    return [
        f"A window holds the last {WINDOW} trials, as in the paper; before, all trials so far. Mean over seeds.",
        "In the name of a module: its language, where it is known. Solid: en; dashed: es; dotted: others.",
        *tnaml.shown_notes(frame, SHOWN, "Sentiment Cine"),
        *([f"The searches end after {read} trials, before the paper's {READ}."] if read < READ else []),
        *_switch(frame),
        *tnaml.notes(frame),
        *(["In brackets: 95% Student-t interval over seeds."] if frame["seeds"].max() > 1 else []),
    ]


def _switch(frame: DataFrame) -> list[str]:
    """From which trial on T-NAML prefers modules of the task's language, if there are any."""
    spoken = task_row(frame["task"].iloc[0]).language
    lines = frame[(frame["part"] == "share") & (frame["variant"] == "tnaml")]
    if spoken not in set(lines["language"]):
        return []
    preferred = lines[lines["language"] == spoken].groupby("trial")["mean"].sum() > 0.5
    since = preferred[::-1].cummin()[::-1]
    when = f"from about trial {since.idxmax()} on" if since.any() else "not at the end"
    paper = " (paper: switches at about trial 2000)" if frame["task"].iloc[0] == SHOWN else ""
    return [f"More than half of T-NAML's modules are of the task's language, {spoken}: {when}{paper}."]


EXHIBIT = Exhibit(
    name=NAME,
    title="Figure 4, right. Transfer Learning with Neural AutoML",
    caption="How often transfer (T-NAML) chooses each module on Sentiment Cine, the only Spanish task: its share of "
    "the last trials, which estimates the probability that the controller gives it.",
    build=build,
    tables=tables,
    notes=notes,
    draw=draw,
)
