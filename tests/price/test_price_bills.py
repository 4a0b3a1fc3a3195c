"""Bills, against what sealed runs did, a simulation, and numbers by hand."""

from collections import Counter, OrderedDict

import numpy as np
import pytest

from tnas_bench import plan, plan_ldnas
from tnas_bench.children import trainer
from tnas_bench.config import ROOT, load_scale
from tnas_bench.journal.sealed import is_sealed
from tnas_bench.journal.steps import read_steps
from tnas_bench.price import ldnas, studies
from tnas_bench.price.networks import FOUND
from tnas_bench.price.sizes import Size
from tnas_bench.price.studies import Children, expected, loaded
from tnas_bench.spaces import Decision, Space

LAB = load_scale("lab")
MNIST, CIFAR = Size(55_000, 5_000, 10_000, 10, 0, None), Size(16_000, 2_000, 6_000, 4, 0, None)  # more than lab takes


def space(fine_tune, training_steps):
    return Space((Decision("fine_tune", fine_tune), Decision("training_steps", training_steps)))


def test_children_by_hand():
    both = space((True, False), (10, 30))
    assert expected(both, 8, longest=0) == Children(tuned=4, tuned_steps=80, frozen=4, frozen_steps=80)
    assert expected(both, 8, longest=0.5) == Children(tuned=4, tuned_steps=100, frozen=4, frozen_steps=100)
    assert expected(space((False,), (10, 30)), 8, longest=1) == Children(0, 0, 8, 240)


@pytest.mark.parametrize("pairs", [4, 48])
def test_loading_against_a_simulation(pairs):
    rng, kept, loads = np.random.default_rng(0), OrderedDict(), 0
    for pair in rng.integers(pairs, size=3000):
        loads += pair not in kept
        kept[pair] = None
        kept.move_to_end(pair)
        if len(kept) > 32:
            kept.popitem(last=False)
    assert loaded(pairs, 3000, 32) == pytest.approx(loads, rel=0.1)
    assert loaded(pairs, 1, 32) == pytest.approx(1)
    assert trainer._load_texts.cache_parameters()["maxsize"] == studies.LOADED


def test_a_study_by_hand(monkeypatch):
    """300 random proposals at lab: half of them fine-tuned, 2620 / 9 steps on average, eight modules."""
    monkeypatch.setattr(studies, "size", lambda scale, task: Size(4000, 300, 200, 2, 80, None))
    units = studies.job(plan.find_study(LAB, "tnaml/transfer/random_search/sms_spam/seed1")).units
    assert units["texts/sms_spam", "frozen step"] == pytest.approx(150 * 2620 / 9)
    assert units["texts/sms_spam", "fine-tuned row"] == pytest.approx(150 * 500)
    assert units["texts/sms_spam", "loaded row"] == pytest.approx(8 * 4500, rel=1e-6)
    assert units["controllers/random_search", "trial"] == 300


def test_a_taught_controller_is_told_its_teachers_trials_again(monkeypatch):
    monkeypatch.setattr(studies, "size", lambda scale, task: Size(4000, 300, 200, 2, 80, None))
    trials = {
        variant: studies.job(plan.find_study(LAB, f"tnaml/transfer/{variant}/sms_spam/seed0")).units
        for variant in ("tnaml", "best_first")
    }
    assert trials["tnaml"]["controllers/tnaml", "trial"] == 2000 + 300
    assert trials["best_first"]["controllers/random_search", "trial"] == 300  # its teacher's are only read


def sealed(run):
    """The records of a run that came with the repository."""
    return read_steps(ROOT / run.folder)[1]


@pytest.mark.parametrize("protocol", ["paper", "released"])
@pytest.mark.parametrize("method", ["fuse", "random_search", "enas"])
def test_passes_of_a_search_are_those_that_it_recorded(monkeypatch, method, protocol):
    name = "fuse-coded" if (method, protocol) == ("fuse", "released") else f"{method}-full"
    run = plan_ldnas.find_run(LAB, f"ldnas/search/{name}-{protocol}/task3/seed0")
    records, units = sealed(run), ldnas._search(run, MNIST)[0]
    assert units["cells", "trained image"] == sum(record["passes"] for record in records)
    more = units["cells", "image"] - sum(record["forward"] for record in records)
    repeats = range(0, 10 * 768, 768) if method == "enas" else [0]  # of ENAS's samples, which are compared once
    assert more in repeats


@pytest.mark.parametrize(("method", "passes"), [("darts_first", 1 + 1), ("darts_second", 4 + 1)])
def test_images_of_darts_are_those_that_it_recorded(method, passes):
    """Each image passes through ten operations of an edge; a validation image goes with it."""
    run = plan_ldnas.find_run(LAB, f"ldnas/search/{method}-full-paper/task3/seed0")
    units = ldnas._search(run, MNIST)[0]
    assert 10 * passes * units[method, "trained image"] == sum(record["passes"] for record in sealed(run))


@pytest.mark.parametrize(("task", "rows"), [("task3", MNIST), ("task6", CIFAR)])
def test_images_of_trainings_are_those_that_they_recorded(task, rows):
    trained = plan_ldnas.find_run(LAB, f"ldnas/networks/resnet18/{task}/seed0")
    found = plan_ldnas.find_run(LAB, f"ldnas/final/enas-full-paper/{task}/seed0")
    search = plan_ldnas.find_run(LAB, f"ldnas/search/enas-full-paper/{task}/seed0")
    images = [sum(record["images"] for record in sealed(run)) for run in (trained, found)]
    assert ldnas._network(trained, rows)[0]["networks/resnet18", "trained image"] == images[0]
    assert ldnas._search(search, rows)[0]["found cells", "trained image"] == images[1]


def test_the_smaller_images_of_a_task_bound_a_bill():
    run = plan_ldnas.find_run(LAB, "ldnas/networks/vgg16/task0/seed0")
    assert ldnas._network(run, Size(800, 100, 100, 2, 0, None))[0] == Counter(
        {("networks/vgg16", "trained image"): 3 * 900, ("networks/vgg16", "image"): 2 * 100 + 900}
    )


def test_every_run_has_a_bill_and_each_job_is_one_of_the_workflow():
    jobs = ldnas.jobs(LAB)
    assert len(jobs) == len([run for run in plan_ldnas.all_runs(LAB) if run.experiment != "final"])
    assert all(units > 0 for job in jobs for units in job.units.values())


def test_found_cells_have_the_operations_of_those_found_at_scale_lab():
    planned = [run for run in plan_ldnas.all_runs(LAB) if run.experiment == "search"]
    searches = [run for run in planned if is_sealed(run.folder)]
    counts = Counter(operation for run in searches for operation in sealed(run)[-1]["cell"])
    shares = {operation: 100 * count / counts.total() for operation, count in counts.items()}
    assert shares == pytest.approx(FOUND, abs=1)
