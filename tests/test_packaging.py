"""The places that list requirements agree."""

import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def parsed(requirements):
    return {(canonicalize_name(req.name), str(req.specifier)) for req in map(Requirement, requirements)}


def test_conda_environment_lists_the_requirements_of_the_package():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert parsed(pip) == parsed(PROJECT["dependencies"])
    assert f"python{PROJECT['requires-python']}" in environment["dependencies"]


def test_constraints_satisfy_every_requirement():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    pinned = {canonicalize_name(req.name): str(req.specifier).removeprefix("==") for req in map(Requirement, lines)}
    extras = PROJECT["optional-dependencies"]
    for text in PROJECT["dependencies"] + [req for extra in extras.values() for req in extra]:
        requirement = Requirement(text)
        version = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{text}: pinned at {version}"
        assert "+" not in version, f"{text}: {version} is a build of one machine"


@pytest.mark.xdist_group("requirements")
def test_groups_of_tests_stay_on_one_worker(request, worker_id):
    """By its name a test is handed to a worker, so it must have that of its group."""
    assert worker_id == "master" or request.node.nodeid.endswith("@requirements")
