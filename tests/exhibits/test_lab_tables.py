"""The tables in reports/lab are those that the sealed results beside them give."""

import pytest
from pandas.testing import assert_frame_equal

from tnas_bench import exhibit_results, exhibits
from tnas_bench.config import ROOT, load_scale
from tnas_bench.exhibits.files import read_table, save_table

LAB = ROOT / "reports" / "lab"
TABLES = sorted(path.stem for path in LAB.glob("tables/*.csv"))


def test_there_are_tables():
    assert TABLES


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_not_older_than_the_results(name, tmp_path):
    scale, exhibit = load_scale("lab"), exhibits.find(name)
    frame = exhibit.build(exhibit_results.read(scale, name, exhibit_results.planned(scale, name)), scale)
    save_table(exhibit, frame, tmp_path, scale.label)
    made, told = read_table(exhibit, tmp_path), read_table(exhibit, LAB)
    mend = f"reports/lab is older than the results; run: snakemake {name} --cores 1 --config scale=lab"
    assert_frame_equal(made, told, rtol=1e-6, atol=1e-9, obj=mend)
