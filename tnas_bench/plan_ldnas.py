"""Plan of LD-NAS: which runs an exhibit reads, and which runs each of them needs."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tnas_bench.config import Scale
from tnas_bench.errors import UserError
from tnas_bench.plan import experiments, results

EPSILON = "vgg16"  # the epsilon-approximation network of all tasks (LD-NAS, section 4)


@dataclass(frozen=True)
class Run:
    """One resumable computation of a scale: where it lies and what it is made of."""

    scale: Scale
    experiment: str  # networks | distances | base_search | search | final
    variant: str
    task: str
    seed: int = 0

    @property
    def name(self) -> str:
        """Names the run's random streams: the same at every scale."""
        return f"ldnas/{self.experiment}/{self.variant}/{self.task}"

    @property
    def path(self) -> str:
        """The run's folder below the scale's results."""
        return f"{self.name}/seed{self.seed}"

    @property
    def folder(self) -> Path:
        return results(self.scale) / self.path

    @cached_property
    def parts(self) -> tuple[str, str, str]:
        """Method, space and protocol of a search or of the training of what it found."""
        method, space, protocol = self.variant.split("-")
        return method, space, protocol


def networks(scale: Scale, name: str, task: str, seeds: int) -> list[Run]:
    """Trainings of a hand-designed network on a task."""
    return [Run(scale, "networks", name, task, seed) for seed in range(seeds)]


def epsilon_networks(scale: Scale, target: str | None = None) -> list[Run]:
    """The epsilon-approximation networks of all tasks."""
    return [run for task in scale.ldnas.tasks for run in networks(scale, EPSILON, task, scale.ldnas.seeds)]


def distances(scale: Scale, target: str | None = None) -> list[Run]:
    """Distances of all tasks to a target (None: to each), for each initialisation of the networks."""
    targets = scale.ldnas.tasks if target is None else (target,)
    return [Run(scale, "distances", EPSILON, each, seed) for each in targets for seed in range(scale.ldnas.seeds)]


def base_searches(scale: Scale, target: str | None = None) -> list[Run]:
    """The searches for the best cell of each base task, which the paper takes for known."""
    return [Run(scale, "base_search", "random_search", task) for task in scale.ldnas.tasks]


def searches(scale: Scale, group: str, targets: tuple[str, ...]) -> list[Run]:
    """The searches of a group of ``experiments.yaml`` for the targets."""
    return [Run(scale, "search", name, task) for task in targets for name in experiments().ldnas.searches[group]]


def finals(search: Run) -> list[Run]:
    """The trainings of the cell that a search found."""
    return [Run(search.scale, "final", search.variant, search.task, k) for k in range(search.scale.ldnas.final_seeds)]


def exhibit_names(scale: Scale) -> list[str]:
    """The exhibits of LD-NAS whose target is one of the scale's."""
    known = experiments().ldnas.exhibits.items()
    return [name for name, exhibit in known if exhibit.target in {None, *scale.ldnas.targets}]


def exhibit_runs(scale: Scale, name: str) -> list[Run]:
    """The runs that an exhibit reads."""
    exhibit = experiments().ldnas.exhibits[name]
    targets = (exhibit.target,) if exhibit.target else scale.ldnas.targets
    return [run for kind in exhibit.runs for run in _of_kind(scale, kind, targets, exhibit.target)]


def _of_kind(scale: Scale, kind: str, targets: tuple[str, ...], target: str | None) -> list[Run]:
    if kind == "networks":
        names = experiments().ldnas.networks
        return [run for name in names for run in networks(scale, name, target, scale.ldnas.final_seeds)]
    if kind in experiments().ldnas.searches:
        return [run for search in searches(scale, kind, targets) for run in (search, *finals(search))]
    return {"epsilon_networks": epsilon_networks, "distances": distances, "base_search": base_searches}[kind](
        scale, target
    )


def inputs(run: Run) -> list[Run]:
    """The runs that a run reads."""
    scale = run.scale
    if run.experiment == "distances":
        return [Run(scale, "networks", EPSILON, task, run.seed) for task in scale.ldnas.tasks]
    if run.experiment == "search" and run.parts[1] in {"closest", "farthest", "random"}:
        return distances(scale, run.task) + [base for base in base_searches(scale) if base.task != run.task]
    return []


def all_runs(scale: Scale) -> list[Run]:
    """The runs of all exhibits."""
    return list({run.path: run for name in exhibit_names(scale) for run in exhibit_runs(scale, name)}.values())


def find_run(scale: Scale, path: str) -> Run:
    """The planned run that lies at ``ldnas/<experiment>/<variant>/<task>/seed<k>`` below the scale's results."""
    runs = {run.path: run for run in all_runs(scale)}
    if path not in runs:
        raise UserError(f"scale {scale.name} plans no run {path!r}: give a path like {next(iter(runs))}")
    return runs[path]
