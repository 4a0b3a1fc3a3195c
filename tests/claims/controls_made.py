"""Tables whose truth is known, and what searches find in them, as a measure of claims has it."""

import copy

import numpy as np
import pandas as pd
import torch
from children_made import CONFIGURATION, Made

from tnas_bench.children.group import Group, accuracies
from tnas_bench.claims import Claim
from tnas_bench.claims.judge import judge
from tnas_bench.config import load_scale
from tnas_bench.controllers.registry import make
from tnas_bench.metrics import accuracy_top_n
from tnas_bench.seeds import integer, stream
from tnas_bench.spaces import Decision, Space
from tnas_bench.study import Study
from tnas_bench.tabular import Table
from tnas_bench.tabular.search import in_memory

SCALE = load_scale("lab")
SPACE = Space(tuple(Decision(name, ("a", "b", "c", "d", "e")) for name in ("one", "two", "three")))
TAUGHT, TASKS = ("p", "q", "r"), ("t", "u", "v", "w", "x")
SEEDS, TRIALS, TOP = 3, 30, 5
RATES = Space((Decision("deep_learning_rate", (0.01, 0.1, 0.5)), Decision("wide_learning_rate", (0.01, 0.1, 0.5))))


def table(space, values):
    """A table of validation and test accuracies, shape (tasks, configurations, trainings, 2)."""
    tasks, configurations, trainings, _ = values.shape
    keys = pd.MultiIndex.from_product(
        [(TAUGHT + TASKS)[:tasks], range(configurations), range(trainings)], names=["task", "configuration", "seed"]
    )
    rows = pd.DataFrame(values.reshape(-1, 2), keys, ["validation", "test"]).reset_index()
    description = {
        "space": {decision.name: list(decision.choices) for decision in space.decisions},
        "seeds": trainings,
        "tasks": dict.fromkeys((TAUGHT + TASKS)[:tasks]),
    }
    return Table(description, rows.assign(half=0.0, seconds=1.0))


def planted():
    """What is good on one task is good on all: four fifths of the variance of each choice are common to them."""
    rng = stream("controls", "planted")
    tasks = len(TAUGHT + TASKS)
    common = [np.sqrt(0.8) * rng.normal(size=5) + np.sqrt(0.2) * rng.normal(size=(tasks, 5)) for _ in range(3)]
    truth = common[0][:, :, None, None] + common[1][:, None, :, None] + common[2][:, None, None, :]
    truth = 0.7 + 0.05 * truth.reshape(tasks, -1)
    return table(SPACE, truth[:, :, None, None] + 0.01 * rng.normal(size=(*truth.shape, 2, 2)))


def shuffled():
    """Children trained on labels that were permuted, anew for each task: there is nothing to be found."""
    tasks, values = len(TAUGHT + TASKS), []
    configurations = [CONFIGURATION | RATES.decode(actions) for actions in RATES.enumerate()]
    for task in range(tasks):
        made, rng = Made(), stream("controls", "shuffled", task)
        made.labels = [rng.permutation(labels) for labels in made.labels]
        data, scores = made.data(torch.float32), []
        for training in range(2):
            group = Group(data, configurations, [integer(task, training, child) for child in range(RATES.size)])
            group.train()
            scores.append([accuracies(group.correct(split)) for split in (data.validation, data.test)])
        values.append(np.transpose(scores, (2, 0, 1)))
    return table(RATES, np.array(values))


def searched(found):
    """Test accuracy-top5 (%) of each search of a table, in the form of a measure.

    "tnaml" was taught on three tasks that the others do not see, "untrained" is transferred without having been taught.
    """
    settings, rows = SCALE.controller_at(0.01), []
    for seed in range(SEEDS):
        untrained, taught = (make("tnaml", found.space, integer("controls", seed), settings) for _ in range(2))
        in_memory(Study("controls/pretraining", TAUGHT, seed, 250, SCALE.round_size), taught, found)
        for task in TASKS:
            searchers = {
                name: make(name, found.space, integer("controls", name, task, seed), settings)
                for name in ("random_search", "naml")
            } | {"tnaml": copy.deepcopy(taught), "untrained": copy.deepcopy(untrained)}
            for name in ("tnaml", "untrained"):
                searchers[name].transfer(integer("controls", name, task, seed))
            for name, searcher in searchers.items():
                study = Study(f"controls/{name}/{task}", (task,), seed, TRIALS, SCALE.round_size)
                trials = in_memory(study, searcher, found)
                heights = accuracy_top_n([each.validation for each in trials], [each.test for each in trials], TOP)
                rows.append((task, name, seed, 100 * heights[1][-1], False))
    return pd.DataFrame(rows, columns=["task", "variant", "seed", "value", "censored"])


def order(cells, of, over):
    """What is made of the claim that one is above the other."""
    return judge(Claim("made", "ours", "-", "", "order", "", "", of, over, "", "", "", ""), cells, "").verdict
