"""A study: the same bytes whatever the workers and the order, resumed, continued, replayed and sealed."""

import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from study_fakes import SPACE, Echo, FakeTrainer, make_study, results, run_echo, trained_seeds

from tnas_bench.config import ControllerSettings
from tnas_bench.controllers.registry import CONTROLLERS, make
from tnas_bench.errors import UserError
from tnas_bench.executors import described, executor
from tnas_bench.journal.sealed import read_card, read_trials, rebuild
from tnas_bench.study import replay, run

STUDY = make_study()


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    run_echo(folder, facts={"executor": "processes:1", "device": "cpu"})
    return folder


@pytest.mark.parametrize("count", [1, 2])
def test_same_bytes_for_any_number_of_workers(reference, tmp_path, count):
    trainer = FakeTrainer(tmp_path / "log", delay=0.1)
    run_echo(tmp_path, trainer=trainer, executor=executor(f"processes:{count}"))
    assert results(tmp_path) == results(reference)
    assert len({line.split()[0] for line in trainer.log.read_text().splitlines()}) == count  # processes


def test_what_came_sealed_from_elsewhere_is_not_trained_again(reference, tmp_path):
    for name in ("trials.parquet", "runcard.json"):
        shutil.copy(reference / name, tmp_path)
    trainer = FakeTrainer(tmp_path / "log")
    run_echo(tmp_path, trainer=trainer, facts={"executor": "processes:2"})
    assert results(tmp_path) == results(reference) and not trainer.log.exists()
    cards = [read_card(folder) for folder in (tmp_path, reference)]
    assert cards[0] == cards[1]
    assert (tmp_path / "journal.jsonl").read_bytes() == (reference / "journal.jsonl").read_bytes()


@pytest.mark.parametrize("threads", [3, 8])
def test_same_bytes_for_any_order_of_finishing(reference, tmp_path, threads):
    finished = []
    run_echo(tmp_path, trainer=FakeTrainer(delay=0.02), executor=ThreadPoolExecutor(threads), observe=finished.extend)
    numbers = [trial.trial for trial in finished]
    assert sorted(numbers) == list(range(20)) and numbers != sorted(numbers)
    assert results(tmp_path) == results(reference)


def test_trials_are_what_they_say(reference):
    trials = read_trials(reference)
    assert list(trials.columns) == ["trial", "round", "task", "actions", "seed", "validation", "half", "test"]
    assert list(trials["trial"]) == list(range(20))
    assert list(trials["round"]) == [0] * 6 + [1] * 6 + [2] * 6 + [3] * 2
    assert set(trials["task"]) == {"spam", "news"} and trials["seed"].is_unique
    for row in trials.itertuples():
        score = FakeTrainer().score(SPACE.decode(row.actions), row.seed, row.task)
        assert (row.validation, row.half, row.test) == (score.validation, score.half, score.test)


def test_tasks_are_drawn_uniformly():
    drawn = [STUDY.task(trial) for trial in range(4000)]
    assert abs(drawn.count("spam") - 2000) < 150  # almost five standard deviations of 31.6
    assert {make_study(tasks=("spam",)).task(trial) for trial in range(9)} == {"spam"}


def test_a_round_is_ask_all_then_tell_all_then_one_update(tmp_path):
    calls = []

    class Listener(Echo):
        def hear(self, *words):
            calls.append(words[0])
            super().hear(*words)

    with ThreadPoolExecutor(1) as pool:
        run(make_study(trials=3, round_size=2), Listener(3), SPACE, FakeTrainer(), tmp_path, pool)
    assert " ".join(calls) == "ask ask tell tell update ask tell update"


def test_groups_are_of_one_task_and_of_the_trainers_choice(reference, tmp_path):
    trainer = FakeTrainer(tmp_path / "log")
    run_echo(tmp_path, trainer=trainer)
    trials = read_trials(reference).set_index("seed")
    groups = [[int(seed) for seed in line.split()[1:]] for line in trainer.log.read_text().splitlines()]
    assert sorted(trained_seeds(trainer.log)) == sorted(trials.index)
    kinds = [(t["round"], t["task"], t["actions"][0]) for group in groups for t in [trials.loc[group[0]]]]
    assert len(set(kinds)) == len(kinds) < 20
    for group, kind in zip(groups, kinds, strict=True):
        assert {(t.round, t.task, t.actions[0]) for t in trials.loc[group].itertuples()} == {kind}


def test_a_larger_budget_continues(reference, tmp_path):
    trainer = FakeTrainer(tmp_path / "log")
    for budget in (3, 7, 12, 20):  # short rounds too
        run_echo(tmp_path, make_study(trials=budget), trainer)
        assert len(read_trials(tmp_path)) == budget
    assert results(tmp_path) == results(reference)
    trained = trained_seeds(trainer.log)
    assert len(trained) == len(set(trained)) == 20
    with pytest.raises(UserError, match="has 20 trials; give no smaller budget"):
        run_echo(tmp_path, make_study(trials=19))


def test_running_a_finished_study_again_trains_nothing(reference, tmp_path):
    trainer = FakeTrainer(tmp_path / "log")
    for _ in range(2):
        run_echo(tmp_path, trainer=trainer)
    assert len(trained_seeds(trainer.log)) == 20
    assert results(tmp_path) == results(reference)


@pytest.mark.filterwarnings("ignore:.*dropped line")
@pytest.mark.parametrize("lines", [0, 1, 5, 7, 20])
def test_a_torn_journal_is_taken_up(reference, tmp_path, lines):
    whole = (reference / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "journal.jsonl").write_bytes(b"".join(whole[:lines]) + whole[lines][:40])
    run_echo(tmp_path)
    assert results(tmp_path) == results(reference)


def test_replay_brings_the_same_state(reference, tmp_path):
    controller = Echo(3)
    replay(STUDY, controller, reference)
    assert controller.heard == run_echo(tmp_path).heard


def test_replay_by_another_controller_names_the_trial(reference):
    with pytest.raises(UserError, match=r"trials\.parquet: trial 0 was written with actions"):
        replay(STUDY, Echo(4), reference)


def test_resuming_with_another_controller_names_the_trial(reference, tmp_path):
    whole = (reference / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "journal.jsonl").write_bytes(b"".join(whole[:9]))

    class Deaf(Echo):
        def update(self):
            pass

    with pytest.raises(UserError, match=r"journal\.jsonl: trial 6 was written with"), ThreadPoolExecutor(1) as pool:
        run(STUDY, Deaf(3), SPACE, FakeTrainer(), tmp_path, pool)


def test_replay_asks_for_the_whole_study(reference, tmp_path):
    with pytest.raises(UserError, match="20 of 21 trials"):
        replay(replace(STUDY, trials=21), Echo(3), reference)
    with pytest.raises(UserError, match=r"trials\.parquet: written with seed = 3, now 5"):
        replay(replace(STUDY, seed=5), Echo(3), reference)
    with pytest.raises(UserError, match="not finished"):
        replay(STUDY, Echo(3), tmp_path)


@pytest.mark.parametrize("name", CONTROLLERS)
def test_real_controllers_resume_replay_and_never_see_a_test_accuracy(tmp_path, name):
    def fresh():
        return make(name, SPACE, 3, ControllerSettings(learning_rate=0.05))

    proposals = []
    for salt, budgets in {"": (20,), "scrambled": (8, 20)}.items():  # other test accuracies, and stopped on the way
        for budget in budgets:
            with ThreadPoolExecutor(1) as pool:
                run(make_study(budget), fresh(), SPACE, FakeTrainer(salt=salt), tmp_path / f"run{salt}", pool)
        proposals.append(read_trials(tmp_path / f"run{salt}"))
        replay(STUDY, fresh(), tmp_path / f"run{salt}")
    one, other = proposals
    assert (one["test"] != other["test"]).all()
    assert one.drop(columns="test").equals(other.drop(columns="test"))


def test_the_journal_can_be_rebuilt(reference):
    assert rebuild(reference / "trials.parquet") == (reference / "journal.jsonl").read_bytes()


def test_run_card(reference):
    card = read_card(reference)
    journal, parquet = results(reference)
    assert card["study"] == STUDY.header and card["trials"] == 20
    assert card["hash"] == json.loads(journal.splitlines()[-1])["hash"]
    assert card["trials_sha256"] == hashlib.sha256(parquet).hexdigest()
    assert card["executor"] == "processes:1" and card["device"] == "cpu" and card["seconds"] == 0
    assert card.keys() >= {"commit", "dirty", "versions", "cpu", "gpu", "threads"}
    assert card["versions"].keys() == {"tnas_bench", "python", "torch", "numpy", "pandas", "pyarrow"}


def test_times_are_kept_apart(reference, tmp_path):
    run_echo(tmp_path, make_study(trials=3), FakeTrainer(delay=0.01))
    times = [json.loads(line) for line in (tmp_path / "timings.jsonl").read_text().splitlines()]
    assert times == [{"trial": trial, "seconds": 0.01} for trial in range(3)]
    assert read_card(tmp_path)["seconds"] == pytest.approx(0.03)
    with (tmp_path / "timings.jsonl").open("a") as file:
        file.write('{"trial":2,"seconds":5}\n')  # noted again after a crash: counts once
    (tmp_path / "runcard.json").unlink()
    run_echo(tmp_path, make_study(trials=3))
    assert read_card(tmp_path)["seconds"] == pytest.approx(5.02)
    (tmp_path / "timings.jsonl").write_text("?\n")
    with pytest.raises(UserError, match=r"timings\.jsonl: is damaged"):
        run_echo(tmp_path, make_study(trials=3))
    assert not any("second" in column for column in pq.read_schema(tmp_path / "trials.parquet").names)


def test_a_changed_sealed_file_is_refused(tmp_path):
    run_echo(tmp_path)
    parquet = tmp_path / "trials.parquet"
    content = bytearray(parquet.read_bytes())
    content[len(content) // 2] ^= 1
    parquet.write_bytes(content)
    with pytest.raises(UserError, match=r"trials\.parquet: is not the one of runcard\.json"):
        read_trials(tmp_path)
    parquet.write_bytes(b"PAR1")
    with pytest.raises(UserError, match="is not a sealed study"):
        rebuild(parquet)
    (tmp_path / "runcard.json").write_text("{")
    with pytest.raises(UserError, match="is not JSON"):
        read_trials(tmp_path)


@pytest.mark.parametrize("wrong", [{"trials": 0}, {"trials": -5}, {"round_size": 0}, {"tasks": ()}])
def test_impossible_budgets_are_refused(wrong):
    with pytest.raises(UserError, match=f"study test/echo: {next(iter(wrong))} is .*; give 1 or more"):
        make_study(**wrong)


@pytest.mark.parametrize("spec", ["", "4", "processes", "processes:0", "processes:-1", "processes:x", "dask:", "mpi:4"])
def test_another_executor_is_refused(spec):
    with pytest.raises(UserError, match=f"executor '{spec}': give processes:N or dask:ADDRESS"), executor(spec):
        pass


def test_a_card_names_no_address():
    assert described("processes:4") == "processes:4" and described("dask:tcp://secret:8786") == "dask"
