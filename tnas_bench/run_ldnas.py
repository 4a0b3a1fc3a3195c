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
from tnas_bench.config import FisherSettings, Recipe, SearchSettings
from tnas_bench.device import memory, seeded, use_one_thread
from tnas_bench.distance import own
from tnas_bench.distance.work import Distances
from tnas_bench.errors import UserError
from tnas_bench.images import ImageSet, image_set
from tnas_bench.journal import steps
from tnas_bench.journal.sealed import read_card
from tnas_bench.networks import weights
from tnas_bench.networks.training import Training
from tnas_bench.plan_ldnas import VERSION, Run, final, inputs, searched
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
    work = _training(run, network, run.scale.ldnas.networks, (run.name, run.seed))
    _execute(run, work, "epochs", settings(run), products=products, remake=remake)


def run_distances(run: Run) -> None:
    """Distances of all tasks to a target, for one initialisation of their networks."""
    task, facts = tasks.load(_folder(run)), settings(run)
    load = {source.task: partial(_network, source, facts["networks"][source.task]) for source in inputs(run)}
    train, test = image_set(task, "train", "validation"), image_set(task, "test")
    work = Distances(load, run.task, train, test, run.scale.ldnas.fisher, (run.name, run.seed))
    _execute(run, work, "sources", facts)


def run_search(run: Run) -> None:
    """Search for a cell, then train what was found."""
    task, facts = tasks.load(_folder(run)), settings(run)
    sets = (image_set(task, *parts) for parts in PARTS[facts["protocol"]])
    _execute(run, search(run, facts, *sets), "steps", facts)
    if run.experiment == "search":
        _run_final(final(run))


def search(run: Run, facts: Mapping, train: ImageSet | None, validation: ImageSet | None) -> Search:
    """The search of these :func:`settings`; without images, one that can only foretell."""
    chosen, space = SearchSettings.model_validate(facts["search"]), cells.cell_space(facts["space"]["operations"])
    problem = Problem(run.name, run.seed, space, train, validation, chosen, facts["protocol"])
    if run.experiment == "base_search":
        return RandomCells(problem, chosen.base_candidates, chosen.base_epochs)
    return METHODS[run.parts[0]](problem)


def settings(run: Run) -> dict:
    """What its records depend on, besides its name, its seed and its task: the scale, and sealed runs that it reads."""
    ldnas = run.scale.ldnas
    match run.experiment:
        case "networks":
            return {"recipe": ldnas.networks.model_dump(), "network": run.variant}
        case "distances":
            hashes = {source.task: _weights_hash(source) for source in inputs(run)}
            return {"fisher": ldnas.fisher.model_dump(), "networks": hashes}
        case "final":
            cell, skeleton = found(searched(run)).operations, ldnas.final_skeleton.model_dump()
            return {"recipe": ldnas.final.model_dump(), "cell": cell, "skeleton": skeleton}
    space, base = (FULL, None) if run.experiment == "base_search" else _space(run)
    facts = {"base": base, "size": space.size, "operations": [list(names) for names in cells.choices(space)]}
    protocol = "paper" if run.experiment == "base_search" else run.parts[2]
    return {"protocol": protocol, "space": facts, "search": ldnas.search.model_dump()}


def found(search: Run) -> Cell:
    """The cell that a sealed search found."""
    _, records = steps.read_steps(search.folder)
    return Cell(tuple(records[-1]["cell"]))


def _run_final(run: Run) -> None:
    recipe = run.scale.ldnas.final
    _execute(run, final_training(run, recipe, (run.name, run.seed)), "epochs", settings(run))


def final_training(run: Run, recipe: Recipe, names: tuple[object, ...]) -> Training:
    """The training of the cell that a sealed search found; ``names`` name its random streams."""
    classes = len(tasks.card(_folder(run))["classes"])
    with seeded(*names, "weights"):
        network = cell_network(run.scale.ldnas.final_skeleton, found(searched(run)), classes, searching=False)
    return _training(run, network, recipe, names)


def _training(run: Run, network: nn.Module, recipe: Recipe, names: tuple[object, ...]) -> Training:
    task = tasks.load(_folder(run))
    train, test = image_set(task, "train", "validation"), image_set(task, "test").first(recipe.test_images)
    return Training(network, train, test, recipe, names)


def _execute(run: Run, work: steps.Work, noun: str, facts: dict, **products: object) -> None:
    """Run the work to its seal; ``products``: what :func:`steps.run` is told of them."""
    use_one_thread()
    card = tasks.card(_folder(run))
    with progress(run.path, work.steps, noun) as observe:
        read = {"inputs": {"tasks": {run.task: card}, "modules": {}}}
        with memory(f"lower {_batch_size(run)} in the scale's file, or take a larger GPU"):
            steps.run(work, header(run, card["sha256"], facts), run.folder, observe, read, **products)


def header(run: Run, task: Mapping[str, str], facts: Mapping) -> dict:
    """First line of its journal; ``task``: the hashes of its splits, ``facts``: its :func:`settings`."""
    return {"name": run.name, "seed": run.seed, "settings": {"version": VERSION, "task": task, **facts}}


def _batch_size(run: Run) -> str:
    """The setting that a run's memory depends on. Not split: batch norm makes results depend on the batch."""
    settings = {"distances": "fisher", "base_search": "search"}.get(run.experiment, run.experiment)
    family = run.variant.split("-")[0].split("_")[0]  # darts of darts_first
    if run.experiment == "search" and hasattr(getattr(run.scale.ldnas.search, family, None), "batch_size"):
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
