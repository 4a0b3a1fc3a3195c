"""The report as a browser sees it: everything there, nothing fetched, no sideways scrolling of the page."""

import os
import re
import shutil
from html.parser import HTMLParser

import ldnas_made
import mnms_made
import pandas as pd
import pytest
import table_made
import tnaml_made
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tnas_bench import report
from tnas_bench.claims import shown
from tnas_bench.claims.ledger import ledger
from tnas_bench.config import ROOT, Budgets, Phases, load_scale
from tnas_bench.errors import UserError
from tnas_bench.exhibits import EXHIBITS
from tnas_bench.exhibits.files import read_table

FLAGS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"]
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
    "trials": 3,
    "seconds": 1.5,
    "inputs": {"tasks": {"emotion": TASK}, "modules": {card["name"]: card for card in (MODULE, ENCODER, OF_IMAGES)}},
}
RUNS = {"tnaml/transfer/naml/emotion/seed0": RUN, "tnaml/transfer/naml/emotion/seed1": RUN}


pytestmark = pytest.mark.xdist_group("report")


@pytest.fixture(scope="module")
def scale():
    trials = Budgets(pretraining=10, transfer=10, fixed=5)
    label = "toy: <script>alert(1)</script> & no claim"
    paper = load_scale("paper")
    images = paper.images.model_copy(update={"trials": Phases(pretraining=10, transfer=10)})
    return table_made.small(paper.model_copy(update={"label": label, "trials": trials, "images": images}))


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
    shown.save(judged(scale), folder)
    return folder


def judged(scale):
    """All claims, of which nothing was run; but the first two, of which there is something to show."""
    claims = ledger(scale).astype({"verdict": str})
    first = {"verdict": "reproduced", "estimate": 2400.0, "low": 2000.0, "high": 2900.0, "p": 0.01, "units": 3}
    first |= {"test": "t", "unit": "seeds", "runs": " ".join(RUNS)}
    claims.loc[0, list(first)] = list(first.values())
    claims.loc[1, list(first)] = list((first | {"verdict": "not reproduced", "estimate": 1900.0}).values())
    return claims


@pytest.fixture(scope="module")
def page(scale, folder):
    built = report.build(scale, folder, RUNS, {"tnaml_table1": [*RUNS, "not/sealed/seed0"]})
    (folder / "index.html").write_text(built, encoding="utf-8")
    return (folder / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def chromium():
    """A browser without any network."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("TNAS_REQUIRE_BROWSER") == "1":
            pytest.fail("TNAS_REQUIRE_BROWSER is set and there is no chromium")
        pytest.skip("no chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(page, folder, chromium):
    """Open the page in a window of some width; further settings are of the browser."""
    windows = []

    def opened(width=1440, address=folder / "index.html", **settings):
        windows.append(chromium.new_page(viewport={"width": width, "height": 900}, **settings))
        windows[-1].goto(address.as_uri())
        return windows[-1]

    yield opened
    for window in windows:
        window.close()


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


def test_what_a_browser_shows(visit, folder):
    seen = Elements(visit(java_script_enabled=False).content())
    assert seen.text("h2") == ["Verdicts", "Exhibits", "Data", "Modules", "Choices", "Settings", "Time", "Runs"]
    assert seen.text("h3") == [*(exhibit.title for exhibit in EXHIBITS.values()), "In common"]
    tables = [table for each in EXHIBITS.values() for table in each.tables(read_table(each, folder)).values()]
    assert len(seen.named("table")) == len(seen.named("caption")) == len(tables) + 7  # verdicts, claims, data, ...
    assert {attributes["scope"] for attributes in seen.named("th")} == {"row", "col", "colgroup"}
    figures = [attributes for attributes in seen.named("figure") if attributes["aria-label"]]
    drawn = [exhibit for exhibit in EXHIBITS.values() if exhibit.draw]
    assert len(figures) == len(seen.named("figure")) == len(seen.named("svg")) == len(drawn) + 1  # operating curves
    assert not any("open" in details for details in seen.named("details"))
    assert len(list(report.settings(load_scale("paper")))) + len(choices()) < len(seen.named("tr"))


@pytest.mark.parametrize("width, colours", [(390, "light"), (1440, "dark")])
def test_axe_finds_nothing(visit, width, colours):
    window = visit(width, color_scheme=colours)
    window.evaluate("document.querySelectorAll('details').forEach((each, place) => { each.open = place < 9 })")
    found = Axe().run(window)
    assert not found.violations_count, found.generate_report()


def test_axe_would_find_something(chromium):
    window = chromium.new_page()
    window.set_content("<title>page</title><main><h1>without a language</h1></main>")
    assert Axe().run(window).violations_count == 1
    window.close()


@pytest.mark.parametrize("width", [390, 1440])
def test_claims_are_sorted_by_a_click_and_by_the_keyboard(visit, width):
    window = visit(width)
    header = window.locator("#ledger thead th").filter(has_text="Ours")
    first = window.locator("#ledger tbody tr").first
    before = first.get_attribute("id")
    header.get_by_role("button").click()
    assert header.get_attribute("aria-sort") == "ascending"
    assert first.get_attribute("id") == "tnaml-table1-trials-newsgroups20-naml" != before
    assert first.locator("td").nth(1).inner_text() == "1900"  # what has no number comes last
    header.get_by_role("button").press("Enter")
    assert header.get_attribute("aria-sort") == "descending"
    assert first.locator("td").nth(1).inner_text() == "2400"


@pytest.mark.parametrize("width", [390, 1440])
def test_claims_are_filtered(visit, width):
    window = visit(width)
    rows, told = window.locator("#ledger tbody tr:visible"), window.locator("#filter output")
    total = rows.count()
    assert told.inner_text() == f"{total} of {total} claims" and total > 300
    window.locator("[name=verdict]").select_option("reproduced")
    assert rows.count() == 1 and told.inner_text() == f"1 of {total} claims"
    window.locator("[name=paper]").select_option("ldnas")
    assert rows.count() == 0
    window.locator("[name=verdict]").select_option("")
    window.get_by_label("Contains", exact=True).fill("vgg")
    window.evaluate("location.hash = 'tnaml-table1-trials-newsgroups20-naml'")  # a link to one that is hidden
    assert rows.count() == total
    window.get_by_label("Contains", exact=True).fill("vgg")
    assert 0 < rows.count() < total and all("VGG" in row for row in rows.all_inner_texts())


def test_without_scripts_every_claim_stands_there_and_no_control_is_dead(visit):
    window = visit(java_script_enabled=False)
    assert window.locator("#ledger tbody tr:visible").count() > 300 and not window.locator("#filter").is_visible()
    assert window.locator("#ledger button").count() == 0


def test_a_link_to_a_run_card_opens_it(visit):
    window = visit()
    card = window.locator("dl[id='tnaml/transfer/naml/emotion/seed1']")
    assert not card.is_visible()
    window.evaluate("location.hash = 'tnaml/transfer/naml/emotion/seed1'")
    assert card.is_visible() and "a processor" in card.inner_text()


def test_curves_tell_their_values_where_the_pointer_is(visit, folder):
    """By what stands in the picture, and is found under the pointer: the browser shows the title of that."""
    window, frame = visit(), read_table(EXHIBITS["table_searches"], folder)
    dot = window.locator("#table_searches use:has(title)").nth(1)  # the first is half beyond its axes
    dot.scroll_into_view_if_needed()
    box = dot.bounding_box()
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    told = window.evaluate("place => document.elementFromPoint(...place).querySelector('title').textContent", middle)
    line = frame[frame["measure"] == "sorted"].drop_duplicates("place").set_index("place")["mean"]
    place = int(told.split()[-1].removesuffix(")"))
    assert place > 1 and told == f"Configurations: {line[place]:.4g} (Configurations, best first: {place})"


def test_it_prints_everything(visit):
    window = visit()
    window.emulate_media(media="print")
    assert not window.locator("#filter").is_visible()
    assert window.evaluate(
        "[...document.querySelectorAll('.box')].every(each => each.clientHeight >= each.scrollHeight)"
    )


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


def choices():
    return pd.read_csv(ROOT / "data/choices.tsv", sep="\t")


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


WIDTHS = (
    "document.querySelectorAll('details').forEach(each => { each.open = true }); document.documentElement.scrollWidth"
)


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_never_scrolls_sideways(visit, width):
    assert visit(width).evaluate(WIDTHS) == width


def test_that_sideways_scrolling_would_be_seen(visit, page, tmp_path):
    (tmp_path / "page.html").write_text(page.replace("overflow-x: auto", ""), encoding="utf-8")
    assert visit(390, tmp_path / "page.html").evaluate(WIDTHS) > 390


def test_exhibits_that_are_not_there_are_named(scale, tmp_path):
    shown.save(judged(scale), tmp_path)
    page = report.build(scale, tmp_path, {}, {})
    assert "Not built at this scale: Table 1. Transfer Learning with Neural AutoML; Figure 1 (right)." in page


def test_missing_verdicts_or_figures_are_the_users_mistake(scale, folder, tmp_path):
    with pytest.raises(UserError, match="make it with: tnas-bench claims"):
        report.build(scale, tmp_path, {}, {})
    shown.save(judged(scale), tmp_path)
    shutil.copytree(folder / "tables", tmp_path / "tables")
    with pytest.raises(UserError, match="make it with: tnas-bench figure tnaml_fig1"):
        report.build(scale, tmp_path, {}, {})
    table = tmp_path / "tables" / "tnaml_table1.csv"
    pd.read_csv(table).drop(columns="own_bar").to_csv(table, index=False)
    with pytest.raises(UserError, match="is of another version"):
        report.build(scale, tmp_path, {}, {})
