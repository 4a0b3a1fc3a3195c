"""A table holds what the journals of its studies hold, and says what it is."""

import json
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest
from tabular_made import SPACE, grid_study, task_card

from tnas_bench.errors import UserError
from tnas_bench.tabular import files
from tnas_bench.tabular.gather import gather


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_row_is_a_line_of_a_journal(studies, table):
    rows = {(row.task, row.seed, row.configuration): row for row in table.rows.itertuples()}
    for folder in studies:
        header, *trials = lines(folder / "journal.jsonl")
        for trial, time in zip(trials, lines(folder / "timings.jsonl"), strict=True):
            row = rows.pop((trial["task"], header["seed"], trial["trial"]))
            assert (row.validation, row.half, row.test) == (trial["validation"], trial["half"], trial["test"])
            assert row.seconds == time["seconds"] and row.seconds_measured
            for (name, choices), action in zip(header["settings"]["space"].items(), trial["actions"], strict=True):
                assert getattr(row, name) == choices[action]
    assert not rows


def test_rows_are_in_order_whatever_the_order_of_the_studies(studies, table):
    assert table.rows["task"].tolist() == ["news"] * 32 + ["spam"] * 32
    assert table.rows["configuration"].head(4).tolist() == [0, 0, 1, 1]
    assert table.rows["seed"].head(4).tolist() == [0, 1, 0, 1]
    assert gather(studies[::-1], "").tasks == ["spam", "news"]


def test_true_values_and_noise_are_those_of_pandas(table):
    news = table.rows[table.rows["task"] == "news"].groupby("configuration")["test"]
    np.testing.assert_allclose(table.truth("news"), news.mean())
    assert table.noise("news") == pytest.approx(np.sqrt(news.var().mean()))


def test_times_that_were_not_kept_are_the_mean_and_marked(studies, tmp_path):
    for name in ("trials.parquet", "runcard.json"):
        shutil.copy(studies[0] / name, tmp_path)
    rows = gather([tmp_path], "").rows
    times = [line["seconds"] for line in lines(studies[0] / "timings.jsonl")]
    assert not rows["seconds_measured"].any()
    np.testing.assert_allclose(rows["seconds"], np.mean(times))
    shared = [json.dumps({"trial": trial, "seconds": np.mean(times)}) for trial in range(16)]  # as a resumed study has
    (tmp_path / "timings.jsonl").write_text("\n".join(shared) + "\n")
    assert not gather([tmp_path], "").rows["seconds_measured"].any()


def test_the_file_has_types_and_says_what_it_is(table, tmp_path):
    files.write(table, tmp_path)
    schema = pq.read_schema(tmp_path / "table.parquet")
    types = {field.name: str(field.type) for field in schema}
    assert types["module"] == "string" and types["fine_tune"] == "bool" and types["training_steps"] == "int64"
    assert types["dropout"] == types["test"] == "double" and types["seconds_measured"] == "bool"
    described = json.loads(schema.metadata[b"description"])
    assert list(described["columns"]) == schema.names
    assert all(column["meaning"] and column["unit"] for column in described["columns"].values())
    assert described["tasks"]["spam"] == {key: task_card("spam")[key] for key in described["tasks"]["spam"]}
    assert described["modules"]["small"]["stand_in"] is True and described["children"] == 2
    assert len(described["studies"]) == 4 and described["label"] == "made up"


def test_what_was_written_reads_back(table, tmp_path):
    files.write(table, tmp_path)
    again = files.read(tmp_path / "table.parquet")
    assert again.description == table.description and again.space == table.space == SPACE
    assert again.rows.to_dict("list") == table.rows.to_dict("list")


def test_the_card_is_for_people(table, tmp_path):
    files.write(table, tmp_path)
    card, size = (tmp_path / "card.md").read_text(), (tmp_path / "table.parquet").stat().st_size
    assert "All 16 configurations" in card and f"64 trainings, one a row of `table.parquet` ({size:,} bytes)" in card
    assert "| normalisation | none, batch |" in card and "| hidden_size (fixed) | 8 |" in card
    best, median = 100 * table.truth("news").max(), 100 * np.median(table.truth("news"))
    noise = 100 * table.noise("news")
    assert f"| 60.0 | {best:.1f} | {median:.1f} | {noise:.2f} | CC BY 4.0 |" in card
    assert "| small | yes | a stand-in |" in card and "modules are stand-ins" in card


@pytest.mark.parametrize(
    "other, told",
    [
        ({"children": 1}, "has other children than those before it"),
        ({"modules": {"small": {"matrix": "x"}, "big": {}}}, "has other modules"),
        ({"tasks": {"news": {"train": "other"}}}, "has other data of news"),
        ({"trials": 10}, "is not the whole grid"),
    ],
)
def test_studies_of_different_tables_are_refused(studies, tmp_path, other, told):
    odd = grid_study(tmp_path, "news", 1, **other)
    with pytest.raises(UserError, match=told) as error:
        gather([studies[0], odd], "")
    assert str(odd) in str(error.value) and "\n" not in str(error.value)


def test_a_table_with_a_hole_is_refused(studies):
    with pytest.raises(UserError, match="48 rows are not 2 tasks x 16 configurations x 2 seeds"):
        gather(studies[:3], "")
    with pytest.raises(UserError, match="no sealed grid studies"):
        gather([], "")


def test_what_is_no_table_is_refused(studies, tmp_path):
    for path in (tmp_path / "none.parquet", studies[0] / "trials.parquet", studies[0] / "runcard.json"):
        with pytest.raises(UserError, match="is no table; give one that this made: tnas-bench table make"):
            files.read(path)


@pytest.mark.parametrize("description", [b"{}", b"[]", b'{"tasks": {}}', b"no JSON"])
def test_a_table_with_a_damaged_description_is_refused(table, tmp_path, description):
    files.write(table, tmp_path)
    rows = pq.read_table(tmp_path / "table.parquet").replace_schema_metadata({"description": description})
    pq.write_table(rows, tmp_path / "other.parquet")
    with pytest.raises(UserError, match="is no table"):
        files.read(tmp_path / "other.parquet")
