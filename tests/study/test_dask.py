"""A cluster of dask.distributed, of the real commands: killed workers, a killed study, a killed scheduler."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from dask import config
from distributed import Client
from study_fakes import FakeTrainer, Suicide, complain, make_study, results, run_echo, trained_seeds
from test_crashes import saved_seeds, start, wait_for

from tnas_bench.errors import UserError
from tnas_bench.executors import dask, executor

ROOT = Path(__file__).resolve().parents[2]
STUDY = make_study(trials=60)


class Cluster:
    """A scheduler, and workers without nannies in a folder of their own: nobody starts the dead again."""

    def __init__(self, folder):
        self.folder, self.workers = folder, []
        self.scheduler = self._start("scheduler", "--port", "0", "--host", "127.0.0.1", "--scheduler-file", "address")
        wait_for((folder / "address").exists, seconds=30)
        self.address = json.loads((folder / "address").read_text())["address"]
        self.spec = f"dask:{self.address}"
        self.client = Client(self.address, timeout=5, set_as_default=False)

    def start_workers(self, count):
        wait_for(lambda: self._started(count), seconds=100)

    def _started(self, count):
        """Whether all are known; start those that are missing, also of those that were still dying a moment ago.

        Those too many, of another test, are killed: which tests share a process is nowhere said.
        """
        alive = [worker for worker in self.workers if worker.poll() is None]
        for worker in alive[count:]:
            worker.kill()
        for _ in range(count - len(alive)):
            self.workers.append(self._start("worker", self.address, "--no-nanny", "--nthreads", "1"))
        return len(alive) == len(self.client.nthreads()) == count

    def _start(self, role, *arguments):
        command = [sys.executable, "-m", "dask", role, "--no-dashboard", *arguments]
        variables = {
            "PYTHONPATH": f"{ROOT}:{Path(__file__).parent}",
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
        }
        return subprocess.Popen(command, cwd=self.folder, env=os.environ | variables, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.client.close()
    for process in (*made.workers, made.scheduler):
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    run_echo(folder, STUDY)
    return folder


@pytest.fixture
def background():
    with ThreadPoolExecutor(1) as thread:
        yield thread.submit


def trained_by(log):
    """Process and seeds of every group that was trained."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [(int(process), tuple(seeds)) for process, *seeds in map(str.split, lines)]


def test_a_killed_worker_changes_nothing(cluster, reference, background, tmp_path):
    cluster.start_workers(3)
    folder, trainer = tmp_path / "study", FakeTrainer(tmp_path / "log", delay=0.1)
    study = background(run_echo, folder, STUDY, trainer, executor(cluster.spec))
    wait_for(lambda: trained_by(trainer.log), seconds=100)
    victim = trained_by(trainer.log)[0][0]
    os.kill(victim, signal.SIGKILL)
    before = len(trained_by(trainer.log))
    study.result(timeout=100)
    groups = trained_by(trainer.log)
    assert results(folder) == results(reference)
    assert victim not in {process for process, _ in groups[before + 1 :]} and len(groups) > before + 3
    kept = [seeds for process, seeds in groups if process != victim]
    assert len(kept) == len(set(kept))  # what was trained again, the victim had not delivered
    assert {int(seed) for _, seeds in groups for seed in seeds} == saved_seeds(folder)


def test_a_killed_study_leaves_no_work_behind(cluster, reference, tmp_path):
    cluster.start_workers(2)
    folder, trainer = tmp_path / "study", FakeTrainer(tmp_path / "log", delay=0.3)
    process, _ = start(folder, STUDY, trainer, pool=executor, size=cluster.spec)
    wait_for(trainer.log.exists, seconds=100)
    process.kill()
    process.join()
    before = len(trained_by(trainer.log))
    time.sleep(1.5)  # more than two groups of a worker take
    assert before < len(trained_by(trainer.log)) <= before + 2
    run_echo(folder, STUDY)
    assert results(folder) == results(reference)


def told(submitted):
    """The one line of a user's mistake."""
    with pytest.raises(UserError) as error:
        submitted()
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_worker_in_other_surroundings_is_refused(cluster, monkeypatch, tmp_path):
    cluster.start_workers(2)
    card = tmp_path / "card.json"
    card.write_text("{}")
    with executor(cluster.spec, [card]) as pool:
        assert pool.submit(abs, -3).result() == 3
        assert "Dask worker on " in told(pool.submit(complain).result)
    card.write_text("[]")
    dask._hash.cache_clear()  # here, as in a new process; workers have read it before
    with executor(cluster.spec, [card]) as pool:
        line = told(pool.submit(abs, 1).result)
    assert f"{card} is 44136fa355b3, but 4f53cda18c2b where the study runs; give workers" in line
    monkeypatch.setattr(dask, "_versions", lambda: {"torch": "1.0"})
    with executor(cluster.spec) as pool:
        assert "torch is 2." in told(pool.submit(abs, 1).result)
    monkeypatch.setattr(dask, "__version__", "0")
    assert "the scheduler of the Dask cluster has tnas_bench" in told(executor(cluster.spec).__enter__)


def test_children_that_kill_every_worker_are_one_line(cluster, tmp_path):
    cluster.start_workers(2)
    line = told(lambda: run_echo(tmp_path, make_study(round_size=1), Suicide(), executor(cluster.spec)))
    assert line.startswith("2 Dask workers died of the same children (out of memory?); run the command again")


def test_a_killed_scheduler_is_one_line_and_loses_nothing_finished(cluster, reference, background, tmp_path):
    cluster.start_workers(1)
    folder, trainer = tmp_path / "study", FakeTrainer(tmp_path / "log", delay=0.1)
    study = background(run_echo, folder, STUDY, trainer, executor(cluster.spec))
    wait_for(lambda: len(trained_by(trainer.log)) > 2, seconds=100)
    cluster.scheduler.kill()
    assert told(lambda: study.result(timeout=100)).startswith("the Dask scheduler is gone; run the command again")
    saved = saved_seeds(folder)
    trainer.log.unlink()
    run_echo(folder, STUDY, trainer)
    assert saved and not saved & set(trained_seeds(trainer.log)) and results(folder) == results(reference)


@pytest.mark.parametrize(
    ("address", "reason"),
    [("tcp://127.0.0.1:9", "Timed out"), ("nonsense", "missing port"), ("foo://host:1", "unknown address scheme")],
)
def test_a_scheduler_that_is_not_there_is_one_line(address, reason):
    with config.set({"distributed.comm.timeouts.connect": "1s"}):
        assert told(executor(f"dask:{address}").__enter__).startswith(f"no Dask scheduler at {address} ({reason}")
