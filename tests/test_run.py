"""Whole studies with real controllers and real children, on small generated tasks."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from distributed import LocalCluster

from tnas_bench import modules, plan, tasks
from tnas_bench.children.group import Group
from tnas_bench.config import ControllerSettings, PpoSettings, load_scale
from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256
from tnas_bench.journal.sealed import read_card, read_trials
from tnas_bench.modules.embedding import Materials
from tnas_bench.modules.encoder import Encoder
from tnas_bench.modules.image import builders
from tnas_bench.modules.prepare import prepare as prepare_module
from tnas_bench.run import Job, own, own_csv, planned, run_job, sealed_study, start
from tnas_bench.seeds import stream
from tnas_bench.spaces import tnaml
from tnas_bench.spaces.tnaml import text_space
from tnas_bench.study import replay
from tnas_bench.tasks.prepare import prepare as prepare_task

SCALE = load_scale("tiny")
PRETRAINING = "tnaml/pretraining/tnaml/multitask/seed0"
TRANSFER = "tnaml/transfer/tnaml/sms_spam/seed0"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A working folder with the tiny scale's tasks and modules, of images too, and its pretraining study."""
    folder = tmp_path_factory.mktemp("place")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for module in SCALE.modules:
            prepare_module(module, plan.module_folder(SCALE, module), Path("cache"))
        for module in SCALE.images.modules:
            builders.prepare(module, plan.module_folder(SCALE, module), Materials(Path("cache"), None, {}))
        for task in (*SCALE.pretraining_tasks, *SCALE.transfer_tasks, *SCALE.images.transfer_tasks):
            prepare_task(task, plan.task_folder(SCALE, task), SCALE.data, None, cache=Path("cache"))
        run_job(planned(plan.find_study(SCALE, PRETRAINING)))
    return folder


@pytest.fixture
def here(place, monkeypatch):
    monkeypatch.chdir(place)
    return place


def job(name, **changes):
    return Job(**{**vars(planned(plan.find_study(SCALE, name))), **changes})


def trials(folder):
    return read_trials(folder).drop(columns="seed")


def test_one_and_two_workers_give_the_same_bytes(here, tmp_path, monkeypatch):
    for count in (1, 2):
        monkeypatch.setenv("OMP_NUM_THREADS", str(count))  # as Snakemake sets it
        study = job("tnaml/transfer/naml/sms_spam/seed0", folder=tmp_path / str(count), trials=10)
        run_job(study, f"processes:{count}")
    for file in ("journal.jsonl", "trials.parquet"):
        assert (tmp_path / "1" / file).read_bytes() == (tmp_path / "2" / file).read_bytes()


def test_a_cluster_in_another_folder_gives_the_same_bytes(here, tmp_path):
    """The worker has the nanny that Dask's command gives it, and a folder in which relative paths lead nowhere."""
    name, folders = "tnaml/transfer/naml/sms_spam/seed0", (tmp_path / "here", tmp_path / "there")
    run_job(job(name, folder=folders[0], trials=10))
    with LocalCluster(n_workers=0, dashboard_address=None) as cluster:
        command = [sys.executable, "-m", "dask", "worker", cluster.scheduler_address, "--nthreads", "1"]
        worker = subprocess.Popen([*command, "--no-dashboard"], cwd=tmp_path, stderr=subprocess.DEVNULL)
        try:
            run_job(job(name, folder=folders[1], trials=10), f"dask:{cluster.scheduler_address}")
        finally:
            worker.terminate()
            worker.wait()
    for file in ("journal.jsonl", "trials.parquet"):
        assert (folders[0] / file).read_bytes() == (folders[1] / file).read_bytes()
    assert read_card(folders[1])["executor"] == "dask"


def prepare_encoder(folder):
    """A frozen encoder of a package that is nowhere installed."""
    sha256 = {"weights": "0" * 64}
    facts = {"name": "use-multilingual", "package": "made-up==1", "dimension": 3, "language": "en", "trained": True}
    card = modules.EncoderCard(**facts, stand_in=True, note="", sha256=sha256)
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(card.model_dump_json())


def test_frozen_encoders_work_before_the_workers_do(here, tmp_path, monkeypatch):
    """What is replaced here reaches no worker process: had one to encode a text, it would miss the package."""
    scale = SCALE.model_copy(update={"modules": ("use-multilingual",)})
    prepare_encoder(plan.module_folder(scale, "use-multilingual"))
    monkeypatch.setattr(Encoder, "encode", lambda encoder, texts: np.array([[len(text), 1, 2] for text in texts]))
    name = "tnaml/transfer/naml/sms_spam/seed0"
    for count in (2, 1):
        run_job(job(name, scale=scale, folder=tmp_path / str(count), trials=10), f"processes:{count}")
    assert (tmp_path / "1" / "journal.jsonl").read_bytes() == (tmp_path / "2" / "journal.jsonl").read_bytes()
    card = read_card(tmp_path / "2")
    assert card["inputs"]["modules"]["use-multilingual"]["trainable"] is False
    assert card["study"]["settings"]["modules"] == {"use-multilingual": {"weights": "0" * 64}}


def scramble(folder, copy):
    """A copy of a prepared task whose test labels are permuted."""
    copy.mkdir()
    for file in folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    table = pq.read_table(copy / "test.parquet")
    labels = stream("scrambled").permutation(table["label"].to_numpy()).astype(np.int32)
    assert (labels != table["label"].to_numpy()).any()
    pq.write_table(table.set_column(1, "label", pa.array(labels)), copy / "test.parquet")
    card = json.loads((copy / "card.json").read_text(encoding="utf-8"))
    card["sha256"]["test"] = file_sha256(copy / "test.parquet")
    (copy / "card.json").write_text(json.dumps(card), encoding="utf-8")


@pytest.mark.parametrize("name", ["tnaml/transfer/naml/sms_spam/seed0", TRANSFER])
def test_test_labels_reach_no_proposal(here, tmp_path, name):
    scramble(plan.task_folder(SCALE, "sms_spam"), tmp_path / "sms_spam")
    run_job(job(name, folder=tmp_path / "true"))
    run_job(job(name, folder=tmp_path / "false", tasks={"sms_spam": tmp_path / "sms_spam"}))
    true, false = trials(tmp_path / "true"), trials(tmp_path / "false")
    assert true.drop(columns="test").equals(false.drop(columns="test"))
    assert not true["test"].equals(false["test"])


def test_a_transferred_controller_starts_from_what_pretraining_taught(here, tmp_path):
    transferred, fresh = tmp_path / "transferred", tmp_path / "fresh"
    run_job(job(TRANSFER, folder=transferred))
    run_job(job(TRANSFER, folder=fresh, pretrained=None))
    assert trials(transferred)["actions"].tolist() != trials(fresh)["actions"].tolist()
    settings = json.loads((transferred / "runcard.json").read_text(encoding="utf-8"))["study"]["settings"]
    assert settings["pretrained"] == read_card(plan.results(SCALE) / PRETRAINING)["hash"]


def test_transfer_keeps_the_weights_that_the_pretraining_study_ended_with(here, tmp_path):
    run_job(job(TRANSFER, folder=tmp_path / "study"))
    space = text_space(SCALE.modules, SCALE.training_steps)
    study = sealed_study(tmp_path / "study")
    once, again = (start(study, space, plan.results(SCALE) / PRETRAINING) for _ in range(2))
    untaught = start(study, space, None)
    weights = [dict(each.policy.named_parameters()) for each in (once, again, untaught)]
    assert all(weights[0][name].equal(weights[1][name]) for name in weights[0])
    assert not any(weights[0][name].equal(weights[2][name]) for name in weights[0])


def test_pretraining_visits_every_task(here):
    assert set(read_trials(plan.results(SCALE) / PRETRAINING)["task"]) == set(SCALE.pretraining_tasks)


def test_transfer_across_spaces_is_refused(here, tmp_path):
    other = SCALE.model_copy(update={"training_steps": (5, 10, 20)})
    with pytest.raises(UserError, match="had another space"):
        run_job(job(TRANSFER, scale=other, folder=tmp_path))


def test_transfer_between_different_controllers_is_refused(here, tmp_path):
    for controller in ("agnostic", "final_child", "mnms"):
        with pytest.raises(UserError, match="had another controller; give a study of the same scale and controller"):
            run_job(job(TRANSFER, controller=controller, folder=tmp_path / controller))
    other = SCALE.model_copy(update={"controller": ControllerSettings(learning_rate=0.5)})
    with pytest.raises(UserError, match="had another controller"):
        run_job(job(TRANSFER, scale=other, folder=tmp_path / "other"))


@pytest.mark.parametrize("controller", ["random_search", "naml", "optuna_tpe"])
def test_controllers_that_start_from_scratch_are_not_taught(here, tmp_path, controller):
    with pytest.raises(UserError, match=f"controller {controller} starts from scratch; .* tnaml, agnostic"):
        run_job(job(TRANSFER, controller=controller, folder=tmp_path))


@pytest.mark.parametrize(
    ("teacher", "student"), [("agnostic", "agnostic"), ("agnostic", "final_child"), ("mnms", "mnms")]
)
def test_a_student_takes_up_the_weights_of_its_teacher(here, tmp_path, teacher, student):
    run_job(job(PRETRAINING, controller=teacher, folder=tmp_path / "teacher"))
    run_job(job(TRANSFER, controller=student, folder=tmp_path / "student", pretrained=tmp_path / "teacher"))
    space, study = text_space(SCALE.modules, SCALE.training_steps), sealed_study(tmp_path / "teacher")
    taught = start(sealed_study(tmp_path / "student"), space, tmp_path / "teacher")
    replayed, untaught = start(study, space, None), start(study, space, None)
    replay(study, replayed, tmp_path / "teacher")
    weights = [dict(each.policy.named_parameters()) for each in (taught, replayed, untaught)]
    assert all(weights[0][name].equal(weights[1][name]) for name in weights[0])
    assert not all(weights[0][name].equal(weights[2][name]) for name in weights[0])
    proposals = set(read_trials(tmp_path / "student")["actions"].map(tuple))
    assert (proposals == {taught.policy.mode(torch.zeros(25))}) == (student == "final_child")


def test_what_was_best_in_a_study_of_any_controller_is_tried_first(here, tmp_path):
    run_job(job(TRANSFER, controller="best_first", folder=tmp_path))
    pretraining = read_trials(plan.results(SCALE) / PRETRAINING)
    best = [rows.loc[rows["validation"].idxmax(), "actions"] for _, rows in pretraining.groupby("task", sort=False)]
    expected = list(dict.fromkeys(map(tuple, best)))
    assert read_trials(tmp_path)["actions"].map(tuple).tolist()[: len(expected)] == expected


def test_a_journal_says_what_its_own_algorithm_was_set_to(here, tmp_path):
    other = SCALE.model_copy(update={"controller": SCALE.controller.model_copy(update={"ppo": PpoSettings(epochs=2)})})
    for controller in ("ppo", "naml"):
        run_job(job("tnaml/transfer/naml/sms_spam/seed0", controller=controller, folder=tmp_path / controller))
    known = sealed_study(tmp_path / "ppo").settings["controller"]
    assert known["ppo"] == SCALE.controller.ppo.model_dump() and "trpo" not in known
    naml = sealed_study(tmp_path / "naml").settings["controller"]
    assert known == naml | {"name": "ppo", "ppo": known["ppo"]}
    run_job(job("tnaml/transfer/naml/sms_spam/seed0", scale=other, folder=tmp_path / "naml"))  # none of its business
    with pytest.raises(UserError, match=r"settings\.controller"):
        run_job(job("tnaml/transfer/naml/sms_spam/seed0", scale=other, controller="ppo", folder=tmp_path / "ppo"))


def test_a_journal_of_other_child_training_is_refused(here, tmp_path, monkeypatch):
    run_job(job("tnaml/transfer/naml/sms_spam/seed0", folder=tmp_path, trials=5))
    monkeypatch.setattr("tnas_bench.children.VERSION", 0)
    with pytest.raises(UserError, match=r"settings\.children"):
        run_job(job("tnaml/transfer/naml/sms_spam/seed0", folder=tmp_path, trials=10))


def test_cards_of_modules_are_read_without_their_vocabulary(here):
    (module,) = SCALE.modules
    folder = plan.module_folder(SCALE, module)
    assert modules.card(folder) == modules.Module.load(folder).card


def test_a_study_of_images_gives_the_same_bytes_with_one_and_two_workers(here, tmp_path):
    for count in (1, 2):
        study = own(SCALE, plan.task_folder(SCALE, "task7"), tmp_path / str(count), "naml", None, trials=10, seed=0)
        run_job(study, f"processes:{count}")
    found = [tmp_path / str(count) / "tiny/naml/seed0/trials.parquet" for count in (1, 2)]
    assert found[0].read_bytes() == found[1].read_bytes()
    card = read_card(study.folder)
    assert list(card["inputs"]["modules"]) == list(SCALE.images.modules)
    assert card["inputs"]["tasks"]["task7"]["kind"] == "image"
    assert "wide_learning_rate" not in sealed_study(study.folder).settings["space"]
    both = job("tnaml/transfer/naml/sms_spam/seed0", tasks=study.tasks | {"sst": plan.task_folder(SCALE, "sst")})
    with pytest.raises(UserError, match="has tasks of texts and of images; give tasks of one kind"):
        run_job(both)


@pytest.mark.parametrize("kind", ["text", "image"])
def test_children_that_diverge_are_trials_as_others_are(here, tmp_path, monkeypatch, kind):
    rates, finite, correct = (1e30, 1e38), [], Group._correct
    monkeypatch.setattr(tnaml, "LEARNING_RATES", rates)
    monkeypatch.setitem(tnaml.DEEP, "deep_learning_rate", rates)

    def watched(group, *split):
        finite.append(group.logits(*split).isfinite().all(2))
        return correct(group, *split)

    monkeypatch.setattr(Group, "_correct", watched)
    task = plan.task_folder(SCALE, {"text": "sms_spam", "image": "task7"}[kind])
    study = own(SCALE, task, tmp_path, "naml", None, trials=10, seed=0)
    run_job(study)
    accuracies = read_trials(study.folder)[["validation", "half", "test"]].to_numpy()
    assert any(not part.any() for part in finite)  # a child that is lost for all rows
    assert len(accuracies) == 10 and accuracies.min() == 0 and accuracies.max() <= 1


def test_own_tables_of_one_name_are_kept_apart(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    places = []
    for folder, label in (("one", "good"), ("two", "fine"), ("two", "fine")):
        csv = Path(folder) / "reviews.csv"
        csv.parent.mkdir(exist_ok=True)
        csv.write_text("body,stars\n" + f"a text,{label}\nanother,bad\nunlabelled,\n" * 20, encoding="utf-8")
        prepared, place = own_csv(csv, "body", "stars")
        places.append(place)
        assert tasks.load(prepared).classes == tuple(sorted((label, "bad")))
    assert places[0] != places[1] == places[2]
    assert "40 rows, 20 without text or class; 2 classes" in capsys.readouterr().out
