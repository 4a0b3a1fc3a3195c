"""The profile for clusters, planned at scale paper. That jobs run so is for ``tests/slurm``."""

import re
import subprocess

import pytest
import yaml
from tiny_made import ENVIRONMENT, ROOT

PROFILE = ROOT / "workflow/profiles/slurm"
pytestmark = pytest.mark.xdist_group("profile")


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """What each job of scale paper asks for: dictionaries by the wildcards of each, by rule."""
    command = ["snakemake", "--snakefile", ROOT / "Snakefile", "--workflow-profile", PROFILE, "-n", "--cores", "1000"]
    folder = tmp_path_factory.mktemp("plan")
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert "profiles/slurm" in done.stderr and "profiles/default" not in done.stderr
    found = {}
    for rule, told in re.findall(r"^ *rule (\w+):\n((?: +\w+: .*\n)+)", done.stdout, re.MULTILINE):
        facts = dict(re.findall(r"^ +(\w+): (.*)$", told, re.MULTILINE))
        asked = {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)(?:,|$)", facts.get("resources", ""))}
        asked["threads"] = int(facts.get("threads", 1))
        found.setdefault(rule, {})[facts.get("wildcards", "")] = asked
    return found


def settings(profile):
    return yaml.safe_load((ROOT / "workflow/profiles" / profile / "config.yaml").read_text(encoding="utf-8"))


def test_images_get_a_gpu_and_nothing_else_does(planned):
    with_gpu = {rule: {name for name, asked in jobs.items() if asked.get("gpu")} for rule, jobs in planned.items()}
    for rule in ("network", "distances", "base_search", "search"):
        assert with_gpu.pop(rule) == set(planned[rule])
    studies = with_gpu.pop("study")
    assert studies == {name for name in planned["study"] if "/image_" in name} and len(studies) == 5 * (1 + 3)
    assert not any(with_gpu.values())


def test_every_job_asks_for_what_a_node_has(planned):
    for rule, jobs in planned.items():
        for asked in jobs.values():
            if rule != "all":
                assert 1000 <= asked["mem_mb"] <= 16_000 and 30 <= asked["runtime"] <= 24 * 60
    short = {rule for rule, jobs in planned.items() if {asked.get("runtime") for asked in jobs.values()} == {30}}
    assert short == {"exhibit", "figure", "tabular", "claims", "report"}


def test_only_studies_that_train_many_children_at_once_have_processes_for_them(planned):
    several = {name: asked for name, asked in planned["study"].items() if asked["threads"] > 1}
    assert set(several) == {name for name in planned["study"] if name.startswith("study=table/")}
    assert {(asked["threads"], asked["mem_mb"]) for asked in several.values()} == {(4, 4 * 4000)}


def test_no_job_of_an_array_is_held_back(planned):
    """The plugin forgets a part of an array that is not all of its ready jobs."""
    profile = settings("slurm")
    per_second = profile["max-jobs-per-timespan"].removesuffix("/1s")
    assert 1300 < sum(map(len, planned.values())) < min(profile["jobs"], int(per_second))
    for rule in profile["slurm-array-jobs"].split(","):
        assert len({tuple(asked.items()) for asked in planned[rule].values()}) == 1, rule


def test_what_runs_without_it_also_runs_with_it():
    """A workflow profile takes the place of the default one: what that sets is set here, too."""
    default, slurm = settings("default"), settings("slurm")
    del default["latency-wait"]  # shared folders are slower
    assert default and default.items() <= slurm.items()
