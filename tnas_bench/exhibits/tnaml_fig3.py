"""Figure 3 of Transfer Learning with Neural AutoML: an image task, and what is chosen on it."""

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
from tnas_bench.stats import mean_interval

NAME = "tnaml_fig3"
SHOWN = "task7"
LAST = 30  # trials in which a choice counts as preferred [choice]
PREFERRED = ("module", "fine_tune", "activation", "dropout")  # decisions of which the paper names the outcome
FLOOR = 0.6  # where the paper's axis of accuracies begins
WORDS = {"True": "yes", "False": "no"}


def build(results: DataFrame, scale: Scale) -> DataFrame:
    """One row a number; ours in [0, 1], published ones in percent.

    Columns: task, title, grade, stand_ins, pretrained_on, top_n; part ("curve" and "accuracy", where it ends: on test,
    of the N best by validation; "choice": share of a choice in the last trials), variant, decision, choice, trial;
    mean, low, high (accuracy: 95% Student-t interval; else lowest and highest seed), seeds; published (accuracy).
    """
    trials = tnaml.trials_of(results, "image_transfer")
    titles = dict(sorted(zip(trials["task"], trials["title"], strict=True)))
    task = tnaml.shown_task(titles, SHOWN)
    found = tnaml.studies(trials, task, scale.images.trials.trials(task))
    facts = {"task": task, "title": titles[task], **tnaml.marks(trials, task), "top_n": scale.top_n}
    rows = pd.concat([_accuracies(found, scale.top_n), _choices(found)], ignore_index=True)
    rows = rows.fillna({"decision": "", "choice": ""}).assign(**facts)
    return rows.merge(_paper(), "left", ["task", "variant", "part"])


def _paper() -> DataFrame:
    accuracies = published.read(NAME).query("measure == 'accuracy'").rename(columns={"measure": "part"})
    values = accuracies["value"].astype(float)
    return accuracies[["task", "variant", "part"]].assign(published=values)


def _accuracies(found: tnaml.Studies, top_n: int) -> DataFrame:
    parts = []
    for variant, seeds in found.items():
        tests = [tnaml.study_curves(study, top_n)[1] for study in seeds.values()]
        line = curves.points(tests, top_n, len(tests[0]))
        end = DataFrame([{"trial": len(tests[0]), **asdict(mean_interval([test[-1] for test in tests], 0, 1))}])
        parts += [line.assign(part="curve", variant=variant)]
        parts += [end.drop(columns="censored").assign(part="accuracy", variant=variant)]
    return pd.concat(parts)


def _choices(found: tnaml.Studies) -> DataFrame:
    """How often each choice was made in the last trials."""
    rows = []
    for variant, seeds in found.items():
        for decision in PREFERRED:
            of_seeds = [study[decision].astype(str).tail(LAST) for study in seeds.values()]
            for choice in sorted(set().union(*of_seeds)):
                shares = [float((chosen == choice).mean()) for chosen in of_seeds]
                spread = {"mean": np.mean(shares), "low": min(shares), "high": max(shares), "seeds": len(shares)}
                rows.append({"part": "choice", "variant": variant, "decision": decision, "choice": choice, **spread})
    return DataFrame(rows)


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """Where the curves end, and what was chosen there, beside the paper's."""
    accuracies, choices = (frame[frame["part"] == part] for part in ("accuracy", "choice"))
    after = f"Test accuracy-topN (%) after {accuracies['trial'].iloc[0]:.0f} trials"
    chosen = f"The most frequent choice in the last {LAST} trials, or all if fewer (its share in %)"
    return {after: tnaml.accuracy_table(accuracies), chosen: numerals.table(_preferred(choices))}


def _preferred(choices: DataFrame) -> list[dict[tuple[str, str], str]]:
    theirs = published.read(NAME)
    theirs = theirs[theirs["task"] == choices["task"].iloc[0]].set_index("measure")["value"]
    rows = []
    for decision in PREFERRED:
        row = {("Decision", ""): tnaml.DECISIONS[decision]}
        for variant, method in tnaml.METHODS.items():
            of_both = choices[(choices["decision"] == decision) & (choices["variant"] == variant)]
            row[method, "ours"] = _most_frequent(of_both.set_index("choice")["mean"])
        rows.append(row | {("T-NAML", "paper"): theirs.get(decision, "–")})
    return rows


def _most_frequent(shares: pd.Series) -> str:
    """The choice with the largest share, or those that tie."""
    best = [WORDS.get(choice, choice) for choice in shares.index[shares == shares.max()]]
    return f"{', '.join(best)} ({100 * shares.max():.0f})" if best else "–"


def draw(frame: DataFrame) -> Figure:
    """One panel; accuracies from where the paper's axis begins, or lower."""
    lines = frame[frame["part"] == "curve"]
    (title,) = tnaml.marked(frame).values()
    with rc_context(CURVES):
        figure = Figure(figsize=(4.6, 3), layout="constrained")
        axes = figure.subplots()
        curves.draw_panel(axes, lines, tnaml.METHODS, title)
        lowest, highest = np.floor(10 * lines["low"].min()) / 10, np.ceil(10 * lines["high"].max()) / 10
        bottom = min(FLOOR, lowest)
        axes.set_ylim(bottom, max(highest, bottom + 0.1))
        axes.set(xlabel="Trials", ylabel=f"Test accuracy-top{frame['top_n'].iloc[0]}")
        figure.legend(loc="outside upper center", ncols=3, frameon=False)
    return figure


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the figure."""
    accuracies = frame[frame["part"] == "accuracy"]
    met = frame[frame["part"] == "choice"].groupby("decision")["choice"].nunique()
    alike = [tnaml.DECISIONS[decision] for decision in met.index[met == 1]]
    return [
        *curves.notes(frame),
        *tnaml.notes(frame),
        *tnaml.shown_notes(frame, SHOWN, "CIFAR-10"),
        *(["In brackets: 95% Student-t interval over seeds."] if accuracies["low"].notna().any() else []),
        "Shares are means over seeds. The paper's module is that of its best models; it gives no number for the other "
        "methods, whose final accuracies it calls similar.",
        *([f"No preference, as the last children of all methods are alike: {', '.join(alike)}."] if alike else []),
        "The paper does not describe its space of image children; ours is a choice.",
    ]


EXHIBIT = Exhibit(
    name=NAME,
    title="Figure 3. Transfer Learning with Neural AutoML",
    caption="An image task, CIFAR-10: test accuracy of the N children with the highest validation accuracy found up to "
    "each trial. T-NAML's controller was pretrained on image tasks.",
    build=build,
    tables=tables,
    notes=notes,
    draw=draw,
)
