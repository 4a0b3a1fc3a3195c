"""LD-NAS from generated images to trained cells, at budgets of seconds."""

import os
from operator import attrgetter
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from tnas_bench import plan, plan_ldnas, run_ldnas
from tnas_bench.cells import FULL, choices
from tnas_bench.cells.reduced import CODED
from tnas_bench.config import load_scale
from tnas_bench.errors import UserError
from tnas_bench.journal.sealed import read_card
from tnas_bench.journal.steps import read_steps
from tnas_bench.tasks.prepare import prepare

pytestmark = pytest.mark.xdist_group("ldnas")


def scale():
    """The tiny scale with a target, and three tasks."""
    tiny = load_scale("tiny")
    ldnas = tiny.ldnas.model_copy(update={"tasks": ("task3", "task6", "task7"), "targets": ("task3",)})
    return tiny.model_copy(update={"ldnas": ldnas, "exhibits": None})


SCALE = scale()


def run(path):
    return plan_ldnas.find_run(SCALE, path)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with prepared tasks, in which networks were trained, distances measured, and base tasks searched."""
    folder = tmp_path_factory.mktemp("ldnas")
    before = Path.cwd()
    os.chdir(folder)
    try:
        for task in SCALE.ldnas.tasks:
            prepare(task, plan.task_folder(SCALE, task), SCALE.data, None, cache=Path("cache"))
        for each in plan_ldnas.networks(SCALE, plan_ldnas.EPSILON, "task3", 1):
            run_ldnas.run_network(each)
        for task in ("task6", "task7"):
            run_ldnas.run_network(run(f"ldnas/networks/vgg16/{task}/seed0"))
        run_ldnas.run_distances(run("ldnas/distances/vgg16/task3/seed0"))
        for base in plan_ldnas.base_searches(SCALE, 0):
            run_ldnas.run_search(base)
    finally:
        os.chdir(before)
    return folder


@pytest.fixture(autouse=True)
def inside(place, monkeypatch):
    monkeypatch.chdir(place)


def test_a_network_ends_with_its_accuracies_and_keeps_its_weights():
    folder = run("ldnas/networks/vgg16/task3/seed0").folder
    _, records = read_steps(folder)
    assert records[-1]["parameters"] == 14_728_266 + 110 and 0 <= records[-1]["test"] <= 1
    assert (folder / "weights.pt").stat().st_size > 4 * 14_728_376
    assert read_card(folder)["inputs"]["tasks"]["task3"]["grade"] == "generated"


def test_distances_have_all_sources_under_both_protocols():
    _, records = read_steps(run("ldnas/distances/vgg16/task3/seed0").folder)
    assert [record["source"] for record in records] == ["task3", "task6", "task7"]
    assert {value["protocol"] for value in records[1]["values"]} == {"paper", "released"}
    assert all(value["value"] == 0 for value in records[0]["values"])
    assert all(value["value"] > 0 for value in records[1]["values"] if value["form"] == "log_det")


def space(path):
    header, _ = read_steps(run(path).folder)
    return header["settings"]["space"]


def test_the_reduced_space_is_that_of_the_closest_task():
    _, records = read_steps(run("ldnas/distances/vgg16/task3/seed0").folder)
    settings = SCALE.ldnas.fisher
    of_paper = {
        record["source"]: next(
            value["value"]
            for value in record["values"]
            if (value["protocol"], value["form"], value["sigma2"]) == ("paper", "log_det", settings.sigma2)
            and (value["normalised"], value["heads"]) == (settings.normalised, settings.heads)
        )
        for record in records[1:]
    }
    nearest, farthest = sorted(of_paper, key=of_paper.get)
    for which, base in (("closest", nearest), ("farthest", farthest)):
        path = f"ldnas/search/fuse-{which}-paper/task3/seed0"
        run_ldnas.run_search(run(path))
        best = run_ldnas.found(run(f"ldnas/base_search/random_search/{base}/seed0"))
        used = set(best.operations) - {"none"}
        assert space(path)["base"] == base
        for names, operation in zip(space(path)["operations"], best.operations, strict=True):
            assert set(names) == ({"none"} if operation == "none" else used)


@pytest.mark.parametrize("method", ["random_search", "darts_first", "darts_second", "enas"])
@pytest.mark.parametrize("protocol", ["paper", "released"])
def test_every_rival_searches_the_full_space_and_its_cell_is_trained(method, protocol):
    path = f"ldnas/search/{method}-full-{protocol}/task3/seed0"
    run_ldnas.run_search(run(path))
    assert space(path) == {"base": None, "size": 10**6, "operations": [list(names) for names in choices(FULL)]}
    header, records = read_steps(run(f"ldnas/final/{method}-full-{protocol}/task3/seed0").folder)
    assert header["settings"]["cell"] == read_steps(run(path).folder)[1][-1]["cell"]
    assert 0 <= records[-1]["test"] <= 1 and records[-1]["parameters"] > 0


def test_fuse_of_the_authors_code_draws_from_the_operations_of_that_code():
    path = "ldnas/search/fuse-coded-released/task3/seed0"
    run_ldnas.run_search(run(path))
    assert space(path) == {"base": None, "size": 7**6, "operations": [list(names) for names in choices(CODED)]}


def test_protocol_paper_compares_on_training_images_held_out_and_released_on_test_images(monkeypatch):
    seen = []

    class Spy(Exception):
        pass

    def spy(problem):
        seen.append((len(problem.train), len(problem.validation)))
        raise Spy

    monkeypatch.setattr(run_ldnas, "METHODS", {"enas": spy})
    rows = read_card(run("ldnas/networks/vgg16/task3/seed0").folder)["inputs"]["tasks"]["task3"]["rows"]
    for protocol in ("paper", "released"):
        with pytest.raises(Spy):
            run_ldnas.run_search(run(f"ldnas/search/enas-full-{protocol}/task3/seed0"))
    assert seen == [(rows["train"], rows["validation"]), (rows["train"] + rows["validation"], rows["test"])]


def test_a_search_of_other_settings_is_refused():
    path = "ldnas/search/fuse-full-paper/task3/seed0"
    run_ldnas.run_search(run(path))
    ldnas = SCALE.ldnas
    other = ldnas.model_copy(update={"search": ldnas.search.model_copy(update={"learning_rate": 0.5})})
    with pytest.raises(UserError, match=r"search\.learning_rate = 0\.001, now 0\.5"):
        run_ldnas.run_search(plan_ldnas.find_run(SCALE.model_copy(update={"ldnas": other}), path))


@pytest.mark.parametrize(
    ("path", "setting"),
    [
        ("networks/vgg16/task7/seed0", "networks.batch_size"),
        ("distances/vgg16/task3/seed0", "fisher.batch_size"),
        ("base_search/random_search/task6/seed0", "search.batch_size"),
        ("search/fuse-full-paper/task3/seed0", "search.batch_size"),
        ("search/darts_first-full-paper/task3/seed0", "search.darts.batch_size"),
        ("search/enas-full-paper/task3/seed0", "search.enas.batch_size"),
        ("final/enas-full-paper/task3/seed0", "final.batch_size"),
    ],
)
def test_a_batch_that_does_not_fit_is_one_line_that_names_its_size(monkeypatch, path, setting):
    def full(*arguments, **others):
        raise torch.OutOfMemoryError

    assert attrgetter(setting)(SCALE.ldnas) > 0
    monkeypatch.setattr(run_ldnas.steps, "run", full)
    with pytest.raises(UserError, match=f"^the GPU has too little memory; lower ldnas.{setting} in the scale's file"):
        run_ldnas._execute(run(f"ldnas/{path}"), SimpleNamespace(steps=1), "steps", {})
