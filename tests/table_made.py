"""A small fabricated table whose numbers can be worked out by hand."""

import pandas as pd

from tnas_bench.config import Phases
from tnas_bench.spaces import Decision, Space
from tnas_bench.tabular import Table

SPACE = Space((Decision("module", ("small", "big")), Decision("training_steps", (10, 20))))
TESTS = {  # of each configuration with both seeds
    "sms_spam": [(0.5, 0.7), (0.9, 0.7), (0.4, 0.4), (0.3, 0.3)],
    "prog_opinion": [(0.5, 0.5), (0.5, 0.7), (0.2, 0.2), (0.9, 0.9)],
}


def small(scale):
    """A scale whose exhibit has two searches of four trials, after four of pretraining."""
    settings = {"trials": Phases(pretraining=4, transfer=4), "searches": 2}
    return scale.model_copy(update={"table": scale.table.model_copy(update=settings)})


def made(*tasks, seeds=2):
    """A table whose validation accuracies are half of its test accuracies."""
    rows = [
        {"task": task, "configuration": number, "seed": seed, "test": tests[seed], "validation": tests[seed] / 2}
        for task in tasks
        for number, tests in enumerate(TESTS[task])
        for seed in range(seeds)
    ]
    facts = {"grade": "subset", "majority_accuracy": 0.25}
    cards = {task: {"title": task.replace("_", " ").title(), **facts} for task in tasks}
    space = {decision.name: list(decision.choices) for decision in SPACE.decisions}
    modules = {"small": {"stand_in": True}, "big": {"stand_in": False}}
    description = {"space": space, "seeds": seeds, "tasks": cards, "modules": modules}
    return Table(description, pd.DataFrame(rows).assign(half=0.0, seconds=1.0))
