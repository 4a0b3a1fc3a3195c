"""Rates of text children: some are trained as a study trains them, each for two small numbers of steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil
from statistics import fmean

from tnas_bench.children.trainer import TextTrainer
from tnas_bench.price.rates import Seconds, seconds
from tnas_bench.price.sizes import Size
from tnas_bench.seeds import stream
from tnas_bench.spaces import Configuration, Space, choices

FEW, MORE = 5, 45  # training steps
PROPOSALS = 16  # at least
GROUPS = 8  # of a tabular benchmark, of each kind
KINDS = {True: "fine-tuned", False: "frozen"}


@dataclass(frozen=True)
class Timed:
    """A group of children that was trained twice for few steps, the first time with nothing loaded, and for more."""

    module: str
    tuned: bool
    children: int
    steps: tuple[int, int]  # of all children, of few and of more
    first: float  # seconds
    few: float
    more: float


def of_proposals(space: Space, trainer: TextTrainer, rows: Size) -> Seconds:
    """Seconds of a ``step`` of a child and of a ``row`` that it is evaluated on, if it is fine-tuned or frozen; and of
    a ``loaded row``, each time that a task is brought under a module.
    """
    alone = [_time(trainer, [child]) for child in proposals(space)]
    return loading(alone, rows) | of_children(alone, rows)


def of_grid(space: Space, trainer: TextTrainer, rows: Size) -> Seconds:
    """The first two, of some of the groups in which all configurations of a space train."""
    configurations = [space.decode(actions) for actions in space.enumerate()]
    groups = [[configurations[position] for position in group] for group in trainer.groups(configurations)]
    chosen = [
        group for tuned in KINDS for group in _some([group for group in groups if group[0]["fine_tune"] is tuned])
    ]
    return of_children([_time(trainer, group) for group in chosen], rows)


def _some(groups: list) -> list:
    order = stream("price", "grid").permutation(len(groups))[:GROUPS]
    return [groups[number] for number in order]


def _time(trainer: TextTrainer, group: Sequence[Configuration]) -> Timed:
    lengths = [shortened(group, steps) for steps in (FEW, MORE)]
    [task] = trainer.tasks
    first, few, more = (
        seconds(lambda children=children: trainer.train(children, task, range(len(children))))
        for children in (lengths[0], *lengths)
    )
    steps = tuple(sum(child["training_steps"] for child in children) for children in lengths)
    return Timed(group[0]["module"], group[0]["fine_tune"], len(group), steps, first, few, more)


def loading(timed: Sequence[Timed], rows: Size) -> Seconds:
    """Of the first group under each module."""
    loads: dict[str, float] = {}
    for each in timed:
        loads.setdefault(each.module, max(0.0, each.first - each.few))
    return {"loaded row": fmean(loads.values()) / rows.rows}


def of_children(timed: Sequence[Timed], rows: Size) -> Seconds:
    """Seconds are linear in steps: by the slope a step, and the rest is evaluation."""
    found = {}
    for tuned, kind in KINDS.items():
        if groups := [each for each in timed if each.tuned is tuned]:
            step = sum(each.more - each.few for each in groups) / sum(each.steps[1] - each.steps[0] for each in groups)
            rest = sum(each.few - step * each.steps[0] for each in groups) / sum(each.children for each in groups)
            found |= {f"{kind} step": max(0.0, step), f"{kind} row": max(0.0, rest) / rows.evaluated}
    return found


def shortened(group: Sequence[Configuration], steps: int) -> list[Configuration]:
    """The same children with so many steps on average, each with its share of them."""
    mean = fmean(child["training_steps"] for child in group)
    return [child | {"training_steps": max(1, round(steps * child["training_steps"] / mean))} for child in group]


def proposals(space: Space) -> list[Configuration]:
    """Each module fine-tuned and frozen, in turns; every other decision random, with each choice as often as others."""
    known = dict(choices(space))
    pairs = list(product(known.pop("module"), known.pop("fine_tune")))
    pairs *= ceil(PROPOSALS / len(pairs))
    rng = stream("price", "proposals")
    columns = [_dealt(of, rng.permutation(len(pairs))) for of in known.values()]
    children = [dict(zip(known, values, strict=True)) for values in zip(*columns, strict=True)]
    return [
        {"module": module, "fine_tune": tuned} | child for (module, tuned), child in zip(pairs, children, strict=True)
    ]


def _dealt(known: tuple, order: Sequence[int]) -> list:
    return [known[number * len(known) // len(order)] for number in order]
