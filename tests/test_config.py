"""Scales are typed, and a mistake in one is told in one line."""

import re

import pytest

from tnas_bench import checks, plan
from tnas_bench.config import CONFIG, Budgets, PriceSettings, load_scale
from tnas_bench.errors import UserError

SCALES = ["tiny", "smoke", "lab", "paper"]


@pytest.mark.parametrize("name", SCALES)
def test_every_scale_is_valid_and_plans_its_studies(name):
    scale = load_scale(name)
    studies = plan.all_studies(scale)
    position = {study.path: place for place, study in enumerate(studies)}
    assert len(position) == len(studies)
    for study in studies:
        assert study.pretraining is None or position[study.pretraining.path] < position[study.path]


def test_studies_of_the_lab_scale_by_hand():
    """A study of one task and seed at most; 8 tasks to learn on, 13 to transfer to, 4 of them for algorithms."""
    lab = load_scale("lab")
    transfer = 3 * 13 + 2 * 13 + 2 * 13 + 3 * 13 + 3 * 4  # methods, beyond the paper, ablation, again, algorithms
    searches = lab.seeds * (2 + 2 * 8 + transfer + (1 + 3) + (1 + 2) + 2)
    searches -= (lab.seeds - 1) * 4 * (3 + 2 + 2 + 3)  # four tasks have long texts
    assert len(plan.all_studies(lab)) == searches + 3 * 4  # seeds and tasks of the table


def test_budgets_by_hand():
    lab = load_scale("lab")
    budgets = {
        "tnaml/pretraining/tnaml/multitask/seed0": 2000,
        "tnaml/pretraining/naml/airline/seed0": 250,  # an eighth of that
        "tnaml/transfer/naml/sms_spam/seed0": 300,
        "tnaml/transfer/naml/sentiment_cine/seed0": 2000,
        "tnaml/transfer/agnostic/sms_spam/seed0": 50,
        "tnaml/transfer/final_child/sms_spam/seed0": 10,
        "mnms/pretraining/apart/sst/seed0": 200,
        "mnms/transfer/scratch/multitask/seed0": 300,
    }
    assert {path: plan.find_study(lab, path).trials for path in budgets} == budgets


def test_a_search_that_is_not_in_the_paper_is_planned_where_the_scale_lists_it():
    lab = load_scale("lab")
    variants = {study.variant for study in plan.exhibit_studies(lab, "tnaml_table1")}
    assert variants == {"random_search", "naml", "tnaml", *lab.beyond} and "optuna_random" not in variants
    without = plan.exhibit_studies(lab.model_copy(update={"beyond": ()}), "tnaml_table1")
    assert {study.variant for study in without} == {"random_search", "naml", "tnaml"}


def test_paper_scale_has_the_papers_budgets():
    scale = load_scale("paper")
    assert len(scale.pretraining_tasks) == 8 and len(scale.transfer_tasks) == 13
    assert scale.trials.trials("sms_spam") == 5000 and scale.trials.fixed_trials("sms_spam") == 500
    assert scale.trials.trials("brown_corpus") == scale.trials.fixed_trials("brown_corpus") == 250
    assert scale.trials.trials("newsgroups20") == 2500
    assert (scale.round_size, scale.controller.learning_rate, scale.top_n) == (1, 1e-4, 10)


def test_lab_scale_is_real_data_only():
    assert {load_scale(name).data.sources for name in ("lab", "paper")} == {("mirror", "publisher")}


def test_a_module_of_tasks_is_trained_on_all_texts_of_its_language_and_belongs_to_its_scale():
    lab = load_scale("lab")
    english, spanish = (plan.module_tasks(lab, f"ppmi-{language}-dim50") for language in ("en", "es"))
    assert spanish == ("sentiment_cine",) and "sentiment_cine" in lab.transfer_tasks
    assert english == tuple(task for task in lab.pretraining_tasks + lab.transfer_tasks if task not in spanish)
    assert plan.module_tasks(lab, "glove-50d") == ()
    assert str(plan.module_folder(lab, "ppmi-en-dim50")) == "data/modules/lab/ppmi-en-dim50"
    assert plan.module_folder(lab, "glove-50d") == plan.module_folder(load_scale("paper"), "glove-50d")


def test_a_module_without_tasks_of_its_language_is_found_before_anything_runs(tmp_path):
    text = (CONFIG / "tiny.yaml").read_text(encoding="utf-8").replace("generated-dim16", "ppmi-es-dim50")
    with pytest.raises(UserError, match="modules: scale mine has no task of language 'es'") as error:
        checks.check(load_scale(write(tmp_path, text)))
    assert "\n" not in str(error.value)


def test_results_do_not_depend_on_the_price():
    tiny = load_scale("tiny")
    assert repr(tiny) == repr(tiny.model_copy(update={"price": PriceSettings(accept=True)}))


def test_every_setting_says_what_it_means():
    def fields(model):
        for field in model.model_fields.values():
            inner = field.annotation
            if hasattr(inner, "model_fields"):
                yield from fields(inner)
            else:
                yield field

    from tnas_bench.config import Scale

    assert all(field.description for field in fields(Scale))


def write(tmp_path, text, name="mine.yaml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_users_own_scale(tmp_path):
    text = (CONFIG / "tiny.yaml").read_text(encoding="utf-8")
    assert load_scale(write(tmp_path, text)).name == "mine"


@pytest.mark.parametrize(
    "change, told",
    [
        (("transfer: 10", "transfer: 0"), "trials.transfer: should be greater than or equal to 1, not 0"),
        (("seeds: 1", "seeds: many"), "seeds: should be a whole number, not 'many'"),
        (("seeds: 1", "sedes: 1"), "sedes: unknown key"),
        (("seeds: 1", "seeds: 1\nseeds_by_task: {sms_spam: 2}"), "seeds_by_task.sms_spam (2) is more than that of all"),
        (("seeds: 1", "seeds: 1\nseeds_by_task: {sst: 1}"), "seeds_by_task: sst is not among the transfer_tasks"),
        (("fixed: 5", "fixed: 50"), "fixed (50) is more than transfer (10)"),
        (("seeds: 1", "seeds: ["), "not YAML"),
        (("[airline, sst]", "[airline, sms_spam]"), "tasks listed twice: sms_spam"),
        (("fixed: 5", "fixed: 2"), "top_n (3) is more than the fixed trials of sms_spam"),
        (
            ("kind: released, channels: 3", "kind: released, channels: 8"),
            "released has no stem: give it 3 channels, not 8",
        ),
        (("seeds: 1", "seeds: 1\nname: 3"), "name: a scale has the name of its file"),
        (("[task7]", "[flowers]"), "tasks listed twice: flowers"),
        (("  trials: {pretraining: 10, transfer: 10}", "  trials: {pretraining: 10, transfer: 2}"), "images.trials"),
        (
            ("trials: {pretraining: 10, transfer: 10} # over both tasks", "trials: {pretraining: 5, transfer: 9}"),
            "mnms.trials",
        ),
    ],
)
def test_mistakes_are_told_in_one_line(tmp_path, change, told):
    text = (CONFIG / "tiny.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    with pytest.raises(UserError, match=r"mine\.yaml") as error:
        load_scale(write(tmp_path, text.replace(*change, 1)))
    assert told in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    "change, told",
    [
        (
            ("seeds: 1", "seeds: 1\nbeyond: [optuna_tpee]"),
            "beyond: has 'optuna_tpee'; take some of best_first",
        ),
        (
            ("exhibits: [tnaml_table1", "exhibits: [tnaml_table9"),
            "exhibits: has 'tnaml_table9'; take some of tnaml_table1",
        ),
        (("[task7]", "[emotion]"), "emotion is not a task of images"),
        (("[sst, airline]", "[sst, task7]"), "task7 is not a task of texts"),
    ],
)
def test_names_that_do_not_fit_are_told_before_anything_runs(tmp_path, change, told):
    text = (CONFIG / "tiny.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    with pytest.raises(UserError, match=re.escape(told)) as error:
        checks.check(load_scale(write(tmp_path, text.replace(*change, 1))))
    assert "\n" not in str(error.value)


def test_a_scale_that_plans_no_study_says_so():
    with pytest.raises(UserError, match="plans no study 'x': it plans none at all"):
        plan.find_study(load_scale("tiny").model_copy(update={"exhibits": ("ldnas_fig1",)}), "x")


def test_image_studies_have_the_learning_rate_of_their_small_budgets():
    paper = load_scale("paper")
    assert (paper.controller.learning_rate, paper.controller_at(paper.images.learning_rate).learning_rate) == (
        1e-4,
        1e-3,
    )
    assert paper.controller_at(None) == paper.controller


def test_a_scale_of_the_users_own_may_not_bear_the_name_of_another(tmp_path):
    text = (CONFIG / "tiny.yaml").read_text(encoding="utf-8")
    with pytest.raises(UserError, match="rename the file"):
        load_scale(write(tmp_path, text, "lab.yaml"))


def test_unknown_scale_lists_the_known():
    with pytest.raises(UserError, match="lab, paper, smoke, tiny"):
        load_scale("huge")


def test_a_transferred_study_starts_from_the_pretraining_of_its_seed():
    study = plan.find_study(load_scale("lab"), "tnaml/transfer/tnaml/sms_spam/seed1")
    assert study.pretraining.path == "tnaml/pretraining/tnaml/multitask/seed1"
    assert study.pretraining.tasks == load_scale("lab").pretraining_tasks
    assert plan.find_study(load_scale("lab"), "tnaml/transfer/naml/sms_spam/seed1").pretraining is None


@pytest.mark.parametrize("change", [("sms_spam", "sms_spma"), ("generated-dim16", "dim16")])
def test_unknown_names_are_found_before_anything_runs(tmp_path, change):
    text = (CONFIG / "tiny.yaml").read_text(encoding="utf-8").replace(*change)
    with pytest.raises(UserError, match=change[1]):
        checks.check(load_scale(write(tmp_path, text)))


def test_unknown_study_and_exhibit():
    with pytest.raises(UserError, match="plans no study"):
        plan.find_study(load_scale("smoke"), "tnaml/transfer/naml/sms_spam/seed9")
    with pytest.raises(UserError, match="unknown exhibit"):
        plan.exhibit_studies(load_scale("smoke"), "tnaml_table9")


def test_slow_tasks_have_smaller_budgets():
    budgets = Budgets(pretraining=9, transfer=100, fixed=50, by_task={"slow": 20})
    assert (budgets.trials("slow"), budgets.fixed_trials("slow")) == (20, 20)
    assert (budgets.trials("other"), budgets.fixed_trials("other")) == (100, 50)
