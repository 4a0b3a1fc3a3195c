"""The files of exhibits: complete, labelled, the same bytes every time, and enough to make everything again."""

import html
import re
import xml.etree.ElementTree as ElementTree

import ldnas_made
import mnms_made
import pandas as pd
import pytest
import table_made
import tnaml_made
from docutils.core import publish_parts
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser

from tnas_bench.errors import UserError
from tnas_bench.exhibits import EXHIBITS, files, svg
from tnas_bench.exhibits.files import LONG, read_table, save_figure

pytestmark = pytest.mark.xdist_group("exhibits")
LABEL = "toy: 100% made up & small_budgets"
SAID = {  # by paper, of inputs that are not its own
    "tnaml": [": subset", "stand in for the paper's: small"],
    "mnms": ["Sentiment ", ": subset", "stand in for the paper's: small"],
    "ldnas": ["Task 6, Task 7: subset"],
    "table": ["Sms Spam: subset", "stand in for the papers': small"],
}


@pytest.fixture(scope="module")
def images():
    """Results of LD-NAS, of images that are not the paper's."""
    return ldnas_made.everything(("task3", "task6", "task7"), ("task3", "task6"), (0, 1), grade="subset")


@pytest.fixture(scope="module", params=EXHIBITS.values(), ids=list(EXHIBITS))
def exhibit(request):
    return request.param


@pytest.fixture(scope="module")
def frame(exhibit, scale, images):
    return built(exhibit, scale, images)


def built(exhibit, scale, images):
    if paper(exhibit) == "tnaml":
        return exhibit.build(tnaml_made.read_by(exhibit, ["emotion", "sms_spam"]), scale)
    if paper(exhibit) == "mnms":
        return exhibit.build(mnms_made.read_by(exhibit, grade="subset", stand_ins="small"), scale)
    if paper(exhibit) == "table":
        return exhibit.build(table_made.made(*table_made.TESTS), table_made.small(scale))
    return exhibit.build(images, ldnas_made.scale(("task3", "task6", "task7"), ("task3", "task6"), 2))


@pytest.fixture(scope="module")
def saved(exhibit, frame, save, tmp_path_factory):
    """A folder with all files of the exhibit."""
    folder = tmp_path_factory.mktemp(exhibit.name)
    save(exhibit, frame, folder, LABEL)
    return folder


def paper(exhibit):
    return exhibit.name.split("_")[0]


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_saved_twice_gives_the_same_bytes(exhibit, frame, saved, tmp_path, save):
    save(exhibit, frame, tmp_path, LABEL)
    first = contents(saved)
    expected = {f"tables/{exhibit.name}.{form}" for form in ("csv", "md", "tex")}
    if exhibit.draw:
        expected |= {f"figures/{exhibit.name}.{form}" for form in ("svg", "png")}
    assert first.keys() == expected
    assert first == contents(tmp_path)


@pytest.mark.parametrize("drawn", [each for each in EXHIBITS.values() if each.draw], ids=lambda each: each.name)
def test_nothing_of_a_picture_is_cut_off(drawn, scale, images, tmp_path, monkeypatch):
    figures = []
    monkeypatch.setattr(files, "_save_png", lambda figure, _: figures.append(figure))
    monkeypatch.setattr(Figure, "savefig", lambda *_, **__: None)
    monkeypatch.setattr(svg, "finish", lambda *_: None)
    save_figure(drawn, built(drawn, scale, images).assign(label=LABEL), tmp_path)
    figure = figures[0]
    figure.draw_without_rendering()
    for axes in figure.axes:
        box = axes.get_tightbbox()  # titles and labels included
        assert box.x0 >= -1 and box.y0 >= -1, axes.get_title(loc="left")
        assert box.x1 <= figure.bbox.x1 + 1 and box.y1 <= figure.bbox.y1 + 1, axes.get_title(loc="left")


def test_csv_is_enough_to_make_the_rest(exhibit, frame, saved, tmp_path):
    again = read_table(exhibit, saved)
    pd.testing.assert_frame_equal(again.drop(columns="label"), frame, check_dtype=False)
    for title, table in exhibit.tables(frame).items():
        pd.testing.assert_frame_equal(exhibit.tables(again)[title], table)
    if exhibit.draw:
        save_figure(exhibit, again, tmp_path)
        assert contents(tmp_path / "figures") == contents(saved / "figures")


def test_every_file_says_what_its_numbers_rest_on(exhibit, saved):
    table = pd.read_csv(saved / "tables" / f"{exhibit.name}.csv")
    assert set(table["label"]) == {LABEL} and set(table["grade"].dropna()) == {"subset"}
    for column in table.columns.intersection(LONG):
        assert table[column].iloc[0] != "as above" and set(table[column].iloc[1:].dropna()) <= {"as above"}
    said = SAID[paper(exhibit)]
    text = (saved / "tables" / f"{exhibit.name}.md").read_text()
    assert all(sentence in text for sentence in [LABEL, *said])
    latex = (saved / "tables" / f"{exhibit.name}.tex").read_text()
    assert all(sentence in latex for sentence in [r"toy: 100\% made up \& small\_budgets", *said])


def test_latex_is_whole(exhibit, frame, saved):
    latex = (saved / "tables" / f"{exhibit.name}.tex").read_text()
    assert re.findall(r"\\begin{(\w+)}", latex)[0] == "table"
    assert sorted(re.findall(r"\\begin{(\w+)}", latex)) == sorted(re.findall(r"\\end{(\w+)}", latex))
    assert latex.count("{") - latex.count(r"\{") == latex.count("}") - latex.count(r"\}")
    assert latex.isascii()
    tables = latex.split(r"\begin{tabular}")[1:]
    assert len(tables) == len(exhibit.tables(frame))
    for table in tables:
        rows = [line for line in table.splitlines() if line.endswith(r"\\") and "multicolumn" not in line]
        assert len({line.count(" & ") for line in rows}) == 1
        assert not any(line.startswith("[") for line in rows)  # which the row before would take as its space
    # No sign means something else outside of formulas, and these can be read.
    plain = re.sub(r"\\[&%$#_{}]|\$[^$]+\$|\\label{\w+:\w+}", "", latex)
    assert not re.search(r"[%$#_^~]", plain)
    for formula in set(re.findall(r"(?<!\\)\$[^$]+\$", latex)):
        assert MathTextParser("path").parse(formula).width > 0


def test_a_caption_is_plain_words_to_snakemakes_report(exhibit):
    body = publish_parts(exhibit.caption, writer="html")["body"]
    assert html.unescape(body).split() == f"<p>{exhibit.caption}</p>".split()


def test_markdown_rows_have_as_many_cells(exhibit, frame, saved):
    blocks = (saved / "tables" / f"{exhibit.name}.md").read_text().split("\n\n")
    pipes = [block.splitlines() for block in blocks if block.startswith("|")]
    assert [len(block) - 2 for block in pipes] == [len(table) for table in exhibit.tables(frame).values()]
    assert all(len({line.count("|") for line in block}) == 1 for block in pipes)


def test_svg_is_well_formed_and_loads_nothing(exhibit, saved):
    drawings = list(saved.glob("figures/*.svg"))
    assert len(drawings) == bool(exhibit.draw)
    nodes = [node for drawing in drawings for node in ElementTree.parse(drawing).getroot().iter()]
    links = [value for node in nodes for name, value in node.attrib.items() if name.endswith(("href", "}src"))]
    assert links or exhibit.name != "tnaml_fig2"  # whose ticks are links to a mark, so that there is one to look at
    assert all(link.startswith(("#", "data:")) for link in links)


def test_a_missing_table_is_named(exhibit, tmp_path):
    with pytest.raises(UserError, match=f"make it with: tnas-bench exhibit {exhibit.name}"):
        read_table(exhibit, tmp_path)
