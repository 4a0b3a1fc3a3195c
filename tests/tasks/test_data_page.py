"""``docs/data.md``: nothing is missing from it, and its tables are those of the verbs."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tnas_bench.cli_data import app
from tnas_bench.errors import UserError
from tnas_bench.tasks import page, registry

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/data.md").read_text(encoding="utf-8")


def section(verb, text=PAGE):
    """The cells of the rows of a table, without its header."""
    _, found = text.split(f"<!-- tnas-bench data {verb} -->")
    table = [line for line in found.split("<!-- end -->")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def test_every_task_stands_in_the_table_of_status():
    assert [cells[0] for cells in section("status")] == [task.name for task in registry.task_rows()]


def test_every_file_stands_on_the_page_with_its_hash_and_difference(tmp_path):
    """Written once more, the table is the same: it is not older than ``data/*.tsv``."""
    copy = tmp_path / "data.md"
    copy.write_text(PAGE, encoding="utf-8")
    assert CliRunner().invoke(app, ["files", "--into", str(copy)]).exit_code == 0
    assert copy.read_text(encoding="utf-8") == PAGE
    known = {cells[0] for cells in section("files")}
    assert known == {task.dataset for task in registry.task_rows()}
    for file in (ROOT / "data/files.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        dataset, name, sha256, *_ = file.split("\t")
        assert f"| {dataset} |" in PAGE and (name in PAGE or sha256 in PAGE), f"{dataset}: {name}"


def test_every_text_task_is_above_its_most_frequent_class():
    reached = {cells[0].split("/")[1]: (float(cells[-2]), float(cells[-1])) for cells in section("baseline")}
    assert set(reached) == {task.name for task in registry.task_rows() if task.kind == "text"}
    assert all(linear > frequent for frequent, linear in reached.values())


def test_a_table_takes_the_place_of_the_old_one_and_of_nothing_else(tmp_path):
    path = tmp_path / "page.md"
    first, second = (
        "<!-- tnas-bench data files -->\n| old |\n<!-- end -->",
        "<!-- tnas-bench data status -->\n<!-- end -->",
    )
    path.write_text(f"# Data\n{first}\nafter\n{second}\n")
    for _ in range(2):
        page.put(path, "data files", ("name", r"a\1"), [("x | y", "z ")])
    table = "| name | a\\1 |\n| --- | --- |\n| x &#124; y | z |"
    new = f"<!-- tnas-bench data files -->\n\n{table}\n\n<!-- end -->"
    assert path.read_text() == f"# Data\n{new}\nafter\n{second}\n"


def test_a_page_that_is_not_there_or_has_no_place_is_one_line(tmp_path):
    with pytest.raises(
        UserError, match=r"gone\.md: cannot be read and written \(No such file or directory\); give ano"
    ):
        page.put(tmp_path / "gone.md", "data files", ("a",), [])
    (tmp_path / "bare.md").write_text("# Data\n<!-- tnas-bench data files -->\n")
    with pytest.raises(UserError, match=r"bare\.md: has no lines '<!-- tnas-bench data files -->' and '<!-- end -->'"):
        page.put(tmp_path / "bare.md", "data files", ("a",), [])


def test_a_file_inside_an_archive_and_one_without_a_hash(weather_task):
    weather_task.source("weather", {"w.csv": b"a"}, grade="unchecked", note="never seen")
    weather_task.file("weather", "all.zip", b"z")
    weather_task.file("weather", "w.csv", b"a", sha256="", inside="all.zip/in/w.csv")
    first, second = page.known_files()
    assert first[:3] == ("weather", "file", "weather.csv") and first[4:] == ("exact", "none known")
    names = "w.csv (or all.zip, which holds it)"
    assert second == ("weather", "file", names, "unknown", "unchecked", "never seen")
