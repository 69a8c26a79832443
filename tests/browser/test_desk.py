"""An annotator at work in a real browser: sign in at the desk's link, read the guidelines, label by keys."""

from __future__ import annotations

import json

import pytest

from labelwright.adapters.processes import wait_until
from labelwright.app.annotations import annotation_set
from labelwright.app.delivery import deliver
from labelwright.app.rounds import open_assignments, open_round
from support import workspaces
from support.screen import SHOTS, browser_page

sync_api = pytest.importorskip("playwright.sync_api")
HOSTILE = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"

pytestmark = pytest.mark.server


@pytest.fixture
def place(tmp_path, label_studio):
    made = workspaces.make(tmp_path / "ws", label_studio, n=10)
    path = made.root / "guidelines.md"
    path.write_text(path.read_text() + f"\n## In doubt\n\n{HOSTILE}\n\nAsk.\n")
    made = type(made)(made.root, made.settings)
    made.server.start(None, "test")
    workspaces.join(made, "Ada")
    yield made
    made.server.stop()


@pytest.fixture
def page():
    with browser_page(height=800) as opened:
        yield opened


def sign_in(page, desk, account):
    page.goto(desk.url)
    page.fill("input[name=email]", account["email"])
    page.fill("input[name=password]", account["password"])
    page.screenshot(path=SHOTS / "desk-sign-in.png")
    page.click("button[type=submit]")


def wait_for_task(page):
    """The next sentence. Who is quicker than the refill sees an empty stream, and reloads as a person would."""
    for _ in range(4):
        try:
            page.get_by_text("sentence number").first.wait_for(timeout=20_000)
        except sync_api.TimeoutError:
            page.reload()
        else:
            return
    page.screenshot(path=SHOTS / "desk-empty.png")
    pytest.fail("the desk stays empty")


def test_ten_sentences_labeled_through_the_desks_link_are_in_the_report(place, page, capsys):
    """The link that `team list` shows leads to the work; what is labeled by keys is counted without a command."""
    project, desks = place.project(), place.desks()
    open_round(project)
    (desk,) = project.store.desks("work")
    deliver(project, desks, desk, place.owner)
    sign_in(page, desk, place.secrets.account("ada"))
    guidelines = page.get_by_text("Labeling Instructions")
    guidelines.wait_for(timeout=60_000)
    page.screenshot(path=SHOTS / "desk-guidelines.png")
    assert "Say how it feels" in page.inner_text("body")
    page.keyboard.press("Escape")
    guidelines.wait_for(state="hidden", timeout=10_000)
    for number in range(10):
        wait_for_task(page)
        if number == 0:
            page.screenshot(path=SHOTS / "desk-task.png")
        shown = page.get_by_text("sentence number").first.inner_text()
        page.keyboard.press("1")
        page.keyboard.press("Control+Enter")
        page.wait_for_function(
            "shown => !document.body.innerText.includes(shown)", arg=shown, timeout=60_000
        ) if number < 9 else page.wait_for_timeout(1500)
    page.screenshot(path=SHOTS / "desk-end.png")
    assert page.evaluate("window.hacked") is None
    assert wait_until(lambda: not open_assignments(project, 1), timeout=60)
    found = annotation_set(project)
    assert len(found.valid) == 10
    assert {e.value.labels for a in found.valid for e in a.answer.of("label")} == {("Positive",)}
    assert all(a.seconds and a.seconds > 0 for a in found.valid)
    from labelwright.entry.cli.report import report_command

    report_command(json=True, workspace=place.root)
    report = json.loads(capsys.readouterr().out)
    assert (report["items"], report["annotators"], report["annotations"]) == (10, 1, 10)
