"""Forecast: the bills of all jobs of a scale added up, by kind of work and along the longest chain of jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tnas_bench import plan, plan_ldnas
from tnas_bench.config import Scale
from tnas_bench.exhibits import EXHIBITS
from tnas_bench.price import PROCESS, Job, Rates, ldnas, studies

EXHIBITS_OF = "tables and figures"
ON_GPU = {
    studies.IMAGES,
    studies.FEATURES_OF,
    ldnas.NETWORKS,
    ldnas.DISTANCES,
    ldnas.BASE_SEARCHES,
    ldnas.SEARCHES,
}
HOUR = 3600.0


@dataclass(frozen=True)
class Line:
    """One kind of work."""

    work: str
    jobs: int
    done: int
    each: float  # hours of a job, a mean over all of them
    left: float  # hours, together

    @property
    def on_gpu(self) -> bool:
        """Whether a GPU is what it is for."""
        return self.work in ON_GPU


def jobs(scale: Scale) -> list[Job]:
    """All jobs of a scale but those that prepare tasks and modules."""
    return [*studies.jobs(scale), *ldnas.jobs(scale), *_exhibits(scale)]


def _exhibits(scale: Scale) -> list[Job]:
    """Each table, and each figure after it."""
    tables = [*plan.exhibit_names(scale), *plan_ldnas.exhibit_names(scale)]
    files = [f"tables/{name}.csv" for name in tables]
    files += [f"figures/{name}.svg" for name in tables if EXHIBITS[name].draw]
    folder = plan.reports(scale)
    return [Job(file, EXHIBITS_OF, {PROCESS: 1}, finished=float((folder / file).exists())) for file in files]


def lines(jobs: Sequence[Job], rates: Rates) -> list[Line]:
    """The forecast, by kind of work."""
    kinds = {work: [job for job in jobs if job.work == work] for work in dict.fromkeys(job.work for job in jobs)}
    return [
        Line(
            work=work,
            jobs=len(of_kind),
            done=sum(job.finished == 1 for job in of_kind),
            each=sum(job.seconds(rates) for job in of_kind) / len(of_kind) / HOUR,
            left=sum(job.left(rates) for job in of_kind) / HOUR,
        )
        for work, of_kind in kinds.items()
    ]


def hours(jobs: Sequence[Job], rates: Rates) -> float:
    """What all jobs take together, finished or not."""
    return sum(job.seconds(rates) for job in jobs) / HOUR


def longest_chain(jobs: Sequence[Job], rates: Rates) -> float:
    """Hours of the longest chain of jobs that have to wait for each other: no number of cores is faster."""
    known = {job.path: job for job in jobs}

    @cache
    def end(path: str) -> float:
        job = known[path]
        return job.left(rates) / HOUR + max((end(before) for before in job.needs if before in known), default=0.0)

    return max(map(end, known), default=0.0)


def wall_time(jobs: Sequence[Job], rates: Rates, cores: int) -> float:
    """Hours that so many cores need at least: their share of the work, or the longest chain."""
    return max(sum(job.left(rates) for job in jobs) / HOUR / cores, longest_chain(jobs, rates))
