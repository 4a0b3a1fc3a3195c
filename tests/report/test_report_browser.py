"""The report as a browser shows it: everything there, nothing dead, no sideways scrolling of the page."""

import os
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from report_made import Elements, choices

from tnas_bench import report
from tnas_bench.config import load_scale
from tnas_bench.exhibits import EXHIBITS
from tnas_bench.exhibits.files import read_table

FLAGS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"]

WIDTHS = (
    "document.querySelectorAll('details').forEach(each => { each.open = true }); document.documentElement.scrollWidth"
)
pytestmark = pytest.mark.xdist_group("report")


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


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_never_scrolls_sideways(visit, width):
    assert visit(width).evaluate(WIDTHS) == width


def test_that_sideways_scrolling_would_be_seen(visit, page, tmp_path):
    (tmp_path / "page.html").write_text(page.replace("overflow-x: auto", ""), encoding="utf-8")
    assert visit(390, tmp_path / "page.html").evaluate(WIDTHS) > 390
