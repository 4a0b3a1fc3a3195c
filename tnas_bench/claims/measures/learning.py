"""Measures of what searches learn, and what they overfit to [Transfer NAML, section 4.3]."""

from collections.abc import Iterator

import numpy as np
from pandas import DataFrame

from tnas_bench.claims.measures import WHOLE, Measure, Row, measure, test_rows
from tnas_bench.config import Scale
from tnas_bench.exhibits import published, tnaml
from tnas_bench.exhibits.tnaml_clusters import contrast, cosines
from tnas_bench.exhibits.tnaml_fig3 import LAST
from tnas_bench.exhibits.tnaml_fig4_modules import READ, WINDOW, language
from tnas_bench.metrics import accuracy_top_n
from tnas_bench.spaces.tnaml import REGULARISATIONS

ENGLISH_UNTIL = 1500  # trials in which T-NAML keeps to English modules [section 4.3]
DECISIONS = ("hidden_layers", "hidden_size", "activation", "wide_learning_rate", "dropout", "module", "fine_tune")


def _searches(results: DataFrame, scale: Scale) -> Iterator[tuple[tuple[str, str, int], DataFrame]]:
    """The three methods' searches of each task that is transferred to, whole."""
    trials = tnaml.trials_of(results, "transfer")
    chosen = trials[trials["variant"].isin(tnaml.METHODS)]
    for (task, variant, seed), study in chosen.groupby(["task", "variant", "seed"], sort=False):
        budget = scale.trials.trials(task)
        yield (task, variant, seed), tnaml.first_trials(study, budget, f"tnaml/transfer/{variant}/{task}/seed{seed}")


def _changes(scale: Scale, validation: np.ndarray, test: np.ndarray) -> dict[str, float]:
    """How far two curves rise, in points: from the first N trials, and in the second half."""
    first, half = scale.top_n - 1, max(len(test) // 2, scale.top_n) - 1
    return {
        "gap": 100 * (validation[-1] - test[-1]),
        "gap_growth": 100 * ((validation[-1] - test[-1]) - (validation[first] - test[first])),
        "validation_rise": 100 * (validation[-1] - validation[half]),
        "test_rise": 100 * (test[-1] - test[half]),
    }


def _change(name: str, by: str, told: str) -> Measure:
    other = {"validation": "test", "test": "validation"}[by]

    def rows(results: DataFrame, scale: Scale) -> Iterator[Row]:
        for names, study in _searches(results, scale):
            yield *names, _changes(scale, *accuracy_top_n(study[by], study[other], scale.top_n))[name]

    rows.__doc__ = told
    return measure(rows)


gap = _change("gap", "validation", "Validation minus test accuracy-topN at the end, in points.")
gap_growth = _change("gap_growth", "validation", "How much that gap has grown since the first N trials.")
validation_rise = _change("validation_rise", "validation", "How much validation accuracy rises in the second half.")
test_rise = _change("test_rise", "validation", "How much test accuracy rises in the second half.")
control_gap = _change("gap", "test", "Chosen by test accuracy: test minus validation accuracy at the end.")


@measure
def embedding_contrast(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Mean cosine of two tasks of one of the paper's clusters, minus that of two of different ones [Figure 1]."""
    partition = published.read("tnaml_fig1").set_index("task")["cluster"].fillna("")
    for seed, learnt in _multitask(results).groupby("seed"):
        known = learnt[learnt["task"].isin(partition.index)]
        clusters = partition[known["task"]].tolist()
        if 1 < len(set(clusters)) < len(clusters):
            yield WHOLE, "tnaml", seed, contrast(np.stack(known["embedding"]), clusters)


def _multitask(results: DataFrame) -> DataFrame:
    return results[(results["experiment"] == "pretraining") & (results["variant"] == "tnaml")]


def _same(decision: str, ours: object, theirs: object) -> bool:
    """A module is the paper's where its name has all of the paper's words."""
    if decision == "module":
        return all(word in str(ours) for word in str(theirs).split())
    return ours == theirs


def _chosen(decision: str) -> Measure:
    def rows(results: DataFrame, scale: Scale) -> Iterator[Row]:
        theirs = published.read("tnaml_fig1").dropna(subset=decision).set_index("task")[decision]
        learnt = _multitask(results)
        for row in learnt[learnt["task"].isin(theirs.index)].to_dict("records"):
            yield row["task"], "tnaml", row["seed"], float(_same(decision, row[decision], theirs[row["task"]]))

    rows.__doc__ = f"Whether a task's most probable {tnaml.DECISIONS[decision]} is that of the paper's cluster."
    return measure(rows)


CHOSEN = {f"chosen_{decision}": _chosen(decision) for decision in DECISIONS}


def _share(decision: str, choice: object, told: str) -> Measure:
    """Of the last trials of an image search, the share with a choice, in percent."""

    def rows(results: DataFrame, scale: Scale) -> Iterator[Row]:
        for (task, variant, seed), study in tnaml.trials_of(results, "image_transfer").groupby(
            ["task", "variant", "seed"], sort=False
        ):
            last = study.sort_values("trial").tail(LAST)
            yield task, variant, seed, 100 * float((last[decision].astype(str) == str(choice)).mean())

    rows.__doc__ = told
    return measure(rows)


image_fine_tuned = _share("fine_tune", True, "Of the last image children, those that fine-tune their module (%).")
image_relu = _share("activation", "relu", "Of the last image children, those with ReLU (%).")
image_swish = _share("activation", "swish", "Of the last image children, those with swish (%).")
image_dropout = _share("dropout", 0.3, "Of the last image children, those with dropout 0.3 (%).")


@measure(tested=test_rows)
def accuracy_as_read(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Test accuracy-topN after the 2,000 trials at which the paper reads Sentiment Cine, or all if fewer."""
    for names, study in _searches(results, scale):
        yield *names, 100 * float(tnaml.study_curves(study.head(READ), scale.top_n)[1][-1])


def _spanish(study: DataFrame) -> float:
    return 100 * float((study["module"].map(language) == "es").mean())


@measure
def spanish_early(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Share of Spanish modules in the first 1,500 trials, or all if fewer (%)."""
    for names, study in _searches(results, scale):
        yield *names, _spanish(study.head(ENGLISH_UNTIL))


@measure
def spanish_late(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Share of Spanish modules in the last window (%)."""
    for names, study in _searches(results, scale):
        yield *names, _spanish(study.tail(WINDOW))


@measure
def both_towers(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """Whether the most probable model of a task of the paper's clusters keeps both towers, regularised away by none."""
    clusters = published.read("tnaml_fig1").set_index("task")["cluster"].dropna()
    learnt = _multitask(results)
    for row in learnt[learnt["task"].isin(clusters.index)].to_dict("records"):
        removes = max(REGULARISATIONS)
        kept = row["deep_regularisation"] < removes and row["wide_regularisation"] < removes
        yield row["task"], "tnaml", row["seed"], float(kept)


@measure
def outlier(results: DataFrame, scale: Scale) -> Iterator[Row]:
    """How much less alike US Economy is to the paper's clusters than the tasks within one of them are."""
    partition = published.read("tnaml_fig1").set_index("task")["cluster"].fillna("")
    for seed, learnt in _multitask(results).groupby("seed"):
        known = learnt[learnt["task"].isin(partition.index)].set_index("task")
        clusters = partition[known.index].to_numpy()
        similar, alone = cosines(np.stack(known["embedding"])), clusters == ""
        within = np.triu(np.equal.outer(clusters, clusters) & ~np.logical_or.outer(alone, alone), 1)
        if alone.any() and within.any():
            yield WHOLE, "tnaml", seed, float(similar[within].mean() - similar[np.ix_(alone, ~alone)].mean())
