"""Made results of Transfer Learning with Neural AutoML, in the form of ``load`` and ``load_learnt``."""

from functools import cache

import pandas as pd

from tnas_bench.exhibits import tnaml_appendix
from tnas_bench.exhibits.results import load_learnt
from tnas_bench.seeds import stream

METHODS = ("random_search", "naml", "tnaml")
TRANSFER = (*METHODS, "agnostic", "final_child", "trpo", "urex", "ppo")
PRETRAINING = ("random_search", "naml")  # and tnaml, on all tasks at once
CHOICES = {
    "module": ["nnlm-en-dim128", "nnlm-es-dim50"],
    "fine_tune": [True, False],
    "hidden_layers": [0, 1, 2],
    "hidden_size": [64, 256],
    "activation": ["relu", "swish"],
    "dropout": [0.0, 0.2],
    "wide_learning_rate": [0.003, 0.01],
}


def study(experiment, variant, task, seed, trials=10, level=0.0, grade="subset", seconds=2.0):
    """One study on one task; its accuracies are drawn between ``level`` and 1."""
    rng = stream("made", experiment, variant, task, seed)
    accuracies = pd.DataFrame(rng.uniform(level, 1, (trials, 3)), columns=["validation", "half", "test"])
    choices = {name: rng.choice(len(options), trials) for name, options in CHOICES.items()}
    chosen = {name: [CHOICES[name][action] for action in actions] for name, actions in choices.items()}
    facts = {"paper": "tnaml", "experiment": experiment, "variant": variant, "task": task, "seed": seed}
    facts |= {
        "title": task.replace("_", " ").title(),
        "grade": grade,
        "validation_rows": 100,
        "test_rows": 100,
        "pretrained_on": "",
    }
    facts |= {"mean_seconds": 1.5 * seconds, "median_seconds": seconds, "cpu": "made", "stand_ins": "small"}
    return accuracies.assign(trial=range(trials), **facts, **chosen)


def again(found):
    """The best of a study, trained afresh."""
    best = found.sort_values("validation", ascending=False)
    name = {"experiment": "transfer", "variant": f"{found['variant'].iloc[0]}_again", "trials": len(best)}
    fresh = study(task=found["task"].iloc[0], seed=found["seed"].iloc[0], **name)
    return fresh.assign(**{name: best[name].to_list() for name in CHOICES})


def together(tasks, seed, trials):
    """One multitask study, whose trials fall on the tasks at random."""
    drawn = stream("made", "tasks", seed).choice(tasks, trials)
    parts = [study("pretraining", "tnaml", task, seed, (drawn == task).sum()) for task in tasks]
    return pd.concat(part.assign(trial=(drawn == task).nonzero()[0]) for task, part in zip(tasks, parts, strict=True))


@cache
def _everything(tasks):
    return everything(tasks)


def everything(tasks, seeds=(0, 1), trials=10):
    """The studies of both phases on the same tasks, and those of the image task."""
    alone = [("transfer", variant) for variant in TRANSFER] + [("pretraining", variant) for variant in PRETRAINING]
    studies = [study(*name, task, seed, trials) for name in alone for task in tasks for seed in seeds]
    searches = [("transfer", variant, task, seed, trials) for variant in METHODS for task in tasks for seed in seeds]
    retrained = [again(study(*search)) for search in searches]
    images = [study("image_transfer", variant, "task7", seed, trials) for variant in METHODS for seed in seeds]
    multitask = [together(tasks, seed, trials * len(tasks)) for seed in seeds]
    return pd.concat([*studies, *retrained, *images, *multitask], ignore_index=True)


def learnt(tasks, seeds=(0, 1), embeddings=None, choices=None):
    """What multitask controllers had learnt. ``embeddings`` and ``choices``: by task, the same for all seeds."""
    rows = []
    for seed in seeds:
        for task in tasks:
            rng = stream("made", "learnt", task, seed)
            facts = {"paper": "tnaml", "experiment": "pretraining", "variant": "tnaml", "task": task, "seed": seed}
            facts |= {"trials": 10, "title": task.replace("_", " ").title(), "grade": "subset", "stand_ins": "small"}
            chosen = {name: options[rng.choice(len(options))] for name, options in CHOICES.items()}
            embedding = rng.normal(size=25).tolist() if embeddings is None else embeddings[task]
            rows.append(facts | {"pretrained_on": "", "embedding": embedding} | chosen | (choices or {}).get(task, {}))
    return pd.DataFrame(rows)


def card(tasks, **published):
    """The run card of a study on some tasks, with what the literature says of the size of each."""
    of_task = {"role": "transfer", "grade": "subset", "classes": ["a", "b"], "mean_characters": 50.4}
    of_task |= {"rows": {"train": 800, "validation": 100, "test": 100, "total": 1000}, "published": published}
    module = {"dimension": 16, "words": 1234, "language": "en", "trained": False, "stand_in": True}
    titled = {task: of_task | {"title": task.replace("_", " ").title()} for task in tasks}
    return {"study": {"settings": {"space": CHOICES}}, "inputs": {"tasks": titled, "modules": {"small": module}}}


def read_by(exhibit, tasks):
    """What an exhibit reads of the studies on some tasks."""
    if exhibit.reads is tnaml_appendix.reads:
        return tnaml_appendix.Read(_everything(tuple(tasks)), [card(tasks, rows=1200, classes=None, sure="memory")])
    return learnt(tasks) if exhibit.reads is load_learnt else _everything(tuple(tasks))
