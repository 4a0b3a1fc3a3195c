"""Transfer Learning with Neural AutoML against the literature: our accuracies beside published ones."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.errors import UserError
from tnas_bench.exhibits import comparison, numerals, published, tnaml
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.stats import accuracy_error

NAME = "tnaml_literature"
METHODS = {"transfer": "T-NAML", "pretraining": "Multitask"}  # by the phase that a task is of
LATER = {"later_naml": "NAML of 2019 ‡", "later_bert": "BERT-base of 2019 ‡"}


def build(results: DataFrame, scale: Scale) -> DataFrame:
    """One row a number: of each task ours, and then those published on it.

    Columns: task, title, grade, stand_ins, pretrained_on, top_n; kind ("ours": test accuracy-topN, of T-NAML after the
    fixed budget, on tasks of pretraining of the multitask controller in the end; "paper": the same; "cited" by the
    paper; "later_naml", "later_bert": not of this paper), source, place; value (percent), low, high (95% Student-t
    interval), seeds, trials (fewest of a seed), error (that test rows leave); difference (ours minus it, in points).
    """
    theirs, rows = _published(), []
    for task, experiment in _tasks(results, theirs["task"]).items():
        trials = tnaml.trials_of(results, experiment)
        studies = trials[(trials["variant"] == "tnaml") & (trials["task"] == task)]
        facts = {"task": task, "title": studies["title"].iloc[0], **tnaml.marks(studies, task)}
        ours = _ours(studies, experiment, scale)
        rows.append(facts | ours)
        for row in theirs[theirs["task"] == task].to_dict("records"):
            rows.append(facts | row | {"seeds": ours["seeds"], "difference": ours["value"] - row["value"]})
    return DataFrame(rows).assign(top_n=scale.top_n)


def _published() -> DataFrame:
    """What there is to compare with, in the paper's order: the accuracies of Table 1 and those of this exhibit."""
    table = published.read("tnaml_table1").query("measure == 'accuracy' and variant == 'tnaml'")
    table = table.assign(kind="paper", source="T-NAML")
    return pd.concat([table, published.read(NAME)])[["task", "kind", "source", "value", "place"]]


def _tasks(results: DataFrame, order: Iterable[str]) -> dict[str, str]:
    """The experiment that each task is of, first those transferred to; tasks without published numbers come last."""
    of_tnaml = results[(results["paper"] == "tnaml") & (results["variant"] == "tnaml")]
    found = {}
    for experiment in METHODS:
        studied = sorted(of_tnaml.loc[of_tnaml["experiment"] == experiment, "task"].unique())
        for task in [*(task for task in order if task in studied), *studied]:
            found.setdefault(task, experiment)
    if not found:
        raise UserError("results: no study of tnaml/transfer/tnaml or of tnaml/pretraining/tnaml; run them first")
    return found


def _ours(studies: DataFrame, experiment: str, scale: Scale) -> dict:
    """T-NAML at the fixed budget; the multitask controller after all trials of the task, where those are N or more."""
    task, by_seed = studies["task"].iloc[0], dict(list(studies.groupby("seed")))
    if experiment == "transfer":
        budget, place = scale.trials.fixed_trials(task), f"tnaml/transfer/tnaml/{task}/seed"
        by_seed = {seed: tnaml.first_trials(study, budget, f"{place}{seed}") for seed, study in by_seed.items()}
    trials = min(map(len, by_seed.values()))
    best = pd.concat(tnaml.best_children(study, scale.top_n) for study in by_seed.values())
    found = comparison.accuracy(best if trials >= scale.top_n else best.assign(test=np.nan), "test")
    error = accuracy_error(found["mean"], studies["test_rows"].iloc[0])
    facts = {"kind": "ours", "source": METHODS[experiment], "trials": trials, "error": error}
    return {**facts, "value": found.pop("mean"), **found}


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """Ours beside the results that the paper cites, and beside later ones."""
    by_task = [(title, frame[frame["task"] == task]) for task, title in tnaml.marked(frame).items()]
    cited = [row for title, cells in by_task for row in _cited(title, cells)]
    later = [_later(title, cells) for title, cells in by_task if set(LATER) & set(cells["kind"])]
    shown = {"Test accuracy-topN (%) beside results that the paper cites": cited, "Beside later results ‡": later}
    return {title: numerals.table(rows) for title, rows in shown.items() if rows}


def _cited(title: str, cells: DataFrame) -> list[dict[tuple[str, str], str]]:
    """A row each result that the paper cites; one of dashes, if it cites none."""
    paper = _value(cells, "paper", "value")
    cited = cells[cells["kind"] == "cited"].reset_index().reindex(range(max(1, (cells["kind"] == "cited").sum())))
    return [
        _ours_and_papers(title, cells)
        | {
            ("Cited", "accuracy"): "–" if np.isnan(row.value) else f"{row.value:g}",
            ("Cited", "ours − this"): numerals.signed(row.difference, digits=1),
            ("Cited", "paper's − this"): numerals.signed(paper - row.value, digits=1),
            ("Cited", "source"): "–" if np.isnan(row.value) else row.source,
        }
        for row in cited.itertuples()
    ]


def _later(title: str, cells: DataFrame) -> dict[tuple[str, str], str]:
    row = _ours_and_papers(title, cells)
    for kind, name in LATER.items():
        row[name, "accuracy"] = numerals.number(_value(cells, kind, "value"), 1)
        row[name, "ours − this"] = numerals.signed(_value(cells, kind, "difference"), digits=1)
    return row


def _ours_and_papers(title: str, cells: DataFrame) -> dict[tuple[str, str], str]:
    ours = cells[cells["kind"] == "ours"].iloc[0]
    return {
        ("Task", ""): title,
        ("Ours", "by"): f"{ours['source']}, {ours['trials']:.0f} trials",
        ("Ours", "accuracy"): numerals.bracketed(*ours[["value", "low", "high"]]),
        ("Ours", "± of test rows"): numerals.number(ours["error"], 1),
        ("Paper's", "accuracy"): numerals.number(_value(cells, "paper", "value"), 1),
        ("Paper's", "ours − this"): numerals.signed(_value(cells, "paper", "difference"), digits=1),
    }


def _value(cells: DataFrame, kind: str, column: str) -> float:
    """The one number of its kind; NaN where there is none."""
    found = cells.loc[cells["kind"] == kind, column]
    return float(found.iloc[0]) if len(found) else np.nan


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the tables."""
    later = (
        "‡ Not in the paper: Houlsby et al. 2019, whose single-task Neural AutoML tried more than 10,000 models of a "
        "larger space, convolutions and a sentence encoder among them."
    )
    return [
        "Ours: T-NAML at the fixed budget (paper: 500 trials, Brown Corpus 250); on tasks of pretraining the multitask "
        "controller after all of its trials of the task (a seed's fewest are shown).",
        *(["In brackets: 95% Student-t interval over seeds."] if frame["low"].notna().any() else []),
        "± of test rows: the standard error that their luck leaves, with any number of seeds. Published accuracies are "
        "of other rows.",
        "The paper warns that modules pretrained on other texts make results incomparable with those that use a task's "
        "own texts alone.",
        *([later] if set(LATER) & set(frame["kind"]) else []),
        *tnaml.notes(frame),
    ]


EXHIBIT = Exhibit(
    name=NAME,
    title="Against the literature. Transfer Learning with Neural AutoML",
    caption="Our test accuracy-topN beside the paper's, beside results that the paper cites, and beside later ones.",
    build=build,
    tables=tables,
    notes=notes,
)
