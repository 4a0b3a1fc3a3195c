"""Plan of LD-NAS: which runs an exhibit reads, and which runs each of them needs."""

from dataclasses import dataclass, replace
from functools import cached_property

from tnas_bench.config import Scale
from tnas_bench.errors import UserError
from tnas_bench.plan import Place, experiments

VERSION = 2  # raise it when the same run gives other records: journals do not mix versions
EPSILON = "vgg16"  # the epsilon-approximation network of all tasks (LD-NAS, section 4)


@dataclass(frozen=True)
class Run(Place):
    """One resumable computation. Experiments: networks, distances, base_search, search, final."""

    seed: int = 0

    @property
    def name(self) -> str:
        """Names the random streams."""
        return f"ldnas/{super().name}"

    @cached_property
    def parts(self) -> tuple[str, str, str]:
        """Method, space and protocol of a search or of the training of what it found."""
        method, space, protocol = self.variant.split("-")
        return method, space, protocol


def networks(scale: Scale, name: str, task: str, seeds: int) -> list[Run]:
    """Trainings of a hand-designed network on a task."""
    return [Run(scale, "networks", name, task, seed) for seed in range(seeds)]


def distances(scale: Scale, target: str) -> list[Run]:
    """Distances of all tasks to a target, for each initialisation of the networks."""
    return [Run(scale, "distances", EPSILON, target, seed) for seed in range(scale.ldnas.seeds)]


def base_searches(scale: Scale, seed: int) -> list[Run]:
    """The searches for the best cell of each base task, which the paper takes for known; one repetition of them."""
    return [Run(scale, "base_search", "random_search", task, seed) for task in scale.ldnas.tasks]


def final(search: Run) -> Run:
    """The training of the cell that a search found."""
    return replace(search, experiment="final")


def searched(trained: Run) -> Run:
    """The search that found the cell of a final training."""
    return replace(trained, experiment="search")


def exhibit_names(scale: Scale) -> list[str]:
    """The exhibits of LD-NAS that are about all tasks, or about a target of the scale."""
    known = experiments().ldnas.exhibits
    planned = [name for name in known if not known[name].targets or _targets(scale, name)]
    return [name for name in planned if scale.makes(name)]


def exhibit_runs(scale: Scale, name: str) -> list[Run]:
    """The runs that an exhibit reads."""
    targets = _targets(scale, name)
    runs = [run for kind in experiments().ldnas.exhibits[name].runs for run in _of_kind(scale, kind, targets)]
    return list({run.path: run for run in runs}.values())


def _targets(scale: Scale, exhibit: str) -> list[str]:
    return [target for target in experiments().ldnas.exhibits[exhibit].targets if target in scale.ldnas.targets]


def _of_kind(scale: Scale, kind: str, targets: list[str]) -> list[Run]:
    settings, plan = scale.ldnas, experiments().ldnas
    if kind == "networks":
        return [
            run for name in plan.networks for t in targets for run in networks(scale, name, t, settings.repetitions)
        ]
    if kind == "epsilon_networks":
        return [run for task in settings.tasks for run in networks(scale, EPSILON, task, settings.seeds)]
    if kind == "distances":
        return [run for target in targets or settings.tasks for run in distances(scale, target)]
    seeds = range(settings.repetitions)
    if kind == "base_search":
        return [run for seed in seeds for run in base_searches(scale, seed)]
    variants = plan.searches[kind]
    searches = [Run(scale, "search", variant, t, seed) for t in targets for variant in variants for seed in seeds]
    return [run for search in searches for run in (search, final(search))]


def inputs(run: Run) -> list[Run]:
    """The runs that a run reads."""
    scale = run.scale
    if run.experiment == "distances":
        return [Run(scale, "networks", EPSILON, task, run.seed) for task in scale.ldnas.tasks]
    if run.experiment == "search" and run.parts[1] in {"closest", "farthest", "random"}:
        bases = [base for base in base_searches(scale, run.seed) if base.task != run.task]
        return distances(scale, run.task) + bases
    return []


def all_runs(scale: Scale) -> list[Run]:
    """The runs of all exhibits."""
    return list({run.path: run for name in exhibit_names(scale) for run in exhibit_runs(scale, name)}.values())


def find_run(scale: Scale, path: str, *experiments: str) -> Run:
    """The planned run that lies at ``ldnas/<experiment>/<variant>/<task>/seed<k>`` below the scale's results.

    UserError where it is not planned, or not one of ``experiments``, if any are given.
    """
    runs = {run.path: run for run in all_runs(scale) if not experiments or run.experiment in experiments}
    if path not in runs:
        kind = f"run of ldnas/{' or ldnas/'.join(experiments)}" if experiments else "run"
        advice = f"give a path like {next(iter(runs))}" if runs else "take another scale"
        raise UserError(f"scale {scale.name} plans no {kind} {path!r}: {advice}")
    return runs[path]
