"""The bills of LD-NAS, by the passes of images through networks that its settings come to."""

from collections import Counter
from statistics import fmean

from tnas_bench import plan_ldnas
from tnas_bench.cells.random_cells import equal_candidates
from tnas_bench.config import Recipe, Scale, SearchSettings
from tnas_bench.plan_ldnas import Run
from tnas_bench.price import PROCESS, Job, finished
from tnas_bench.price.sizes import Size, size
from tnas_bench.tasks.registry import task_row

NETWORKS, DISTANCES, BASE_SEARCHES, SEARCHES = "networks", "distances", "base searches", "searches of cells"
WORK = {"networks": NETWORKS, "distances": DISTANCES, "base_search": BASE_SEARCHES, "search": SEARCHES}
TESTED_TWICE = 2  # by running statistics, and by those of the batch


def jobs(scale: Scale) -> list[Job]:
    """All runs of a scale. A search also trains what it found, in the same job."""
    return [job(run) for run in plan_ldnas.all_runs(scale) if run.experiment in WORK]


def job(run: Run) -> Job:
    """A run and its bill."""
    bills = {"networks": _network, "distances": _distances, "base_search": _base_search, "search": _search}
    units, steps = bills[run.experiment](run, size(run.scale, run.task))
    units[PROCESS] += 1
    needs = [source.path for source in plan_ldnas.inputs(run)]
    parts = [finished(run.folder, steps)]
    if run.experiment == "search":
        parts.append(finished(plan_ldnas.final(run).folder, _epochs(run.scale.ldnas.final, run)))
    return Job(run.path, WORK[run.experiment], units, needs, fmean(parts))


def _network(run: Run, rows: Size) -> tuple[Counter, int]:
    return _training(f"networks/{run.variant}", run.scale.ldnas.networks, run, rows)


def _training(kind: str, recipe: Recipe, run: Run, rows: Size) -> tuple[Counter, int]:
    """Passes of images in training and at its end, where it is measured, and the number of epochs."""
    epochs = _epochs(recipe, run)
    trained = _at_most(rows.train + rows.validation, recipe.images)
    forward = TESTED_TWICE * _at_most(rows.test, recipe.test_images) + (recipe.statistics_images or 0)
    return Counter({(kind, "trained image"): epochs * trained, (kind, "image"): forward}), epochs


def _epochs(recipe: Recipe, run: Run) -> int:
    return recipe.epochs[task_row(run.task).dataset]


def _distances(run: Run, rows: Size) -> tuple[Counter, int]:
    settings, sources = run.scale.ldnas.fisher, len(run.scale.ldnas.tasks)
    units = {
        "example": _at_most(rows.train + rows.validation, settings.examples),
        "released image": _at_most(rows.test, settings.test_images),
        "source": 1,
    }
    return Counter({("distances", unit): sources * count for unit, count in units.items()}), sources


def _base_search(run: Run, rows: Size) -> tuple[Counter, int]:
    search = run.scale.ldnas.search
    return _candidates(search, search.base_candidates, search.base_epochs, _images(run, rows)), search.base_candidates


def _search(run: Run, rows: Size) -> tuple[Counter, int]:
    method, _, protocol = run.parts
    bills = {"fuse": _fuse, "random_search": _random_search, "enas": _enas}
    units, steps = bills.get(method, _darts)(run, protocol, _images(run, rows))
    found, _ = _training("found cells", run.scale.ldnas.final, run, rows)
    return units + found, steps


def _fuse(run: Run, protocol: str, images: tuple[int, int]) -> tuple[Counter, int]:
    search = run.scale.ldnas.search
    fuse = search.fuse[protocol]
    once = _candidates(search, fuse.candidates, fuse.weight_epochs, images)
    return _times(fuse.rounds * fuse.stages, once), fuse.rounds


def _random_search(run: Run, protocol: str, images: tuple[int, int]) -> tuple[Counter, int]:
    search = run.scale.ldnas.search
    candidates, epochs = equal_candidates(search.fuse[protocol])
    return _candidates(search, candidates, epochs, images), candidates


def _candidates(search: SearchSettings, cells: int, epochs: int, images: tuple[int, int]) -> Counter:
    """Cells trained for some epochs, then compared."""
    train, compared = images
    forward = compared + (search.statistics_images or 0)
    return Counter({("cells", "trained image"): cells * epochs * train, ("cells", "image"): cells * forward})


def _enas(run: Run, protocol: str, images: tuple[int, int]) -> tuple[Counter, int]:
    enas, (train, compared) = run.scale.ldnas.search.enas, images
    asked = enas.policy_steps * enas.policy_batch
    forward = enas.epochs * asked * min(enas.batch_size, compared) + enas.samples * compared
    proposals = enas.epochs * (train / enas.batch_size + asked)
    units = {"trained image": enas.epochs * train, "image": forward, "proposal": proposals}
    return Counter({("cells", unit): count for unit, count in units.items()}), enas.epochs


def _darts(run: Run, protocol: str, images: tuple[int, int]) -> tuple[Counter, int]:
    epochs = run.scale.ldnas.search.darts.epochs
    return Counter({(run.parts[0], "trained image"): epochs * images[0]}), epochs


def _images(run: Run, rows: Size) -> tuple[int, int]:
    """Images that a search trains on in an epoch, and those that it compares cells on, by the run's protocol."""
    train, compared = rows.train, rows.validation
    if run.experiment == "search" and run.parts[2] == "released":
        train, compared = rows.train + rows.validation, rows.test
    largest = run.scale.ldnas.search.images
    return _at_most(train, largest), _at_most(compared, largest)


def _at_most(rows: int, largest: int | None) -> int:
    return min(rows, largest or rows)


def _times(factor: int, units: Counter) -> Counter:
    return Counter({rate: factor * count for rate, count in units.items()})
