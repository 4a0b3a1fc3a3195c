"""Do tasks that are searched at once get different models? What was chosen for each of them late in the study."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from tnas_bench.seeds import stream

PERMUTATIONS = 1000  # of the task labels [choice]
LATE = 0.25  # of a study's trials, its last ones [choice]
ALL = "all decisions"

Space = dict[str, list]  # decision -> choices, in their order


def late_trials(study: DataFrame) -> DataFrame:
    """The last quarter of a study's trials, whatever their tasks."""
    return study.nlargest(int(np.ceil(LATE * len(study))), "trial")


def shares(windows: dict[int, DataFrame], space: Space, tasks: list[str]) -> DataFrame:
    """How often each choice was made for each task in the windows of several seeds.

    Columns: task, decision, choice (as text), mean, low, high (mean, lowest and highest seed), seeds.
    """
    rows = []
    for task in tasks:
        of_task = [at for window in windows.values() if len(at := window[window["task"] == task])]
        for decision, choices in space.items() if of_task else ():
            made = {choice: [(at[decision] == choice).mean() for at in of_task] for choice in choices}
            rows += [
                {"task": task, "decision": decision, "choice": str(choice), "mean": np.mean(by_seed)}
                | {"low": min(by_seed), "high": max(by_seed), "seeds": len(by_seed)}
                for choice, by_seed in made.items()
            ]
    return DataFrame(rows)


def distances(windows: dict[int, DataFrame], space: Space, task: str) -> DataFrame:
    """Total variation distance between what was chosen for one task and for the others, by decision and on average.

    ``windows``, by seed; one in which either side has no trial is left out. Columns: task, decision, mean, low, high
    (mean, lowest and highest seed), seeds; chance, chance_high: mean and 95th percentile of the same mean over seeds
    with the labels of a window's trials permuted. If the controller took no notice of the task, all orders of the
    labels would be equally likely, since tasks are drawn independently.
    """
    both = {seed: trials for seed, trials in windows.items() if (trials["task"] == task).nunique() == 2}
    if not both:
        return DataFrame()
    found = np.stack([_with_chance(trials, space, task, seed) for seed, trials in both.items()])
    observed, permuted = found[:, 0], found[:, 1:].mean(axis=0)
    spread = {"mean": observed.mean(axis=0), "low": observed.min(axis=0), "high": observed.max(axis=0)}
    chance = {"chance": permuted.mean(axis=0), "chance_high": np.quantile(permuted, 0.95, axis=0)}
    return DataFrame({"task": task, "decision": [*space, ALL], **spread, "seeds": len(both), **chance})


def _with_chance(window: DataFrame, space: Space, task: str, seed: int) -> np.ndarray:
    """Distances in one window, shape (1 + permutations, decisions + 1): as it is, then with permuted labels."""
    trials = window.sort_values("trial")
    labels, random = (trials["task"] == task).to_numpy(), stream("mnms_simultaneous", "permutations", seed)
    labellings = np.stack([labels, *(random.permutation(labels) for _ in range(PERMUTATIONS))])
    chosen = [pd.get_dummies(trials[decision]).to_numpy(float) for decision in space]
    by_decision = np.stack([total_variation(labellings, each) for each in chosen], axis=1)
    return np.column_stack([by_decision, by_decision.mean(axis=1)])


def total_variation(labellings: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Half the sum of absolute differences between the shares of choices on either side of each labelling.

    ``labellings``, boolean, shape (labellings, trials); ``chosen``, one-hot, shape (trials, choices); returns shape
    (labellings,).
    """
    ones, others = labellings.astype(float), (~labellings).astype(float)
    left, right = (side @ chosen / side.sum(axis=1, keepdims=True) for side in (ones, others))
    return np.abs(left - right).sum(axis=1) / 2


def models(learnt: DataFrame, space: Space) -> DataFrame:
    """The most probable choices that controllers learnt for their tasks: in which share of the seeds each is.

    Columns: task, variant, decision, choice (as text), mean, seeds.
    """
    return DataFrame(
        {"task": task, "variant": variant, "decision": decision, "choice": str(choice)}
        | {"mean": share, "seeds": len(seeds)}
        for (task, variant), seeds in learnt.groupby(["task", "variant"], sort=False)
        for decision in space
        for choice, share in seeds[decision].value_counts(normalize=True).items()
    )
