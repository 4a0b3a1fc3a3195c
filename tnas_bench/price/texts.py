"""Rates of text children: some are trained as a study trains them, each for two small numbers of steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil
from pathlib import Path
from statistics import fmean

from tnas_bench.children.trainer import TextTrainer
from tnas_bench.price.rates import Seconds, seconds
from tnas_bench.price.sizes import Size
from tnas_bench.seeds import stream
from tnas_bench.spaces import Configuration, Space

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


def rates(timed: Sequence[Timed], rows: Size) -> Seconds:
    """Seconds of a ``step`` of a child, and of a ``row`` that it is evaluated on, if it is fine-tuned or frozen; and of
    a ``loaded row``, each time that the task is brought under a module.
    """
    loads: dict[str, float] = {}
    for each in timed:
        loads.setdefault(each.module, max(0.0, each.first - each.few))
    found = {"loaded row": fmean(loads.values()) / rows.rows}
    for tuned, kind in KINDS.items():
        if of_kind := [each for each in timed if each.tuned is tuned]:
            found |= _of_children(kind, of_kind, rows.evaluated)
    return found


def _of_children(kind: str, timed: Sequence[Timed], evaluated: int) -> Seconds:
    """Seconds are linear in steps: by the slope a step, and the rest is evaluation."""
    step = sum(each.more - each.few for each in timed) / sum(each.steps[1] - each.steps[0] for each in timed)
    rest = sum(each.few - step * each.steps[0] for each in timed) / sum(each.children for each in timed)
    return {f"{kind} step": max(0.0, step), f"{kind} row": max(0.0, rest) / evaluated}


def time(folder: Path, modules: Mapping[str, Path], groups: Sequence[list[Configuration]]) -> list[Timed]:
    """Train groups of children on a prepared task under prepared modules."""
    trainer = TextTrainer({folder.name: folder}, modules)
    trainer.prepare()
    return [_time(trainer, folder.name, group) for group in groups]


def _time(trainer: TextTrainer, task: str, group: Sequence[Configuration]) -> Timed:
    lengths = [shortened(group, steps) for steps in (FEW, MORE)]
    first, few, more = (
        seconds(lambda children=children: trainer.train(children, task, range(len(children))))
        for children in (lengths[0], *lengths)
    )
    steps = tuple(sum(child["training_steps"] for child in children) for children in lengths)
    return Timed(group[0]["module"], group[0]["fine_tune"], len(group), steps, first, few, more)


def shortened(group: Sequence[Configuration], steps: int) -> list[Configuration]:
    """The same children with so many steps on average, each with its share of them."""
    mean = fmean(child["training_steps"] for child in group)
    return [child | {"training_steps": max(1, round(steps * child["training_steps"] / mean))} for child in group]


def proposals(space: Space) -> list[list[Configuration]]:
    """Each module fine-tuned and frozen, in turns; every other decision random, with each choice as often as others."""
    choices = {decision.name: decision.choices for decision in space.decisions}
    pairs = list(product(choices.pop("module"), choices.pop("fine_tune")))
    pairs *= ceil(PROPOSALS / len(pairs))
    rng = stream("price", "proposals")
    columns = [_dealt(of, rng.permutation(len(pairs))) for of in choices.values()]
    children = [dict(zip(choices, values, strict=True)) for values in zip(*columns, strict=True)]
    return [
        [{"module": module, "fine_tune": tuned} | child] for (module, tuned), child in zip(pairs, children, strict=True)
    ]


def _dealt(choices: tuple, order: Sequence[int]) -> list:
    return [choices[number * len(choices) // len(order)] for number in order]


def grid(space: Space, trainer: TextTrainer) -> list[list[Configuration]]:
    """Some of the groups in which all configurations of a space train, of fine-tuned and of frozen children."""
    configurations = [space.decode(actions) for actions in space.enumerate()]
    groups = [[configurations[position] for position in group] for group in trainer.groups(configurations)]
    return [group for tuned in KINDS for group in _some([group for group in groups if group[0]["fine_tune"] is tuned])]


def _some(groups: list) -> list:
    order = stream("price", "grid").permutation(len(groups))[:GROUPS]
    return [groups[number] for number in order]
