"""Measures of what searches had at hand, by their run cards: they are as they are, and need no seeds."""

import math
from collections.abc import Callable, Iterator, Mapping

from tnas_bench.claims.measures import SETUP, WHOLE, Measure, Row, measure
from tnas_bench.config import Scale
from tnas_bench.exhibits.tnaml_appendix import Read


def _fact(of: Callable[[Mapping, Mapping, Mapping], float], told: str) -> Measure:
    """A number of the space, the modules and the tasks that all studies of an exhibit had together."""

    def rows(results: Read, scale: Scale) -> Iterator[Row]:
        inputs = [card["inputs"] for card in results.cards]
        modules, tasks = (
            {name: card for each in inputs for name, card in each[kind].items()} for kind in ("modules", "tasks")
        )
        yield WHOLE, SETUP, 0, float(of(results.cards[0]["study"]["settings"]["space"], modules, tasks))

    rows.__doc__ = told
    return measure(rows)


def _language(wanted: str) -> Callable[[Mapping, Mapping, Mapping], int]:
    return lambda space, modules, tasks: sum(card["language"] == wanted for card in modules.values())


def _of_tasks(choose: Callable, read: Callable[[Mapping], float]) -> Callable[[Mapping, Mapping, Mapping], float]:
    return lambda space, modules, tasks: choose(map(read, tasks.values()))


def _total(card: Mapping) -> int:
    return card["rows"]["total"]


def _classes(card: Mapping) -> int:
    return len(card["classes"])


def _characters(card: Mapping) -> float:
    return card["mean_characters"]


def _of_role(role: str) -> Callable[[Mapping, Mapping, Mapping], int]:
    return lambda space, modules, tasks: sum(card["role"] == role for card in tasks.values())


FACTS = {
    "configurations": _fact(lambda space, *_: math.prod(map(len, space.values())), "Configurations of the space."),
    "decisions": _fact(lambda space, *_: len(space), "Decisions of the space."),
    "modules": _fact(lambda space, modules, tasks: len(modules), "Modules that the space offers."),
    "english_modules": _fact(_language("en"), "English modules."),
    "spanish_modules": _fact(_language("es"), "Spanish modules."),
    "pretraining_tasks": _fact(_of_role("pretraining"), "Tasks of pretraining."),
    "transfer_tasks": _fact(_of_role("transfer"), "Tasks that are transferred to."),
    "fewest_rows": _fact(_of_tasks(min, _total), "Rows of the smallest task."),
    "most_rows": _fact(_of_tasks(max, _total), "Rows of the largest task."),
    "fewest_classes": _fact(_of_tasks(min, _classes), "Classes of the task with the fewest."),
    "most_classes": _fact(_of_tasks(max, _classes), "Classes of the task with the most."),
    "shortest_texts": _fact(_of_tasks(min, _characters), "Mean characters of the task with the shortest texts."),
    "longest_texts": _fact(_of_tasks(max, _characters), "Mean characters of the task with the longest texts."),
}
