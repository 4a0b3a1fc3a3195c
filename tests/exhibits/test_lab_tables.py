"""The tables in reports/lab are those that the sealed results beside them give, all of them, without a run."""

from datetime import datetime

import pytest
from pandas.testing import assert_frame_equal

from tnas_bench import exhibit_results, exhibits, plan, plan_ldnas
from tnas_bench.config import ROOT, load_scale
from tnas_bench.exhibits.files import read_table, save_table
from tnas_bench.journal.sealed import read_card

LAB = ROOT / "reports" / "lab"
TABLES = sorted(path.stem for path in LAB.glob("tables/*.csv"))


def test_every_exhibit_has_its_table():
    assert set(TABLES) == set(exhibits.EXHIBITS)


def test_no_sealed_run_is_older_than_what_it_read():
    """The workflow goes by these times: it would compute such a run anew, and ask for data."""
    scale = load_scale("lab")
    read = {study.folder: [study.pretraining] if study.pretraining else [] for study in plan.all_studies(scale)}
    read |= {run.folder: plan_ldnas.inputs(run) for run in plan_ldnas.all_runs(scale)}
    sealed = {folder: datetime.fromisoformat(read_card(ROOT / folder)["sealed"]) for folder in read}
    assert [run for run, inputs in read.items() if any(sealed[each.folder] > sealed[run] for each in inputs)] == []


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_not_older_than_the_results(name, tmp_path):
    scale, exhibit = load_scale("lab"), exhibits.find(name)
    frame = exhibit.build(exhibit_results.read(scale, name, exhibit_results.planned(scale, name)), scale)
    save_table(exhibit, frame, tmp_path, scale.label)
    made, told = read_table(exhibit, tmp_path), read_table(exhibit, LAB)
    mend = f"reports/lab is older than the results; run: snakemake {name} --cores 1 --config scale=lab"
    assert_frame_equal(made, told, rtol=1e-6, atol=1e-9, obj=mend)
