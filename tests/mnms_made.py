"""Made results of Multitask Neural Model Search: plausible frames in the form of ``load``, of any tasks and seeds."""

import numpy as np
import pandas as pd

from tnas_bench.exhibits.mnms_simultaneous import Searched
from tnas_bench.seeds import stream

SPACE = {"module": ["english", "spanish"], "hidden_layers": [0, 1, 2], "activation": ["relu", "swish", "tanh"]}


def study(variant, tasks, seed, trials, experiment="pretraining", space=SPACE, leaning=0.0, height=0.8, **facts):
    """One study, whose trials go round the tasks; the later a trial, the surer it is the task's own choice."""
    random = stream("mnms_made", experiment, variant, *tasks, seed)
    frame = pd.DataFrame({"trial": range(trials), "task": [tasks[trial % len(tasks)] for trial in range(trials)]})
    noise = random.normal(0, 0.02, (trials, 2))
    frame["validation"] = height - 0.2 * 0.99 ** frame["trial"] + noise[:, 0]
    frame["test"] = frame["validation"] - 0.02 + noise[:, 1]
    for decision, choices in space.items():
        own = [tasks.index(task) % len(choices) for task in frame["task"]]
        drawn = random.integers(len(choices), size=trials)
        sure = random.random(trials) < leaning * (frame["trial"] + 1) / trials
        frame[decision] = [choices[action] for action in np.where(sure, own, drawn)]
    given = {"grade": "exact", "stand_ins": "", "pretrained_on": "", "title": frame["task"]} | facts
    return frame.assign(paper="mnms", experiment=experiment, variant=variant, seed=seed, **given)


def learnt(variant, tasks, seed, space=SPACE):
    """What the controller of such a study had learnt: for each task the choice of its own."""
    rows = [
        {"task": task, "variant": variant, "seed": seed}
        | {decision: choices[place % len(choices)] for decision, choices in space.items()}
        for place, task in enumerate(tasks)
    ]
    return pd.DataFrame(rows)


def searched(tasks=("sst", "spanish_tokens"), seeds=(0, 1), trials=40, space=SPACE, leaning=0.9, **facts):
    """All that ``mnms_simultaneous`` reads."""
    alone = [(("apart", (task,)), trials // len(tasks)) for task in tasks]
    studies = [(("mnms", tasks), trials), *alone]
    return Searched(
        pd.concat(
            study(*kind, seed, budget, space=space, leaning=leaning, **facts)
            for kind, budget in studies
            for seed in seeds
        ),
        pd.concat(learnt(*kind, seed, space) for kind, _ in studies for seed in seeds),
        space,
    )


def transferred(tasks=("sentiment_imdb", "sentiment_cine"), seeds=(0, 1), trials=40, **facts):
    """All that ``mnms_transfer`` reads; the pretrained search is the better one."""
    heights = {"mnms": 0.85, "scratch": 0.8}
    return pd.concat(
        study(variant, tasks, seed, trials, "transfer", height=height, **facts)
        for variant, height in heights.items()
        for seed in seeds
    )


def read_by(exhibit, **facts):
    """What an exhibit reads."""
    return {"mnms_simultaneous": searched, "mnms_transfer": transferred}[exhibit.name](**facts)
