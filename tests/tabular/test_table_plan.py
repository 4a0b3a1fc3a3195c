"""The tabular benchmark as a scale plans it, and as the command line makes and searches it."""

from pathlib import Path

import pytest

from tnas_bench import checks, cli_table, plan
from tnas_bench.config import CONFIG, load_scale
from tnas_bench.errors import UserError
from tnas_bench.journal.sealed import read_card, read_trials
from tnas_bench.modules.prepare import prepare as prepare_module
from tnas_bench.run import planned, run_job
from tnas_bench.tabular.files import read
from tnas_bench.tasks.prepare import prepare as prepare_task

MINE = """\
table:
  tasks: [sms_spam]
  seeds: 2
  choices:
    fine_tune: [false]
    hidden_layers: [1]
    hidden_size: [8, 16]
    activation: [relu]
    normalisation: [none]
    dropout: [0.0]
    deep_learning_rate: [0.1]
    deep_regularisation: [0.0]
    wide_learning_rate: [1.0]
    wide_regularisation: [0.0]
"""


def scale_file(folder, text=MINE):
    """A scale of the user's own that makes the table and nothing else."""
    before, after = (CONFIG / "tiny.yaml").read_text(encoding="utf-8").split("table:\n")
    exhibits = before.replace(
        "exhibits: [tnaml_table1, tnaml_fig2, ldnas_fig1, ldnas_sigma]", "exhibits: [table_searches]"
    )
    assert exhibits != before
    rest = "  trials: {pretraining: 4, transfer: 4}\nldnas:\n" + after.split("ldnas:\n")[1]
    (folder / "mine.yaml").write_text(exhibits + text + rest, encoding="utf-8")
    return str(folder / "mine.yaml")


def test_the_table_of_the_lab_scale_by_hand():
    lab = load_scale("lab")
    assert plan.table_space(lab).size == 3 * 2 * 2 * 2 * 3 * 3 * 3 == 648
    studies = plan.table_studies(lab)
    assert len(studies) == 4 * 3 and studies[0].path == "table/grid/all/sms_spam/seed0"
    assert {(study.trials, study.round_size) for study in studies} == {(648, 648)}
    assert set(plan.study_modules(studies[0])) < set(lab.modules)


def test_tables_are_of_real_data_that_other_exhibits_show():
    for name in ("lab", "paper"):
        scale = load_scale(name)
        assert set(scale.table.tasks) <= set(scale.transfer_tasks) and scale.table.seeds == 3
        assert 500 <= plan.table_space(scale).size <= 2000


def test_a_scale_without_the_exhibit_trains_no_grid():
    assert not [study for study in plan.all_studies(load_scale("tiny")) if study.of_table]


@pytest.mark.parametrize(
    "change, told",
    [
        (("hidden_size: [8, 16]", "hidden_size: [8, 9]"), "hidden_size has no choice 9; take some of [8, 16, 32"),
        (("hidden_size: [8, 16]", "size: [8]"), "no decision of the space: size"),
        (("tasks: [sms_spam]", "tasks: [sms]"), "sms"),
        ((MINE[MINE.index("    fine") :], "    module: [generated-dim16]\n"), "its table would have"),
    ],
)
def test_a_mistake_is_found_before_anything_runs(tmp_path, change, told):
    assert change[0] in MINE
    with pytest.raises(UserError) as error:
        checks.check(load_scale(scale_file(tmp_path, MINE.replace(*change))))
    assert told in str(error.value) and "\n" not in str(error.value)


def test_from_the_plan_to_a_search(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    scale = load_scale(scale_file(tmp_path))
    prepare_module("generated-dim16", plan.module_folder(scale, "generated-dim16"), Path("cache"))
    prepare_task("sms_spam", plan.task_folder(scale, "sms_spam"), scale.data, None, cache=Path("cache"))
    for study in plan.table_studies(scale):
        run_job(planned(study))
        trials = read_trials(study.folder)
        assert trials["actions"].tolist() == list(plan.table_space(scale).enumerate())
        assert (
            set(trials["round"]) == {0} and read_card(study.folder)["study"]["settings"]["controller"]["name"] == "grid"
        )
    cli_table.make("mine.yaml")
    table = read(Path("results/mine/table/table.parquet"))
    assert table.rows["seconds_measured"].all() and table.rows.shape[0] == 4 * 2
    cli_table.search("sms_spam", "naml", trials=6, pretraining=0, seed=0, seeds=2, table=None, scale="mine.yaml")
    made, best, *told = capsys.readouterr().out.splitlines()
    assert made == "results/mine/table: 4 configurations x 1 tasks x 2 seeds"
    assert f"the best has {100 * table.truth('sms_spam').max():.2f}% test accuracy" in best
    assert [line.split(":")[0] for line in told[::2]] == ["random_search", "naml"]
    assert all("hidden_size" in line and "training_steps" in line and "module" not in line for line in told[1::2])
