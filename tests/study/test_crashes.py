"""Crashes, with real processes: killed writers, a full disk, a forbidden folder, two writers, orphans."""

import json
import os
import resource
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest
import torch
from study_fakes import FakeTrainer, Suicide, answer_of, make_study, results, run_echo, start, trained_seeds
from threadpoolctl import threadpool_info

from tnas_bench.device import use_gpu
from tnas_bench.errors import UserError
from tnas_bench.executors import executor
from tnas_bench.seeds import stream

STUDY = make_study(trials=60)


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def saved_seeds(folder):
    """The seeds of all children that are on the disk, read without the package's help."""
    journal = folder / "journal.jsonl"
    lines = journal.read_text().splitlines(keepends=True)[1:] if journal.exists() else []
    trials = [json.loads(line) for line in lines if line.endswith("\n")]
    for file in folder.glob("pending/*.json"):
        trials += json.loads(file.read_text())["trials"]
    return {trial["seed"] for trial in trials}


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    run_echo(folder, STUDY)
    return folder


@pytest.mark.parametrize("threads", [1, 3])
def test_twenty_kills_change_nothing_and_cost_nothing_finished(reference, tmp_path, threads):
    folder, trainer = tmp_path / "study", FakeTrainer(tmp_path / "log", delay=0.02)
    within_a_round = 0
    for moment in stream("test", "kills", threads).uniform(0.0, 0.2, size=20):
        saved, before = saved_seeds(folder), trained_seeds(trainer.log)
        process, _ = start(folder, STUDY, trainer, size=threads)
        process.join(timeout=moment)
        process.kill()
        process.join()
        assert not saved & set(trained_seeds(trainer.log)[len(before) :])
        within_a_round += any(folder.glob("pending/*.json"))
    assert within_a_round
    assert answer_of(*start(folder, STUDY, trainer)) == "done"
    assert results(folder) == results(reference)


def _limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))


def test_a_full_disk_is_one_line_and_loses_nothing(reference, tmp_path):
    folder, trainer = tmp_path / "study", FakeTrainer(tmp_path / "log")
    answer = answer_of(*start(folder, STUDY, trainer, prepare=_limit_files))
    assert answer.startswith(f"{folder / 'journal.jsonl'}: File too large; ") and "\n" not in answer
    before = trained_seeds(trainer.log)
    with pytest.warns(UserWarning, match="dropped line"):
        run_echo(folder, STUDY, trainer)
    after = trained_seeds(trainer.log)
    assert before and len(after) == len(set(after)) == 60
    assert results(folder) == results(reference)


def _become_nobody():
    if os.geteuid() == 0:  # the superuser may write anywhere
        os.setuid(65534)


def test_a_forbidden_folder_is_one_line(tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o555)
    answer = answer_of(*start(folder / "study", STUDY, FakeTrainer(), prepare=_become_nobody))
    assert answer.startswith(f"{folder / 'study'}: Permission denied; ") and "\n" not in answer


def test_a_pending_group_of_other_proposals_is_refused(tmp_path):
    """A pending group that another version of a controller left."""
    with pytest.raises(ZeroDivisionError):
        run_echo(tmp_path, STUDY, Faulty(), controller_seed=4)
    with pytest.raises(UserError, match=r"pending: trial \d was written with actions"):
        run_echo(tmp_path, STUDY)


def test_a_changed_pending_group_is_refused(tmp_path):
    with pytest.raises(ZeroDivisionError):
        run_echo(tmp_path, STUDY, Faulty())
    file = next(tmp_path.glob("pending/*.json"))
    file.write_text(file.read_text().replace('"validation":0.', '"validation":0.9', 1))
    with pytest.raises(UserError, match=rf"{file.name}: line 1 is damaged"):
        run_echo(tmp_path, STUDY)


def test_a_folder_below_a_file_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="Not a directory") as error:
        run_echo(tmp_path / "file" / "study")
    assert "\n" not in str(error.value)


def gone(process):
    """Ended; nobody may be there to reap it."""
    try:
        return psutil.Process(process).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_second_writer_waits_for_the_first_and_workers_die_with_their_parent(tmp_path):
    """Two workers write their names into the log before they sleep for an hour."""
    folder, log = tmp_path / "study", tmp_path / "log"
    writer, _ = start(folder, STUDY, Sleeper(log), pool=executor, size="processes:2")
    wait_for(lambda: log.exists() and len(set(log.read_text().split())) == 2)
    children = [int(process) for process in log.read_text().split()]
    told = rf"study: is being written by process {writer.pid} on host .* since 20\S+; waiting for its end$"
    with pytest.warns(UserWarning, match=told), ThreadPoolExecutor(1) as second:
        waiting = second.submit(run_echo, folder, STUDY)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=1)
        assert not (folder / "trials.parquet").exists() and not any(map(gone, children))
        writer.kill()
        writer.join()
        waiting.result(timeout=20)
    wait_for(lambda: all(map(gone, children)), seconds=5)
    assert not (folder / "writer.json").exists() and (folder / "trials.parquet").exists()


def test_who_has_waited_finds_it_done(reference, tmp_path):
    folder, trainer = tmp_path / "study", FakeTrainer(tmp_path / "log", delay=0.05)
    first, answer = start(folder, STUDY, trainer)
    wait_for(lambda: (folder / "writer.json").exists())
    with pytest.warns(UserWarning, match="is being written"):
        run_echo(folder, STUDY, trainer)
    assert answer_of(first, answer) == "done"
    assert len(trained_seeds(trainer.log)) == 60 and results(folder) == results(reference)


class Sleeper(FakeTrainer):
    def train(self, configurations, task, seeds):
        with self.log.open("a") as file:
            file.write(f"{os.getpid()}\n")
        time.sleep(3600)


def test_a_dead_worker_is_one_line_and_the_study_goes_on(reference, tmp_path):
    with executor("processes:2") as pool, pytest.raises(UserError, match="a worker process died") as error:
        run_echo(tmp_path, STUDY, Suicide(), executor=pool)
    assert "\n" not in str(error.value)
    run_echo(tmp_path, STUDY)
    assert results(tmp_path) == results(reference)


def threads():
    """Of torch, and of each library that others compute with."""
    np.ones((2, 2)) @ np.ones((2, 2))
    return {torch.get_num_threads(), *(library["num_threads"] for library in threadpool_info())}


@pytest.mark.parametrize("spec", ["processes:1", "processes:2"])
def test_a_worker_computes_on_one_thread_whatever_the_environment_says(monkeypatch, spec):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")  # Snakemake sets it to the threads of the rule
    torch.set_num_threads(2)
    with executor(spec) as pool:
        assert pool.submit(threads).result() == threads() == {1}


def test_workers_take_turns_on_the_gpus(monkeypatch):
    taken = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", taken.append)
    for turn in range(5):
        use_gpu(turn)
    assert taken == [0, 1, 0, 1, 0]


class Faulty(FakeTrainer):
    """Fails on one kind of child."""

    def train(self, configurations, task, seeds):
        if configurations[0]["first"] == "d":
            raise ZeroDivisionError
        return super().train(configurations, task, seeds)


def test_a_bug_in_a_trainer_loses_nothing_finished(reference, tmp_path):
    log = tmp_path / "log"
    with pytest.raises(ZeroDivisionError):
        run_echo(tmp_path / "study", STUDY, Faulty(log))
    assert set(trained_seeds(log)) == saved_seeds(tmp_path / "study") != set()
    run_echo(tmp_path / "study", STUDY, FakeTrainer(log))
    assert len(trained_seeds(log)) == len(set(trained_seeds(log))) == 60
    assert results(tmp_path / "study") == results(reference)
