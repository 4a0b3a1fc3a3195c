"""The report as a file: what it says of results and runs, nothing fetched, foreign text escaped."""

import re
import shutil

import pandas as pd
import pytest
from report_made import RUN, RUNS, Elements, choices, judged

from tnas_bench import report
from tnas_bench.claims import shown
from tnas_bench.config import ROOT
from tnas_bench.errors import UserError

pytestmark = pytest.mark.xdist_group("report")


def test_nothing_is_fetched(page):
    elements = Elements(page)
    addresses = [
        value
        for _, attributes in elements.tags
        for name, value in attributes.items()
        if name in {"src", "href", "srcset", "poster", "data", "action", "background"}
    ]
    assert addresses and all(address.startswith(("#", "data:")) for address in addresses)
    assert not {"iframe", "object", "embed", "base"} & {tag for tag, _ in elements.tags}
    assert elements.named("script") == [{}]  # our own, which is in the page
    assert not any(word in page for word in ("@import", "fetch(", "XMLHttpRequest", "import("))
    assert all(address.startswith("#") for address in re.findall(r"url\(([^)]*)\)", page))
    assert len(page.encode()) < 5_000_000


def test_links_inside_the_page_lead_somewhere(page):
    elements = Elements(page)
    ids = {attributes["id"] for _, attributes in elements.tags if "id" in attributes}
    assert {link["href"].removeprefix("#") for link in elements.named("a") if link["href"] != "#"} <= ids
    assert len(ids) == sum("id" in attributes for _, attributes in elements.tags if "id" in attributes)


def test_foreign_text_is_escaped(page):
    assert "toy: &lt;script&gt;alert(1)&lt;/script&gt; &amp; no claim" in page
    assert "Emotion &lt;b&gt;" in page and "Emotion <b>" not in page


def test_it_says_how_much_is_sealed(page):
    assert "2 of 3 planned runs are sealed" in page


def test_facts_of_the_cards(page):
    for fact in (
        "some-package==1.0",
        "rows: 12,000 here, 40,000 published",
        "only the first third",
        "stand-in",
        "frozen encoder",
        "ab" * 32,
    ):
        assert fact in page
    assert "tnaml/transfer/naml/emotion/seed1" in page


def test_time_by_experiment(scale, folder):
    distances = {key: RUN[key] for key in ("study", "cpu", "inputs")} | {"steps": 8, "seconds": 5400}
    slow = {name: card | {"seconds": 1350} for name, card in RUNS.items()}
    page = report.build(scale, folder, slow | {"ldnas/distances/vgg16/task3/seed0": distances}, {})
    table = page.partition('<section id="time">')[2].partition("</section>")[0]
    rows = [re.sub(r"<[^>]*>", " ", row).split() for row in table.split("<tr>")[2:]]
    assert rows == [
        ["ldnas/distances", "1", "8", "1.50", "0.00148", "67%"],
        ["tnaml/transfer", "2", "6", "0.75", "0.00222", "33%"],
        ["together", "3", "14", "2.25", "0.00173", "100%"],
    ]
    assert "Time of the sealed runs" not in report.build(scale, folder, {}, {})


def test_choices_name_files_that_exist():
    assert choices().notna().all(axis=None)
    assert all((ROOT / place).is_file() for place in choices()["where"])


def test_settings_tell_choices_from_the_papers(scale):
    rows = {row["name"]: row for row in report.settings(scale)}
    assert rows["controller.entropy"]["choice"] and "[choice]" not in rows["controller.entropy"]["meaning"]
    assert not rows["controller.layers"]["choice"] and rows["controller.layers"]["value"] == "2"
    assert all(row["meaning"] for row in rows.values())


def test_exhibits_that_are_not_there_are_named(scale, tmp_path):
    shown.save(judged(scale), tmp_path)
    page = report.build(scale, tmp_path, {}, {})
    assert "Not built at this scale: Table 1. Transfer Learning with Neural AutoML; Figure 1 (right)." in page


def test_missing_verdicts_or_figures_are_the_users_mistake(scale, folder, tmp_path):
    with pytest.raises(UserError, match="make it with: tnas-bench claims"):
        report.build(scale, tmp_path, {}, {})
    shown.save(judged(scale), tmp_path)
    shutil.copytree(folder / "tables", tmp_path / "tables")
    with pytest.raises(UserError, match="make it with: tnas-bench exhibit tnaml_fig1"):
        report.build(scale, tmp_path, {}, {})
    table = tmp_path / "tables" / "tnaml_table1.csv"
    pd.read_csv(table).drop(columns="own_bar").to_csv(table, index=False)
    with pytest.raises(UserError, match="is of another version"):
        report.build(scale, tmp_path, {}, {})
