"""Checks of ``workflow/config/experiments.yaml`` against the code: who is named there is registered here.

Apart from :mod:`tnas_bench.checks`, for the registries import all that they register.
"""

from collections.abc import Iterator, Sequence

from tnas_bench.config.catalogue import Experiments
from tnas_bench.controllers.registry import ANY, CONTROLLERS
from tnas_bench.errors import UserError
from tnas_bench.exhibits import EXHIBITS
from tnas_bench.networks import NETWORKS
from tnas_bench.run_ldnas import METHODS


def check_plan(plan: Experiments) -> None:
    """Raise UserError for the first name that is not registered, or the first study with the wrong teacher."""
    for key, name, known in _named(plan):
        if name not in known:
            raise UserError(f"experiments.yaml: {key}: has {name!r}; take one of {', '.join(known)}")
    controllers = {key: name for key, name, _ in _controllers(plan)}
    for path, experiment in plan.experiments.items():
        for name, variant in experiment.variants.items():
            teacher, key = variant.pretrained, f"{path}/{name}"
            wanted = CONTROLLERS[variant.controller].teacher
            if teacher and wanted not in (ANY, controllers[teacher]):
                told = f"controller {variant.controller} learns from {wanted or 'none'}, not {controllers[teacher]}"
                raise UserError(f"experiments.yaml: {key}: pretrained: {told}; take another study, or leave it out")


def _named(plan: Experiments) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Key, name, and the names that are known."""
    yield from _controllers(plan)
    for key, exhibits in {"exhibits": plan.exhibits, "ldnas.exhibits": plan.ldnas.exhibits}.items():
        yield from ((key, name, EXHIBITS) for name in exhibits)
    yield from (("ldnas.networks", name, NETWORKS) for name in plan.ldnas.networks)
    for group, searches in plan.ldnas.searches.items():
        yield from ((f"ldnas.searches.{group}", search.split("-")[0], METHODS) for search in searches)


def _controllers(plan: Experiments) -> Iterator[tuple[str, str, Sequence[str]]]:
    for path, experiment in plan.experiments.items():
        for name, variant in experiment.variants.items():
            yield f"{path}/{name}", variant.controller, CONTROLLERS
