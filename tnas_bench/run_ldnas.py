"""Running LD-NAS: what a planned run reads, the work that it is, and where its results go."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from statistics import fmean

from torch import nn

from tnas_bench import cells, networks, plan, tasks
from tnas_bench.cells import FULL, Cell, reduced
from tnas_bench.cells.darts import Darts
from tnas_bench.cells.enas import Enas
from tnas_bench.cells.fuse import Fuse
from tnas_bench.cells.network import network as cell_network
from tnas_bench.cells.random_cells import RandomCells, equal_candidates
from tnas_bench.cells.search import Problem, Search
from tnas_bench.config import FisherSettings, Recipe
from tnas_bench.device import memory, seeded, use_one_thread
from tnas_bench.distance import own
from tnas_bench.distance.work import Distances
from tnas_bench.errors import UserError
from tnas_bench.images import image_set
from tnas_bench.journal import steps
from tnas_bench.journal.sealed import read_card
from tnas_bench.networks import weights
from tnas_bench.networks.training import Training
from tnas_bench.plan_ldnas import VERSION, Run, final, inputs
from tnas_bench.progress import progress
from tnas_bench.spaces import Space

# Which images a search trains on and which it compares cells on. The authors' code compares on the test images.
PARTS = {"paper": (("train",), ("validation",)), "released": (("train", "validation"), ("test",))}
METHODS: Mapping[str, Callable[[Problem], Search]] = {
    "fuse": Fuse,
    "random_search": lambda problem: RandomCells(problem, *equal_candidates(problem.settings.fuse[problem.protocol])),
    "darts_first": partial(Darts, second_order=False),
    "darts_second": partial(Darts, second_order=True),
    "enas": Enas,
}


def run_network(run: Run, remake: bool = False) -> None:
    """Train a hand-designed network, and keep its weights; ``remake``: train it again if they were lost."""
    classes = len(tasks.card(_folder(run))["classes"])
    # Not from the run's own stream: in the authors' code the networks of all tasks start alike.
    network = networks.make(run.variant, classes, "ldnas", run.variant, run.seed)
    products = {weights.FILE: partial(weights.save, network)}
    _train(run, network, run.scale.ldnas.networks, {"network": run.variant}, products=products, remake=remake)


def run_distances(run: Run) -> None:
    """Distances of all tasks to a target, for one initialisation of their networks."""
    settings, task = run.scale.ldnas.fisher, tasks.load(_folder(run))
    hashes = {source.task: _weights_hash(source) for source in inputs(run)}
    load = {source.task: partial(_network, source, hashes[source.task]) for source in inputs(run)}
    train, test = image_set(task, "train", "validation"), image_set(task, "test")
    work = Distances(load, run.task, train, test, settings, (run.name, run.seed))
    _execute(run, work, "sources", {"fisher": settings.model_dump(), "networks": hashes})


def run_search(run: Run) -> None:
    """Search for a cell, then train what was found."""
    settings = run.scale.ldnas.search
    if run.experiment == "base_search":
        space, base, protocol = FULL, None, "paper"
        make = partial(RandomCells, candidates=settings.base_candidates, epochs=settings.base_epochs)
    else:
        method, _, protocol = run.parts
        space, base = _space(run)
        make = METHODS[method]
    task = tasks.load(_folder(run))
    train, validation = (image_set(task, *parts) for parts in PARTS[protocol])
    problem = Problem(run.name, run.seed, space, train, validation, settings, protocol)
    facts = {"base": base, "size": space.size, "operations": [list(names) for names in cells.choices(space)]}
    _execute(run, make(problem), "steps", {"protocol": protocol, "space": facts, "search": settings.model_dump()})
    if run.experiment == "search":
        _run_final(final(run), found(run))


def found(search: Run) -> Cell:
    """The cell that a sealed search found."""
    _, records = steps.read_steps(search.folder)
    return Cell(tuple(records[-1]["cell"]))


def _run_final(run: Run, cell: Cell) -> None:
    ldnas, classes = run.scale.ldnas, len(tasks.card(_folder(run))["classes"])
    with seeded(run.name, run.seed, "weights"):
        network = cell_network(ldnas.final_skeleton, cell, classes, searching=False)
    _train(run, network, ldnas.final, {"cell": cell.operations, "skeleton": ldnas.final_skeleton.model_dump()})


def _train(run: Run, network: nn.Module, recipe: Recipe, facts: dict, **products: object) -> None:
    task = tasks.load(_folder(run))
    train, test = image_set(task, "train", "validation"), image_set(task, "test").first(recipe.test_images)
    work = Training(network, train, test, recipe, (run.name, run.seed))
    _execute(run, work, "epochs", {"recipe": recipe.model_dump(), **facts}, **products)


def _execute(run: Run, work: steps.Work, noun: str, settings: dict, **products: object) -> None:
    """Run the work to its seal; ``products``: what :func:`steps.run` is told of them."""
    use_one_thread()
    card = tasks.card(_folder(run))
    header = {"name": run.name, "seed": run.seed}
    header["settings"] = {"version": VERSION, "task": card["sha256"], **settings}
    with progress(run.path, work.steps, noun) as observe:
        facts = {"inputs": {"tasks": {run.task: card}, "modules": {}}}
        with memory(f"lower {_batch_size(run)} in the scale's file, or take a larger GPU"):
            steps.run(work, header, run.folder, observe, facts, **products)


def _batch_size(run: Run) -> str:
    """The setting that a run's memory depends on. Not split: batch norm makes results depend on the batch."""
    settings = {"distances": "fisher", "base_search": "search"}.get(run.experiment, run.experiment)
    family = run.variant.split("-")[0].split("_")[0]  # darts of darts_first
    if run.experiment == "search" and family in ("darts", "enas"):
        settings += f".{family}"
    return f"ldnas.{settings}.batch_size"


def _space(run: Run) -> tuple[Space, str | None]:
    """The space that a search is to search, and the base task that it comes from."""
    _, which, protocol = run.parts
    of_experiment = {"distances": [], "base_search": []}
    for source in inputs(run):
        of_experiment[source.experiment].append(source)
    records = [record for each in of_experiment["distances"] for record in steps.read_steps(each.folder)[1]]
    distances = _mean_distances(records, protocol, run.scale.ldnas.fisher)
    best = {base.task: found(base) for base in of_experiment["base_search"]}
    return reduced.choose(which, distances, best, ("ldnas", run.task, run.seed))  # the same task for all methods


def _mean_distances(records: list[dict], protocol: str, settings: FisherSettings) -> dict[str, float]:
    """Mean over initialisations of a protocol's own distance from each source."""
    wanted, values = {"protocol": protocol, **own(protocol, settings)._asdict()}, defaultdict(list)
    for record in records:
        values[record["source"]] += [value["value"] for value in record["values"] if wanted.items() <= value.items()]
    return {source: fmean(of_source) for source, of_source in values.items()}


def _weights_hash(run: Run) -> str:
    """Names the weights that a run has trained; UserError if its folder holds another run."""
    card = read_card(run.folder)
    if (card["study"]["name"], card["study"]["seed"]) != (run.name, run.seed):
        raise UserError(f"{run.folder}: holds {card['study']['name']}, another run; remove it and train the network")
    return card.get("products", {}).get(weights.FILE, "none")


def _network(run: Run, sha256: str) -> nn.Module:
    """The trained network; its weights are made again where they did not come along with its seal."""
    if not (run.folder / weights.FILE).exists():
        run_network(run, remake=True)
    classes = len(tasks.card(_folder(run))["classes"])
    return weights.load(run.variant, classes, run.folder, sha256)


def _folder(run: Run):
    return plan.task_folder(run.scale, run.task)
