"""Grid studies of a small space on made-up tasks, whose children need no data; importable in other processes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tnas_bench.children import Score
from tnas_bench.controllers.grid import Grid
from tnas_bench.seeds import integer
from tnas_bench.spaces import restrict
from tnas_bench.spaces.tnaml import text_space
from tnas_bench.study import Study, run

SPACE = restrict(
    text_space(("small", "big"), (10, 20)),
    {
        "fine_tune": [False],
        "hidden_layers": [1, 2],
        "hidden_size": [8],
        "activation": ["relu"],
        "normalisation": ["none", "batch"],
        "dropout": [0.1],
        "deep_learning_rate": [0.1],
        "deep_regularisation": [0.0],
        "wide_learning_rate": [1.0],
        "wide_regularisation": [0.0],
    },
)  # 16 configurations
TASKS = ("news", "spam")  # as the plan lists them: not by name in every test


@dataclass(frozen=True)
class HashTrainer:
    """Scores are a function of (configuration, task, seed); children of one module train together."""

    def groups(self, configurations):
        modules = [configuration["module"] for configuration in configurations]
        return [[i for i, module in enumerate(modules) if module == choice] for choice in dict.fromkeys(modules)]

    def train(self, configurations, task, seeds):
        children = zip(configurations, seeds, strict=True)
        return [
            Score(*(integer(kind, task, seed, *configuration.values()) / 2**63 for kind in ("a", "b", "c", "d")))
            for configuration, seed in children
        ]


def task_card(task, grade="exact"):
    return {
        "title": task.title(),
        "grade": grade,
        "differences": [],
        "rows": {"train": 1000, "validation": 100, "test": 100},
        "classes": ["no", "yes"],
        "majority_accuracy": 0.6,
        "licence": "CC BY 4.0",
        "citation": f"The {task} data.",
        "sha256": {"train": f"hash of {task}"},
    }


def grid_study(folder, task, seed, trials=SPACE.size, **settings):
    """A sealed grid study; its folder."""
    modules = {"small": {"stand_in": True, "note": "a stand-in"}, "big": {"stand_in": False, "note": "real"}}
    known = {
        "children": 2,
        "space": {decision.name: list(decision.choices) for decision in SPACE.decisions},
        "tasks": {task: {"train": f"hash of {task}"}},
        "modules": {"small": {}, "big": {}},
    }
    study = Study(f"table/grid/all/{task}", (task,), seed, trials, trials, known | settings)
    facts = {"inputs": {"tasks": {task: task_card(task)}, "modules": modules}}
    place = folder / task / f"seed{seed}"
    with ThreadPoolExecutor(1) as pool:
        run(study, Grid(SPACE), SPACE, HashTrainer(), place, pool, facts=facts)
    return place


def grid_studies(folder, tasks=TASKS, seeds=(0, 1)):
    return [grid_study(folder, task, seed) for task in tasks for seed in seeds]
