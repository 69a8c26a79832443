"""The report page in a real browser: it loads nothing, runs nothing foreign, fits a phone, and works without script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labelwright.adapters.labelstudio.codec import LabelStudioCodec
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.reports.labelstudio import read_export
from labelwright.app.report import build_report
from labelwright.app.tables import tables_of
from labelwright.entry.render.html import render_html

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
EXPORT = Path(__file__).parents[1] / "integration" / "report_data" / "label_studio_1_23_2.json"

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no chromium"),
]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory) -> Path:
    found = read_export(EXPORT, LabelStudioCodec(), read_config)
    html = render_html(build_report(tables_of(found.annotations), "an export"))
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(html)
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator:
    sync = pytest.importorskip("playwright.sync_api")
    with sync.sync_playwright() as play:
        found = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield found
        found.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_asked_for_nothing_breaks_nothing_overflows(browser, page_file: Path, width: int, scheme: str):
    """No request besides the file, no message on the console, no dialog, no sideways scrolling."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    requests, complaints = [], []
    page.on("request", lambda r: requests.append(r.url))
    page.on("console", lambda m: complaints.append(m.text))
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.on("dialog", lambda d: complaints.append(d.message))
    page.goto(page_file.as_uri())
    assert requests == [page_file.as_uri()]
    assert not complaints
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_the_filter_leaves_the_items_that_hold_the_words(browser, page_file: Path):
    """A lead who types a class or a word sees only those items, folded ones too."""
    page = browser.new_page()
    page.goto(page_file.as_uri())
    items = page.locator("#control-1 [data-item]")
    total = items.count()
    page.locator("#filter-1").fill("leica")
    shown = [items.nth(n) for n in range(total) if items.nth(n).is_visible()]
    assert 0 < len(shown) < total
    assert all("leica" in one.inner_text().lower() for one in shown)
    page.close()


def test_pairs_are_sorted_by_a_click(browser, page_file: Path):
    """Clicking the value's heading sorts the table of pairs, and says so to a screen reader."""
    page = browser.new_page()
    page.goto(page_file.as_uri())
    page.locator("#control-1 details.fold summary", has_text="The same as a table").first.click()
    table = page.locator("#control-1 table.data", has=page.locator("th.num button")).first
    table.locator("th.num button").first.click()
    values = [float(v) for v in table.locator("tbody td:nth-child(2)").all_inner_texts()]
    assert len(values) > 2
    assert values == sorted(values)
    assert table.locator("th[aria-sort=ascending]").count() == 1
    page.close()


def test_everything_is_there_without_script(browser, page_file: Path):
    """With scripts off the verdict, the measures, the items and the annotators are all readable."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_file.as_uri())
    text = page.locator("body").inner_text()
    for words in ("Can I train on this?", "Krippendorff", "Difficult items", "Annotators", "unitizing"):
        assert words.lower() in text.lower()
    assert not page.locator("#filter-1").is_visible()
    context.close()


def test_what_is_folded_is_printed(browser, page_file: Path):
    """Printing opens the folded items and closes them again."""
    page = browser.new_page()
    page.goto(page_file.as_uri())
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0
    page.close()
