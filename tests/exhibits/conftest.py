"""Small fabricated results whose exhibits can be worked out by hand."""

import pandas as pd
import pytest
import tnaml_made

from tnas_bench.config import Budgets, load_scale


@pytest.fixture(scope="session")
def scale():
    """Ten trials a study, a fixed budget of five, and accuracy-top1, which is the running best."""
    trials = Budgets(pretraining=10, transfer=10, fixed=5)
    return load_scale("tiny").model_copy(update={"trials": trials, "top_n": 1, "seeds": 2})


@pytest.fixture
def study():
    """One study as a frame of results; validation defaults to nought except where told, test to half of it."""

    def make(variant, seed, best, task="sms_spam", grade="exact", stand_ins="", experiment="transfer"):
        validation = [best.get(trial, 0.0) for trial in range(1, 11)]
        trials = pd.DataFrame({"trial": range(10), "validation": validation, "test": [v / 2 for v in validation]})
        facts = {"paper": "tnaml", "experiment": experiment, "variant": variant, "task": task, "seed": seed}
        return trials.assign(**facts, grade=grade, stand_ins=stand_ins, pretrained_on="Airline, News (subset)")

    return make


@pytest.fixture
def two_seeds(study):
    """RS peaks at 0.6 (seed 0, trial 7) and 0.8 (seed 1, trial 3): the bars are 0.8 for seed 0, 0.6 for seed 1."""
    return pd.concat(
        [
            study("random_search", 0, {2: 0.2, 6: 0.4, 7: 0.6}),
            study("random_search", 1, {3: 0.8}),
            study("naml", 0, {4: 0.4, 9: 0.8}),
            study("naml", 1, {1: 0.5}),
            study("tnaml", 0, {1: 0.9}),
            study("tnaml", 1, {5: 0.6}),
        ],
        ignore_index=True,
    )


@pytest.fixture
def noise():
    """Noise results of some tasks, all variants and two seeds."""
    return tnaml_made.everything
