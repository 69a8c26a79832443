"""The console in a real browser on a real server with 100,000 items: flows, keys, phone, dark, accessibility."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from labelwright.adapters.personal_links import personal_link
from labelwright.entry.cli.servers import console_link
from labelwright.model.console import Role
from support.console import CLASSES, Seeded
from support.console import served as seeded_console
from support.node import node
from support.screen import CHROMIUM, CONSOLE

ROOT = Path(__file__).parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
AXE = ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = ROOT / "test-artifacts" / "console"
ITEMS = 100_000
VIEWS = {
    "overview": "/", "items": "/items", "item": "/items/r0000099", "agreement": "/agreement", "people": "/people",
    "person": "/people/dee", "review": "/review", "rounds": "/rounds", "datasets": "/datasets",
    "guidelines": "/guidelines", "setup": "/setup", "access": "/access", "own": "",
}  # fmt: skip
#: What axe finds of these grades is serious.
SERIOUS = ("serious", "critical")

pytestmark = CONSOLE


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[tuple[Seeded, str]]:
    """A seeded workspace behind a server."""
    with seeded_console(tmp_path_factory.mktemp("console") / "place", ITEMS) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator:
    sync = pytest.importorskip("playwright.sync_api")
    with sync.sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def signed_in(browser, served) -> dict:
    """The lead's cookies, by the link that `up` prints."""
    seeded, _ = served
    context = browser.new_context()
    page = context.new_page()
    page.goto(served[1] + "/link/" + console_link(seeded.place).rsplit("/", 1)[1])
    page.get_by_role("heading", name="Seeded reviews").wait_for()
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def page(browser, served, signed_in) -> Iterator:
    """A page of the lead; anything that the console complains about fails the test."""
    context = browser.new_context(
        storage_state=signed_in, viewport={"width": 1280, "height": 860}, base_url=served[1], accept_downloads=True
    )
    found, complaints, hosts = context.new_page(), [], set()
    found.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    found.on("pageerror", lambda e: complaints.append(str(e)))
    found.on("dialog", lambda d: complaints.append(d.message))
    found.on("request", lambda r: hosts.add(r.url.split("/")[2]) if r.url.startswith("http") else None)
    yield found
    context.close()
    assert complaints == []
    assert hosts <= {served[1].removeprefix("http://")}, "another host was asked"


def path_of(view: str, served) -> str:
    """An annotator's own page is known by its signed link only."""
    place = served[0].place
    return VIEWS[view] or personal_link("", place.secrets.ensure("page_secret", 64), "ada")


def ready(page) -> None:
    """The view is there, with its data."""
    page.locator(".head h1").wait_for()
    page.locator("[aria-busy=true]").first.wait_for(state="detached")


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_survives_reload_in_light_and_dark_and_on_a_phone(page, view, served):
    """A deep link shows the same after a reload; nothing overflows; pictures are kept for people to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.goto(path_of(view, served))
    ready(page)
    title = page.locator(".head h1").inner_text()
    page.reload()
    ready(page)
    assert page.locator(".head h1").inner_text() == title
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=SHOTS / f"{view}-{scheme}.png")
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path=SHOTS / f"{view}-phone.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(page, scheme, served):
    """Contrast, names, roles, focus: every view can be used without a mouse and with a screen reader."""
    node("--version")  # installs the packages
    page.emulate_media(color_scheme=scheme)
    found = {}
    for view in VIEWS:
        page.goto(path_of(view, served))
        ready(page)
        page.evaluate(AXE.read_text(encoding="utf-8"))  # by the debugger's door: the page's own policy lets nothing in
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        bad = [(v["id"], v["nodes"][0]["html"][:120]) for v in result["violations"] if v["impact"] in SERIOUS]
        if bad:
            found[view] = bad
    assert found == {}


def test_items_are_found_filtered_and_opened_by_keys(page):
    """Search, facet and keys lead to one item with all its answers; what is hostile stays text."""
    page.goto("/items")
    page.get_by_text("100,000 or more items").or_(page.get_by_text("100,000 items")).wait_for()
    page.get_by_role("searchbox").fill("sentence 12345 ")
    page.get_by_text("1 items").wait_for()
    page.get_by_role("region", name="Items").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Item r0012345").wait_for()
    page.get_by_text("All answers (2)").wait_for()
    page.goto("/items/r0000099")
    page.get_by_text("<img src=x onerror=alert(99)>").wait_for()


def test_a_cell_of_the_matrix_opens_the_items_behind_it(page):
    """From a number to the answers behind it in one click."""
    page.goto("/agreement")
    page.get_by_role("link", name="pairs of answers: Positive and Negative").first.click()
    page.wait_for_url("**/items?**pair=**")
    page.get_by_text("differ").first.wait_for()
    row = page.locator(".vrow").first
    row.wait_for()
    assert {"Positive", "Negative"} <= {c for c in CLASSES if c in row.inner_text()}


def test_an_expert_decides_with_one_key(page, served):
    """The final word is kept under the expert's name, and the next item is there."""
    page.goto("/review")
    heading = page.locator("h2", has_text="Item r").first
    first = heading.inner_text().removeprefix("Item ")
    page.keyboard.press("2")
    page.locator("h2", has_text=f"Item {first}").wait_for(state="detached")
    project = served[0].service.console.project
    deadline = time.monotonic() + 20
    while not (kept := project.store.consensus("label", [first])) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (kept[0].state.value, kept[0].label, kept[0].by) == ("adjudicated", "Negative", "Lead")


def test_the_leads_questions_are_answered_by_clicking_and_tables_download(page):
    """How good, who needs help, what is confused, what is contested, when, how much; and the numbers as CSV."""
    page.goto("/")
    for question in ("How good are the labels?", "When will it be done?", "What will it cost?", "Who needs help"):
        page.get_by_text(question).wait_for()
    page.get_by_role("link", name="All people").click()
    page.get_by_text("looks random").wait_for()
    with page.expect_download() as got:
        page.get_by_label("Download CSV").click()
    assert Path(got.value.path()).read_text(encoding="utf-8").startswith("id,name,level")


def test_first_load_is_light(page):
    """What the first screen needs, charts included, as it travels."""
    page.goto("/")
    ready(page)
    page.locator("canvas").first.wait_for()
    sizes = page.evaluate(
        "performance.getEntriesByType('resource').filter(r => r.name.includes('/assets/')).map(r => r.transferSize)"
    )
    assert 50_000 < sum(sizes) < 350_000


def test_an_annotator_sees_their_page_and_nothing_else(browser, served, page):
    """No management data, also not by typing an address."""
    seeded, address = served
    accounts = seeded.service.console.accounts
    account = accounts.add("Ada", Role.ANNOTATOR, annotator="ada")
    context = browser.new_context(base_url=address)
    mine = context.new_page()
    mine.goto("/link/" + accounts.link(account.role, account.id))
    mine.get_by_role("heading", name="Hello, Ada").wait_for()
    mine.goto("/people")
    mine.get_by_role("heading", name="Hello, Ada").wait_for()
    assert mine.get_by_role("link", name="People").count() == 0
    context.close()
