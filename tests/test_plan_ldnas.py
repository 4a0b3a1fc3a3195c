"""What LD-NAS runs at each scale, counted by hand."""

from collections import Counter

import pytest

from tnas_bench import plan_ldnas
from tnas_bench.config import CONFIG, load_scale
from tnas_bench.errors import UserError

EXHIBITS = ["ldnas_fig1", "ldnas_sigma", "ldnas_table1", "ldnas_table2", "ldnas_control"]


def counted(runs):
    return Counter(run.experiment for run in runs)


def test_paper_scale_is_the_papers():
    scale = load_scale("paper")
    assert plan_ldnas.exhibit_names(scale) == EXHIBITS
    figure = counted(plan_ldnas.exhibit_runs(scale, "ldnas_fig1"))
    assert figure == {"networks": 8 * 10, "distances": 8 * 10}  # ten initialisations
    fuse, recipe = scale.ldnas.search.fuse, scale.ldnas.networks
    assert (fuse["paper"].rounds, fuse["paper"].candidates) == (200, 5)
    released = fuse["released"]
    assert (released.rounds, released.candidates, released.stages) == (100, 3, 10)
    assert (released.weight_epochs, released.coefficient_epochs) == (3, 10)
    assert recipe.epochs == {"mnist": 50, "cifar10": 100} and (recipe.batch_size, recipe.learning_rate) == (64, 1e-3)


@pytest.mark.parametrize("name", ["smoke", "lab", "paper"])
def test_tables_have_every_row_under_both_protocols(name):
    scale = load_scale(name)
    for exhibit, target in (("ldnas_table1", "task3"), ("ldnas_table2", "task6")):
        runs = plan_ldnas.exhibit_runs(scale, exhibit)
        searches = [run for run in runs if run.experiment == "search"]
        assert {run.task for run in searches} == {target}
        by_protocol = Counter((run.parts[2], run.seed) for run in searches)
        seeds = range(scale.ldnas.repetitions)
        assert by_protocol == {(protocol, seed): 6 for protocol in ("paper", "released") for seed in seeds}
        assert [run for run in runs if run.experiment == "final"] == [plan_ldnas.final(search) for search in searches]


def test_no_two_runs_share_a_folder_and_all_that_a_run_reads_is_planned():
    scale = load_scale("smoke")
    paths = [run.path for run in plan_ldnas.all_runs(scale)]
    assert len(paths) == len(set(paths))
    for run in plan_ldnas.all_runs(scale):
        assert {source.path for source in plan_ldnas.inputs(run)} <= set(paths)


def test_a_search_on_the_space_of_another_task_reads_no_search_on_its_own():
    run = plan_ldnas.find_run(load_scale("smoke"), "ldnas/search/fuse-closest-paper/task3/seed0")
    sources = plan_ldnas.inputs(run)
    assert counted(sources) == {"distances": 1, "base_search": 7}
    assert "task3" not in {source.task for source in sources if source.experiment == "base_search"}
    repeated = plan_ldnas.find_run(load_scale("lab"), "ldnas/search/fuse-closest-paper/task3/seed1")
    assert {base.seed for base in plan_ldnas.inputs(repeated) if base.experiment == "base_search"} == {1}
    full = plan_ldnas.find_run(load_scale("smoke"), "ldnas/search/enas-full-paper/task3/seed0")
    assert plan_ldnas.inputs(full) == []


def test_distances_of_a_seed_read_the_networks_of_that_seed():
    run = plan_ldnas.find_run(load_scale("lab"), "ldnas/distances/vgg16/task6/seed2")
    assert [source.path for source in plan_ldnas.inputs(run)] == [
        f"ldnas/networks/vgg16/task{number}/seed2" for number in range(8)
    ]


def test_a_scale_without_targets_measures_distances_only():
    assert plan_ldnas.exhibit_names(load_scale("tiny")) == ["ldnas_fig1", "ldnas_sigma"]
    assert set(counted(plan_ldnas.all_runs(load_scale("tiny")))) == {"networks", "distances"}


def test_unknown_runs_are_told_in_one_line():
    with pytest.raises(UserError, match="plans no run 'ldnas/search/none'"):
        plan_ldnas.find_run(load_scale("smoke"), "ldnas/search/none")


def test_a_verb_is_given_an_example_of_its_own():
    scale, network = load_scale("smoke"), "ldnas/networks/vgg16/task0/seed0"
    advice = r"give a path like ldnas/search/fuse-closest-paper/task3/seed0"
    for path in ("nosuch", network):
        with pytest.raises(UserError, match=rf"plans no run of ldnas/search or .*base_search '{path}': {advice}"):
            plan_ldnas.find_run(scale, path, "search", "base_search")
    assert plan_ldnas.find_run(scale, network, "networks").experiment == "networks"


def test_targets_are_tasks(tmp_path):
    text = (CONFIG / "smoke.yaml").read_text(encoding="utf-8").replace("targets: [task3, task6]", "targets: [task9]")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"targets that are not among the tasks: task9"):
        load_scale(str(tmp_path / "mine.yaml"))
