"""How fast FUSE is: a stage of ours against a plain loop over the candidates, side by side, on one thread.

    python benchmarks/fuse.py
    python benchmarks/fuse.py --skeleton released --candidates 3 --images 1000

Both train the same candidates on the same random images in the same precision and memory format, with batch norm in
eval mode while the coefficients are trained. Ours computes the logits of the frozen networks once a stage; the plain
loop in each epoch of the coefficients, without gradients, and it has an Adam for each network. So ours gains at most
the number of those epochs, ten. Times are processor seconds of this process, medians of interleaved repeats. A round is
so many stages, hence has the ratio of a stage.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from statistics import median

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from torch.nn.functional import cross_entropy

from tnas_bench.cells import FULL, decode
from tnas_bench.cells.network import CellNetwork
from tnas_bench.cells.relaxation import (
    COEFFICIENT_BATCH,
    candidate,
    epochs,
    predict,
    train_coefficients,
    train_weights,
)
from tnas_bench.cells.search import Problem
from tnas_bench.config import FuseSettings, SearchSettings, Skeleton, load_scale
from tnas_bench.device import autocast
from tnas_bench.images import Batch, ImageSet
from tnas_bench.seeds import stream

SKELETONS = {
    "released": Skeleton(kind="released", channels=3, cells=1),
    "darts": Skeleton(kind="darts", channels=8, cells=3),
}
CLASSES = 4


def random_images(count: int, part: str) -> ImageSet:
    """Noise: how fast training is does not depend on what is seen."""
    rng = stream("benchmark", "fuse", part)
    pixels, labels = rng.integers(0, 256, (count, 3, 32, 32), np.uint8), rng.integers(0, CLASSES, count)
    return ImageSet(torch.from_numpy(pixels), torch.from_numpy(labels), CLASSES, "cifar10")


def plain_weights(
    networks: list[CellNetwork], alphas: torch.Tensor, batches: Iterable[Batch], settings: SearchSettings
) -> None:
    """Train the weights: an Adam a network, the loss read after each step."""
    optimizers = [torch.optim.Adam(each.train().parameters(), lr=settings.learning_rate) for each in networks]
    shares = alphas.detach().softmax(0)
    for inputs, labels in batches:
        with autocast(settings.precision):
            output = sum(share * each(inputs) for share, each in zip(shares, networks, strict=True))
        loss = cross_entropy(output.float(), labels)
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        loss.item()


def plain_coefficients(
    networks: list[CellNetwork], alphas: torch.Tensor, images: ImageSet, fuse: FuseSettings, precision: str
) -> None:
    """Train the coefficients: all candidates anew for each batch of each epoch."""
    optimizer = torch.optim.Adam([alphas], lr=fuse.coefficient_rate)
    for each in networks:
        each.eval()
    for _ in range(fuse.coefficient_epochs):
        for inputs, labels in images.batches(COEFFICIENT_BATCH):
            with torch.no_grad(), autocast(precision):
                logits = [each(inputs) for each in networks]
            output = sum(share * each.float() for share, each in zip(alphas.softmax(0), logits, strict=True))
            optimizer.zero_grad()
            cross_entropy(output, labels).backward()
            optimizer.step()


def our_coefficients(
    networks: list[CellNetwork], alphas: torch.Tensor, images: ImageSet, fuse: FuseSettings, precision: str
) -> None:
    """Train the coefficients on logits that are computed once."""
    train_coefficients(alphas, predict(networks, images, precision), images.labels, fuse)


def seconds(run: Callable[[], object]) -> float:
    """Processor seconds of a run."""
    begin = time.process_time()
    run()
    return time.process_time() - begin


def stage(problem: Problem, count: int, train: Callable, coefficients: Callable) -> tuple[float, float, list[float]]:
    """Seconds of the weights and of the coefficients in the first stage of random candidates; the alphas found."""
    rng, settings, fuse = stream("benchmark", "cells"), problem.settings, problem.settings.fuse[problem.protocol]
    networks = [candidate(problem, decode(FULL, FULL.sample(rng)), position) for position in range(count)]
    alphas = torch.zeros(count, requires_grad=True)
    batches = epochs(problem, fuse.weight_epochs, "benchmark")
    weights = seconds(partial(train, networks, alphas, batches, settings))
    arguments = networks, alphas, problem.validation, fuse, settings.precision
    return weights, seconds(partial(coefficients, *arguments)), alphas.tolist()


def report(problem: Problem, count: int, repeats: int) -> None:
    """Run and print everything; the last line is JSON."""
    loops = {"ours": (train_weights, our_coefficients), "plain loop": (plain_weights, plain_coefficients)}
    few = replace(problem, train=problem.train.first(8), validation=problem.validation.first(8))
    for loop in loops.values():
        stage(few, count, *loop)  # warm-up
    runs: dict[str, list] = {name: [] for name in loops}
    for _ in range(repeats):
        for name, loop in loops.items():
            runs[name].append(stage(problem, count, *loop))
    np.testing.assert_allclose(runs["ours"][0][2], runs["plain loop"][0][2], rtol=0.05, atol=1e-3)  # the same work

    fuse = problem.settings.fuse[problem.protocol]
    images = len(problem.train) * fuse.weight_epochs, len(problem.validation) * fuse.coefficient_epochs
    table = Table("loop", "weights, images a second", "coefficients, images a second", "seconds a stage")
    times = {}
    for name, each in runs.items():
        times[name] = np.array([median(run[0] for run in each), median(run[1] for run in each)])
        rates = np.array(images) * count / times[name]
        table.add_row(name, *(f"{rate:,.0f}" for rate in rates), f"{times[name].sum():.2f}")
    Console().print(table, "an image counts once for each candidate and epoch")
    ratio = times["plain loop"] / times["ours"]
    total = times["plain loop"].sum() / times["ours"].sum()
    facts = {"ratio_coefficients": ratio[1], "ratio_weights": ratio[0], "ratio_round": total}
    print(json.dumps({**facts, "candidates": count, "images": len(problem.train)}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--skeleton", choices=SKELETONS, default="darts", help="the network in which cells are compared"
    )
    parser.add_argument("--candidates", type=int, default=5, help="networks compared in a round")
    parser.add_argument("--images", type=int, default=300, help="of training, and as many of validation")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    settings = load_scale("paper").ldnas.search  # 3 epochs of the weights, 10 of the coefficients a stage
    changes = {"skeleton": SKELETONS[arguments.skeleton], "precision": arguments.precision}
    parts = (random_images(arguments.images, part) for part in ("train", "validation"))
    problem = Problem("benchmark", 0, FULL, *parts, settings.model_copy(update=changes), "paper")
    report(problem, arguments.candidates, arguments.repeats)


if __name__ == "__main__":
    main()
