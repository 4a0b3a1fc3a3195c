"""The report as a browser sees it: everything there, nothing fetched, no sideways scrolling of the page."""

import html
import os
import shutil
import subprocess
from html.parser import HTMLParser

import ldnas_made
import mnms_made
import pandas as pd
import pytest
import table_made
import tnaml_made

from tnas_bench import report
from tnas_bench.config import ROOT, Budgets, Phases, load_scale
from tnas_bench.errors import UserError
from tnas_bench.exhibits import EXHIBITS
from tnas_bench.exhibits.files import read_table

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]
TASK = {
    "task": "emotion",
    "title": "Emotion <b>",
    "role": "transfer",
    "grade": "subset",
    "via": "package",
    "package": "some-package==1.0",
    "note": "only the first third",
    "rows": {"train": 10, "validation": 1, "test": 1, "total": 12000, "dropped": 0},
    "published": {"rows": None, "classes": 13, "mean_characters": 73},
    "differences": ["rows: 12,000 here, 40,000 published"],
    "in_train": {"validation": 0, "test": 7},
    "majority_accuracy": 0.2157,
    "licence": "CC0",
    "more": "than asked for",
}
MODULE = {
    "name": "small-module",
    "dimension": 16,
    "words": 0,
    "buckets": 1024,
    "language": "en",
    "trained": False,
    "stand_in": True,
    "note": "made up",
}
ENCODER = {"name": "small-encoder", "dimension": 512, "language": "en", "trained": True, "trainable": False}
ENCODER |= {"stand_in": True, "note": "made up", "package": "small-encoder==1"}
OF_IMAGES = {"kind": "image", "name": "small-network", "network": "network", "dimension": 1280, "side": 64}
OF_IMAGES |= {"trained": True, "stand_in": False, "note": "", "source": "made up", "sha256": {"weights": "0"}}
RUN = {
    "study": {"name": "tnaml/transfer/naml/emotion", "seed": 1, "tasks": ["emotion"], "settings": {"a": [1]}},
    "trials_sha256": "ab" * 32,
    "commit": None,
    "cpu": "a processor",
    "seconds": 1.5,
}


@pytest.fixture(scope="module")
def scale():
    trials = Budgets(pretraining=10, transfer=10, fixed=5)
    label = "toy: <script>alert(1)</script> & no claim"
    paper = load_scale("paper")
    images = paper.images.model_copy(update={"trials": Phases(pretraining=10, transfer=10)})
    return paper.model_copy(update={"label": label, "trials": trials, "images": images})


def read_by(exhibit, scale, images):
    match exhibit.name.split("_")[0]:
        case "tnaml":
            return tnaml_made.read_by(exhibit, scale.transfer_tasks)
        case "mnms":
            return mnms_made.read_by(exhibit)
        case "table":
            return table_made.made(*table_made.TESTS)
    return images


@pytest.fixture(scope="module")
def folder(scale, tmp_path_factory, save):
    folder = tmp_path_factory.mktemp("report")
    images = ldnas_made.everything(("task3", "task6", "task7"), ("task3", "task6"), (0, 1), grade="subset")
    for exhibit in EXHIBITS.values():
        save(exhibit, exhibit.build(read_by(exhibit, scale, images), scale), folder, scale.label)
    return folder


@pytest.fixture(scope="module")
def page(scale, folder):
    report.write(folder / "index.html", scale, folder, [TASK], [MODULE, ENCODER, OF_IMAGES], [RUN])
    return (folder / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    """Dump the document of a page as the browser holds it after loading, without any network."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("TNAS_REQUIRE_BROWSER") == "1":
            pytest.fail("TNAS_REQUIRE_BROWSER is set and there is no chromium")
        pytest.skip("no chromium")

    def dump(path, width=1440):
        profile = tmp_path_factory.mktemp("profile")
        command = [
            program,
            *FLAGS,
            f"--user-data-dir={profile}",
            f"--window-size={width},900",
            "--dump-dom",
            path.as_uri(),
        ]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout

    return dump


class Elements(HTMLParser):
    """All start tags of a document with their attributes, and the text of each element name."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts, self.open = [], [], None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.open = tag

    def handle_data(self, data):
        if data.strip():
            self.texts.append((self.open, data.strip()))

    def named(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    def text(self, tag):
        return [text for name, text in self.texts if name == tag]


def test_what_a_browser_shows(page, folder, chromium):
    seen = Elements(chromium(folder / "index.html"))
    assert seen.text("h2") == ["Exhibits", "Data", "Modules", "Choices", "Settings", "Runs"]
    assert seen.text("h3") == [exhibit.title for exhibit in EXHIBITS.values()]
    tables = [table for each in EXHIBITS.values() for table in each.tables(read_table(each, folder)).values()]
    assert len(seen.named("table")) == len(seen.named("caption")) == len(tables) + 4  # data, modules, choices, settings
    rows = [attributes for attributes in seen.named("th") if attributes["scope"] == "row"]
    assert len(rows) == sum(map(len, tables)) + 1 + 3 + len(list(report.settings(load_scale("paper")))) + len(choices())
    assert {attributes["scope"] for attributes in seen.named("th")} == {"row", "col", "colgroup"}
    figures = [exhibit for exhibit in EXHIBITS.values() if exhibit.draw]
    assert all(image["alt"] for image in seen.named("img")) and len(seen.named("img")) == len(figures)
    assert not any("open" in details for details in seen.named("details")) and len(seen.named("details")) == 1


def test_nothing_is_fetched(page):
    elements = Elements(page)
    addresses = [
        value
        for _, attributes in elements.tags
        for name, value in attributes.items()
        if name in {"src", "href", "srcset", "poster", "data", "action", "background"}
    ]
    assert addresses and all(address.startswith(("#", "data:")) for address in addresses)
    assert not {"script", "iframe", "object", "embed", "base"} & {tag for tag, _ in elements.tags}
    (style,) = elements.text("style")
    assert "url(" not in style and "@import" not in style
    assert len(page.encode()) < 5_000_000


def test_links_inside_the_page_lead_somewhere(page):
    elements = Elements(page)
    ids = {attributes["id"] for _, attributes in elements.tags if "id" in attributes}
    assert {link["href"].removeprefix("#") for link in elements.named("a")} <= ids


def test_foreign_text_is_escaped(page):
    assert "toy: &lt;script&gt;alert(1)&lt;/script&gt; &amp; no claim" in page
    assert "Emotion &lt;b&gt;" in page and "Emotion <b>" not in page


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


def choices():
    return pd.read_csv(ROOT / "data/choices.tsv", sep="\t")


def test_choices_name_files_that_exist():
    assert choices().notna().all(axis=None)
    assert all((ROOT / place).is_file() for place in choices()["where"])


def test_settings_tell_choices_from_the_papers(scale):
    rows = {row["name"]: row for row in report.settings(scale)}
    assert rows["controller.entropy"]["choice"] and "[choice]" not in rows["controller.entropy"]["meaning"]
    assert not rows["controller.layers"]["choice"] and rows["controller.layers"]["value"] == "2"
    assert all(row["meaning"] for row in rows.values())


def measured(page, width, folder, chromium):
    """Widths of the page's content and of its window, in a frame as wide as told."""
    wrapper = folder / "wrapper.html"
    wrapper.write_text(
        f'<iframe width="{width}" height="800" style="border:0" srcdoc="{html.escape(page)}"></iframe><output></output>'
        "<script>onload = () => { const root = document.querySelector('iframe').contentDocument.documentElement;"
        "document.querySelector('output').textContent = root.scrollWidth + ' ' + root.clientWidth }</script>",
        encoding="utf-8",
    )
    (output,) = Elements(chromium(wrapper, 1600)).text("output")
    return tuple(int(number) for number in output.split())


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_never_scrolls_sideways(width, page, folder, chromium):
    opened = page.replace("<details>", "<details open>")
    assert measured(opened, width, folder, chromium) == (width, width)


def test_that_sideways_scrolling_would_be_seen(page, folder, chromium):
    assert measured(page.replace("overflow-x: auto", ""), 390, folder, chromium)[0] > 390


def test_exhibits_that_are_not_there_are_named(scale, tmp_path):
    page = report.build(scale, tmp_path, [], [], [])
    assert "Not built at this scale: Table 1. Transfer Learning with Neural AutoML; Figure 1 (right)." in page


def test_a_missing_figure_is_the_users_mistake(scale, folder, tmp_path):
    shutil.copytree(folder / "tables", tmp_path / "tables")
    with pytest.raises(UserError, match="make it with: tnas-bench figure tnaml_fig1"):
        report.build(scale, tmp_path, [], [], [])


def test_a_report_that_cannot_be_written_leaves_nothing(scale, folder, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="cannot be written"):
        report.write(tmp_path / "file" / "index.html", scale, folder, [], [], [])
    assert os.listdir(tmp_path) == ["file"]
