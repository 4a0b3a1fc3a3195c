"""Rates of LD-NAS: passes of images through its networks, on noise."""

from collections.abc import Mapping
from statistics import fmean

import numpy as np
import torch

from tnas_bench import networks
from tnas_bench.cells import EDGES, FULL, OPERATIONS, Cell
from tnas_bench.cells.darts import Darts
from tnas_bench.cells.network import network as cell_network
from tnas_bench.cells.relaxation import candidate, epochs, predict, train_weights
from tnas_bench.cells.search import Problem
from tnas_bench.config import FisherSettings, LdnasSettings, Recipe, SearchSettings
from tnas_bench.controllers.reinforce import Reinforce
from tnas_bench.device import device
from tnas_bench.distance import own
from tnas_bench.distance.forms import Measured, distances
from tnas_bench.distance.work import PASS, PROTOCOLS
from tnas_bench.fisher import paper, released
from tnas_bench.networks.training import TEST_BATCH, Training
from tnas_bench.plan_ldnas import EPSILON
from tnas_bench.price.ldnas import TESTED_TWICE
from tnas_bench.price.rates import Seconds, seconds
from tnas_bench.price.standins import images
from tnas_bench.seeds import stream

DATASET, CLASSES = "cifar10", 10  # whose images are augmented
CELLS = 8  # over which a rate is a mean
# How often each operation is in the cells that were found at scale lab, per hundred: more of those without weights than
# of others, so that such cells cost less than random ones [choice].
FOUND = {
    **{"none": 4, "skip_connect": 9, "max_pool_3x3": 18, "avg_pool_3x3": 12, "sep_conv_3x3": 7, "sep_conv_5x5": 6},
    **{"sep_conv_7x7": 14, "dil_conv_3x3": 7, "dil_conv_5x5": 7, "conv_7x1_1x7": 18},
}
BATCHES = 2  # of a timed epoch
ASKED = 20


def of_network(name: str, recipe: Recipe) -> Seconds:
    """A hand-designed network; ``bytes`` of its weights."""
    network = networks.make(name, CLASSES, "price")
    return _training([network], recipe) | {"bytes": 4.0 * networks.parameters(network)}


def of_found_cells(settings: LdnasSettings) -> Seconds:
    """The networks of cells such as are found."""
    made = [cell_network(settings.final_skeleton, cell, CLASSES, searching=False) for cell in cells(FOUND)]
    return _training(made, settings.final)


def _training(made: list[torch.nn.Module], recipe: Recipe) -> Seconds:
    """Seconds of a ``trained image`` and of an ``image`` that is only told; means over the networks."""
    number = BATCHES * recipe.batch_size
    short = recipe.model_copy(update={"epochs": {DATASET: 3}, "images": number})
    train, test = images(number, DATASET), images(TEST_BATCH, DATASET)
    trained = told = 0.0
    for network in made:
        work = Training(network, train, test, short, ("price",))
        work.step(0)  # the first time is not like others
        epoch = seconds(lambda work=work: work.step(1))
        trained += epoch
        told += seconds(lambda work=work: work.step(2)) - epoch
    passes = {"trained image": trained / number, "image": max(0.0, told) / (TESTED_TWICE * TEST_BATCH)}
    return {unit: total / len(made) for unit, total in passes.items()}


def of_cells(settings: SearchSettings) -> Seconds:
    """Networks in which random cells are compared: a ``trained image``, an ``image``, and a ``proposal`` of ENAS."""
    problem = _problem(settings, settings.batch_size)
    passes = [_passes(problem, cell, number) for number, cell in enumerate(cells(dict.fromkeys(OPERATIONS, 1)))]
    policy = Reinforce(FULL, 0, settings.enas.controller)
    return {
        "trained image": fmean(trained for trained, _ in passes),
        "image": fmean(told for _, told in passes),
        "proposal": seconds(lambda: _play(policy)) / ASKED,
    }


def _passes(problem: Problem, cell: Cell, number: int) -> tuple[float, float]:
    """Seconds of an image that the network of a cell is trained on, and of one that it tells."""
    settings, made = problem.settings, [candidate(problem, cell, number)]
    alone = torch.zeros(1, device=device())

    def train() -> None:
        train_weights(made, alone, epochs(problem, BATCHES, number), settings)

    def tell() -> None:
        predict(made, problem.validation, settings.precision)

    train()  # the first time is not like others
    tell()
    return seconds(train) / (BATCHES * len(problem.train)), seconds(tell) / len(problem.validation)


def _play(policy: Reinforce) -> None:
    for number in range(ASKED):
        policy.tell("price", policy.ask("price"), number / ASKED)
    policy.update()


def of_darts(settings: SearchSettings, second_order: bool) -> Seconds:
    """A ``trained image`` of a supernet, and the validation image before it."""
    number = BATCHES * settings.darts.batch_size
    work = Darts(_problem(settings, number), second_order)
    work.step(0)
    return {"trained image": seconds(lambda: work.step(1)) / number}


def of_distances(settings: FisherSettings) -> Seconds:
    """An ``example`` of protocol paper, a ``released image``, and the comparison with one ``source``."""
    network = networks.make(EPSILON, CLASSES, "price").to(device(), memory_format=torch.channels_last).eval()
    examples, tested = images(2 * PASS, DATASET), images(2 * settings.batch_size, DATASET)
    fishers = {
        "paper": lambda: paper.fisher(network, examples.batches(PASS), CLASSES),
        "released": lambda: released.fisher(network, tested.batches(settings.batch_size), CLASSES),
    }
    targets = {protocol: Measured(fisher()) for protocol, fisher in fishers.items()}

    def compare() -> None:
        for protocol in PROTOCOLS:
            base = Measured(targets[protocol].fisher)
            distances(base, targets[protocol], own(protocol, settings), settings.sigma2_shown)

    compare()  # the targets' own sums are there from now on
    return {
        "example": seconds(fishers["paper"]) / len(examples),
        "released image": seconds(fishers["released"]) / len(tested),
        "source": seconds(compare),
    }


def _problem(settings: SearchSettings, number: int) -> Problem:
    """A search among all cells, on so many images."""
    settings = settings.model_copy(update={"images": number})
    return Problem("price", 0, FULL, images(number, DATASET), images(number, DATASET), settings, "paper")


def cells(weights: Mapping[str, float]) -> list[Cell]:
    """Cells that together have each operation in proportion to its weight, dealt out at random."""
    ends, edges = np.cumsum(list(weights.values())), CELLS * len(EDGES)
    dealt = np.array(list(weights))[np.searchsorted(ends, (np.arange(edges) + 0.5) / edges * ends[-1])]
    return [Cell(tuple(cell)) for cell in stream("price", "cells").permutation(dealt).reshape(CELLS, -1).tolist()]
