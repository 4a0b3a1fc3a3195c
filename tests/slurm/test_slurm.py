"""The workflow on a Slurm cluster of two nodes, of which one dies in the midst of a study, beside a run without one."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from slurm_made import Cluster, cluster, obstacle, wait

ROOT = Path(__file__).resolve().parents[2]
EXHIBITS = ["tnaml_fig2", "tnaml_fig3", "ldnas_fig1"]
FETCH = ["task", "module", "image_module"]
TWO = "study=2 if wildcards.study.startswith('tnaml/transfer/naml/') else 1"
COLUMNS = ["comment", "nodelist", "partition", "tres-per-job", "numcpus", "state", "arraytaskid"]
# No node has a network: pip is told that there is no index, and everything else that there is a dead proxy.
OFFLINE = {"PIP_NO_INDEX": "1"}
OFFLINE |= dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
REQUIRED = os.environ.get("TNAS_REQUIRE_SLURM") == "1"
OBSTACLE = obstacle()
pytestmark = [pytest.mark.slurm, pytest.mark.timeout(1500)]
if OBSTACLE and not REQUIRED:
    pytestmark.append(pytest.mark.skip(OBSTACLE))


@dataclass
class Run:
    """What became of the run on the cluster."""

    folder: Path
    jobs: list[dict[str, str]]  # as Slurm lists them, by COLUMNS
    victim: str  # the study whose node died
    kept: bytes  # its journal then


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A folder in which the workflow has run without a cluster."""
    folder = workplace(tmp_path_factory.mktemp("here"))
    locally(folder)
    return folder


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """A run on the cluster, after the data was fetched."""
    assert OBSTACLE is None, OBSTACLE
    folder = workplace(tmp_path_factory.mktemp("there"))
    locally(folder, "--until", *FETCH)
    with cluster(tmp_path_factory.mktemp("cluster") / "slurm") as made:
        return run(made, folder)


def workplace(folder: Path) -> Path:
    """The tiny scale with image studies, and with text studies that are long enough to be met in their midst."""
    scale = yaml.safe_load((ROOT / "workflow/config/tiny.yaml").read_text(encoding="utf-8"))
    scale |= {"exhibits": EXHIBITS, "transfer_tasks": ["sms_spam"]}
    scale["trials"]["transfer"] = 200
    (folder / "mine.yaml").write_text(yaml.safe_dump(scale), encoding="utf-8")
    return folder


def command(profile: str, *arguments: str) -> list[str]:
    profile = str(ROOT / "workflow/profiles" / profile)
    snakemake = ["snakemake", "--snakefile", str(ROOT / "Snakefile"), "--workflow-profile", profile]
    return [*snakemake, *arguments, "--config", "scale=mine.yaml"]


def locally(folder: Path, *arguments: str) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    here = command("default", "--cores", "2", *arguments)
    done = subprocess.run(here, cwd=folder, env=os.environ | OFFLINE | {"PATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


def run(made: Cluster, folder: Path) -> Run:
    """Run the workflow, kill the node of a study that has trained a while, and wait for the end."""
    impatient = ["--slurm-init-seconds-before-status-checks", "3"]
    there = command("slurm", *impatient, "--set-threads", TWO)
    told = folder / "told"
    with told.open("w") as output:
        running = subprocess.Popen(there, cwd=folder, env=made.environment | OFFLINE, stdout=output, stderr=output)
    try:
        wait(lambda: running.poll() is not None or in_midst(made, folder), "no study was met in its midst", 600)
        assert running.poll() is None, told.read_text()[-3000:]
        node, victim = in_midst(made, folder)
        made.kill(node)
        kept = journal(folder, victim).read_bytes()
        assert running.wait(800) == 0, told.read_text()[-3000:]
        return Run(folder, jobs(made), victim, kept)
    finally:
        running.kill()


def in_midst(made: Cluster, folder: Path) -> tuple[str, str] | None:
    """A node, and a study that it has trained a while."""
    running = [job for job in jobs(made) if job["state"] == "RUNNING"]
    for begun in folder.glob("results/mine/tnaml/transfer/*/*/*/journal.jsonl"):
        study = begun.parent.relative_to(folder / "results/mine").as_posix()
        nodes = [job["nodelist"] for job in running if is_of(job, study)]
        if nodes and begun.read_bytes().count(b"\n") > 20:
            return nodes[0], study
    return None


def journal(folder: Path, study: str) -> Path:
    return folder / "results/mine" / study / "journal.jsonl"


def is_of(job: dict[str, str], wildcard: str) -> bool:
    return job["comment"].endswith(f"_wildcards_{wildcard.replace('/', '_')}")


def jobs(made: Cluster) -> list[dict[str, str]]:
    """The jobs of the cluster, those that have ended among them."""
    lines = made.ask("squeue", "-h", "-r", "-t", "all", "-O", ",".join(f"{column}:|" for column in COLUMNS))
    return [dict(zip(COLUMNS, line.split("|"), strict=False)) for line in lines]


def sealed(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.glob("results/**/*.parquet")}


def test_it_ends_with_the_same_sealed_results(there, here):
    assert len(sealed(here)) == (1 + 3) + (1 + 3) + 2 + 2  # studies of texts and of images, networks, distances
    assert sealed(there.folder) == sealed(here)
    assert (there.folder / "reports/mine/index.html").exists()


def test_what_the_dead_node_had_finished_was_kept(there):
    states = {job["state"] for job in there.jobs if is_of(job, there.victim)}
    assert states == {"NODE_FAIL", "COMPLETED"}
    finished = there.kept[: there.kept.rindex(b"\n") + 1]  # the last line may have been cut
    assert journal(there.folder, there.victim).read_bytes().startswith(finished)


def test_images_had_a_gpu_and_texts_had_none(there):
    for job in there.jobs:
        of_images = "image_" in job["comment"] or job["comment"].split("_")[1] in ("network", "distances")
        given = ("gpu", "gres:gpu:1") if of_images else ("cpu", "N/A")
        assert (job["partition"], job["tres-per-job"]) == given, job
        assert job["numcpus"] == ("2" if "_tnaml_transfer_naml_" in job["comment"] else "1"), job


def test_what_fetches_was_not_submitted_and_what_is_short_was_put_together(there):
    rules = Counter(job["comment"].split("_")[1] for job in there.jobs if job["state"] == "COMPLETED")
    assert rules == {"study": 8, "network": 2, "distances": 2, "figure": 3, "page": 1}


def test_jobs_that_are_alike_were_an_array(there):
    networks = [job for job in there.jobs if job["comment"].startswith("rule_network_")]
    assert len(networks) >= 2 and {job["arraytaskid"] for job in networks} >= {"1", "2"}
