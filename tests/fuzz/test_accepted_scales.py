"""What is accepted runs: a scale of which every number is the smallest that it may be, from data to exhibits."""

import json

import pytest
from mutations import parts
from whole_scale import build, prepare, run_studies

from tnas_bench import plan, plan_ldnas, run, run_ldnas
from tnas_bench.checks import check
from tnas_bench.config import CONFIG, Scale, read_yaml
from tnas_bench.journal.sealed import read_card, read_trials

ONE_TASK = {"pretraining_tasks": ["sst"], "transfer_tasks": ["sms_spam"]}
CHOICES = read_yaml(CONFIG / "smoke.yaml")["table"]["choices"] | {"training_steps": [1]}
TEXTS = {
    **ONE_TASK,
    "exhibits": None,
    "label": r"all of it is 1: $\frac{ 50% & _ <b> # {x} ~ ^ $",
    "algorithm_tasks": ["sms_spam"],
    "trials": {"pretraining": 1, "transfer": 1, "fixed": 1, "retrainings": 1},
    "mnms": ONE_TASK | {"trials": {"pretraining": 1, "transfer": 1}},
    "data": {"sources": ["generated"], "max_rows": 30, "max_images": 110},
}
FOUND = "ldnas/search/fuse-closest-paper/task3/seed0"


def smallest():
    """The tiny scale with a one for every number of how many."""
    content = read_yaml(CONFIG / "tiny.yaml") | TEXTS
    content["table"]["choices"], content["ldnas"]["targets"] = CHOICES, ["task3"]
    for *above, key in list(parts(content)):
        where = content
        for each in above:
            where = where[each]
        if isinstance(where[key], int) and not isinstance(where[key], bool) and above[:2] != ["table", "choices"]:
            where[key] = {"max_rows": 30, "max_images": 110, "channels": 3, "candidates": 2}.get(key, 1)
    content["training_steps"], content["images"]["training_steps"] = [1], [1]
    scale = Scale.model_validate({"name": "ones"} | content)
    check(scale)
    return scale


@pytest.fixture(scope="module")
def scale(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("ones"))
        found = smallest()
        prepare(found)
        run_studies(found)
        yield found


def test_each_number_is_one(scale):
    content = json.loads(scale.model_dump_json())
    assert (scale.round_size, scale.top_n, scale.ldnas.search.enas.samples, scale.ldnas.fisher.examples) == (1,) * 4
    assert content["ldnas"]["search"]["fuse"]["paper"]["rounds"] == 1


def test_children_are_trained(scale, tmp_path):
    job = run.planned(plan.find_study(scale, "tnaml/transfer/naml/sms_spam/seed0"))
    run.run_job(run.Job(**{**vars(job), "folder": tmp_path / "trained"}))
    assert len(read_trials(tmp_path / "trained")) == 1


@pytest.mark.parametrize("name", ["tnaml_table1", "tnaml_fig1", "tnaml_fig2", "tnaml_appendix", "mnms_simultaneous"])
def test_exhibits_are_made(scale, name):
    build(scale, name)
    assert (plan.reports(scale) / "tables" / f"{name}.csv").exists()


def test_a_search_for_cells_and_all_that_it_needs_are_run(scale):
    verbs = {"networks": run_ldnas.run_network, "distances": run_ldnas.run_distances}
    search = plan_ldnas.find_run(scale, FOUND)
    needed = plan_ldnas.inputs(search)
    networks = {each.path: each for source in needed for each in plan_ldnas.inputs(source)}
    full = [FOUND.replace("fuse-closest", f"{method}-full") for method in ("enas", "darts_second")]
    others = [plan_ldnas.find_run(scale, path) for path in full]
    for each in (*networks.values(), *needed, search, *others):
        verbs.get(each.experiment, run_ldnas.run_search)(each)
        assert read_card(each.folder)["steps"] >= 1
