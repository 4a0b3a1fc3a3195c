"""Made results of LD-NAS: plausible frames in the form of ``load_steps``, of any tasks, seeds and grades."""

import numpy as np
import pandas as pd

from tnas_bench.config import FisherSettings, load_scale
from tnas_bench.exhibits.published import read
from tnas_bench.seeds import stream

TASKS = tuple(f"task{number}" for number in range(8))
CELL = ["sep_conv_3x3", "skip_connect", "none", "conv_7x1_1x7", "max_pool_3x3", "sep_conv_3x3"]
FIGURE = read("ldnas_fig1").set_index(["source", "target"])["mean"].to_dict()
FORMS = {"paper": "log_det", "released": "released"}
TABLE = ("fuse-closest", "random_search-full", "darts_first-full", "darts_second-full", "enas-full")
CONTROL = tuple(
    f"{method}-{space}" for method in ("fuse", "random_search") for space in ("closest", "farthest", "random", "full")
)
SIZES = {"closest": 27, "farthest": 64, "random": 4096, "full": 1000000, "printed": 4096, "coded": 7**6}
BASES = {"closest": "task7", "farthest": "task0", "random": "task4"}


def scale(tasks=TASKS, targets=("task3",), seeds=1):
    """A scale of these tasks; MNIST's bar is 95%, CIFAR-10's 80%, and sigma squared 1e-10."""
    tiny = load_scale("tiny")
    settings = {"tasks": tasks, "targets": targets, "seeds": seeds, "epsilon": {"mnist": 0.05, "cifar10": 0.2}}
    fisher = FisherSettings(examples=1, sigma2=1e-10, normalised=True, heads="zero_padded")
    return tiny.model_copy(update={"ldnas": tiny.ldnas.model_copy(update=settings | {"fisher": fisher})})


def run(experiment, variant, task, seed, records, seconds=100.0, grade="exact", gpu=None, space=None):
    """A run as the rows that ``load_steps`` makes of it."""
    facts = {"paper": "ldnas", "experiment": experiment, "variant": variant, "task": task, "seed": seed}
    recipe = {"batch_size": 64, "learning_rate": 1e-3, "statistics_images": None, "test_images": 400}
    facts |= {"seconds": seconds, "gpu": gpu, "settings": {"space": space, "recipe": recipe}, "grade": grade}
    facts["test_images"] = 10_000  # of the task
    facts["dataset"] = "mnist" if task < "task4" else "cifar10"
    return pd.DataFrame([facts | {"step": step, "record": record} for step, record in enumerate(records)])


def network(task, seed, test, batch=None, variant="vgg16", experiment="networks", parameters=14_728_266, **facts):
    """A training of two epochs of 6,000 images, whose last record alone holds accuracies."""
    epoch = {"epoch": 0, "loss": 1.0, "train_accuracy": 0.5, "images": 6000}
    last = epoch | {"epoch": 1, "test": test, "test_batch_statistics": test if batch is None else batch}
    return run(experiment, variant, task, seed, [epoch, last | {"parameters": parameters}], **facts)


def distances(target, seed, by_source, values=None, **facts):
    """The distances of sources to a target, the same for all sigma squared; ``values``: of each record, if others."""

    def rows(distance):
        keys = {"normalised": True, "heads": "zero_padded"}
        return [
            keys | {"protocol": protocol, "form": form, "sigma2": sigma2, "value": distance}
            for protocol, form in FORMS.items()
            for sigma2 in (1e-12, 1e-10, 1e-8)
        ]

    records = [{"source": source, "values": (values or rows)(value)} for source, value in by_source.items()]
    return run("distances", "vgg16", target, seed, records, **facts)


def search(variant, task, seconds=3600.0, cell=CELL, passes=500, forward=250, seed=0, **facts):
    """A search of two rounds."""
    space = variant.split("-")[1]
    settings = {"base": BASES.get(space), "size": SIZES[space], "operations": [["none"]] * 6}
    records = [{"cell": operations, "passes": passes, "forward": forward} for operations in (["none"] * 6, cell)]
    return run("search", variant, task, seed, records, seconds, space=settings, **facts)


def noisy_distances(target, seed, tasks, **facts):
    """Distances near the published ones, in every form, normalised and not, with both rules for heads."""
    keys = [
        {"protocol": protocol, "form": form, "normalised": normalised, "heads": heads, "sigma2": sigma2}
        for protocol in FORMS
        for form in ("log_det", "log_det_sizes", "released", "frechet")
        for normalised in (True, False)
        for heads in ("zero_padded", "backbone")
        for sigma2 in ((1e-12, 1e-10, 1e-8) if form != "frechet" else (0.0,))
    ]

    def rows(source):
        noise = stream("made", seed, source, target).normal(0, 0.02, len(keys))
        published = FIGURE[source, target]
        factors = [(3 if key["protocol"] == "released" else 1) * (1 + 1e9 * key["sigma2"]) for key in keys]
        values = published * (np.array(factors) + noise * factors)
        return [key | {"value": float(abs(value))} for key, value in zip(keys, values, strict=True)]

    return distances(target, seed, {task: task for task in tasks}, rows, **facts)


def found(variant, task, seeds, **facts):
    """Searches, each with the training of its cell."""
    tests = stream("made", variant, task).normal(0.9, 0.01, len(seeds))
    trainings = [
        network(task, seed, test, test - 0.01, variant, "final", 2_280_000, **facts)
        for seed, test in zip(seeds, tests, strict=True)
    ]
    return [*(search(variant, task, seed=seed, **facts) for seed in seeds), *trainings]


def everything(tasks=TASKS, targets=("task3", "task6"), seeds=(0, 1, 2), **facts):
    """All runs of all exhibits."""
    tests = {task: stream("made", task).normal(0.85, 0.05) for task in tasks}
    parts = [network(task, seed, tests[task] + 0.01 * seed, **facts) for task in tasks for seed in seeds]
    parts += [
        network(task, seed, tests[task], variant=name, **facts)
        for task in targets
        for seed in seeds
        for name in ("resnet18", "densenet121")
    ]
    parts += [noisy_distances(task, seed, tasks, **facts) for task in tasks for seed in seeds]
    parts += [
        run("base_search", "random_search", task, seed, [{"cell": CELL}], 50.0, **facts)
        for task in tasks
        for seed in seeds
    ]
    variants = [f"{variant}-{protocol}" for protocol in FORMS for variant in TABLE]
    variants += ["fuse-printed-paper", "fuse-coded-released"]
    variants += [f"{variant}-paper" for variant in CONTROL if variant not in TABLE]
    parts += [part for task in targets for variant in variants for part in found(variant, task, seeds, **facts)]
    return pd.concat(parts, ignore_index=True)
