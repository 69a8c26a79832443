"""Contested items in the console on a real Label Studio: one click to the expert's desk; many items sent on at once."""

from __future__ import annotations

import pytest

from labelwright.adapters.processes import wait_until
from labelwright.app.delivery import deliver
from labelwright.app.rounds import open_round
from labelwright.entry.cli.servers import console_link
from labelwright.model.project import Level, Purpose
from support import workspaces
from support.screen import CONSOLE, SHOTS, browser_page

pytestmark = CONSOLE


@pytest.fixture
def place(tmp_path, label_studio):
    """Ada and Ben answer the same six items and agree on none; Cho has an empty desk, Eve is the expert."""
    made = workspaces.make(
        tmp_path / "ws",
        label_studio,
        n=6,
        overlap={"share": 1.0, "annotators": 2},
        sampling={"strategy": "random", "batch": 6},
    )
    workspaces.join(made, "Ada", "Ben")
    project = made.project()
    open_round(project)
    for desk in project.store.desks("work"):
        deliver(project, made.desks(), desk, made.owner)
    workspaces.join(made, "Cho", "Eve")
    eve = next(a for a in project.store.annotators() if a.id == "eve")
    project.store.put_annotator(type(eve)(**{**_fields(eve), "level": Level.EXPERT}))
    made.server.start(None, made.stamp())
    for who, label in (("ada", "Positive"), ("ben", "Negative")):
        assert workspaces.answer_all(made, who, label) == 6
    assert wait_until(
        lambda: sum(n for (_, _, s), n in project.store.counts().items() if s == "done") == 12, timeout=90
    )
    yield made
    made.server.stop()


def _fields(value) -> dict:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _select(page, item: str) -> None:
    page.get_by_label(f"Select {item}").check()


def _open_for(project, item: str, purpose: Purpose) -> list[str]:
    found = project.store.assignments_of_items([item])
    return [a.annotator for a in found if a.purpose is purpose and a.state.value == "delivered"]


def test_contested_items_go_to_the_expert_to_a_third_annotator_or_out_by_clicking(place, label_studio):
    """One click opens Label Studio at the item; selected items reach real desks, or leave, and the label is final."""
    project, link = place.project(), console_link(place)
    with browser_page(width=1360) as page:
        page.goto(link)
        page.get_by_role("link", name="Items", exact=True).click()
        page.get_by_text("6 items").first.wait_for()
        page.locator(".vrow", has_text="ben: Negative").first.wait_for()
        # Ask one more: whoever has not seen it gets it.
        _select(page, "s1")
        page.get_by_role("button", name="Ask for one more answer").click()
        page.get_by_role("toolbar", name="Selected items").wait_for(state="detached")
        assert wait_until(lambda: _open_for(project, "s1", Purpose.OVERLAP) in (["cho"], ["eve"]), timeout=60)
        # Send to the expert: it lies on her review desk.
        _select(page, "s2")
        page.get_by_role("button", name="Send to the expert").click()
        page.get_by_label("Why").fill("a typical case")
        page.get_by_role("button", name="Send", exact=True).click()
        page.get_by_role("toolbar", name="Selected items").wait_for(state="detached")
        assert wait_until(lambda: _open_for(project, "s2", Purpose.REVIEW) == ["eve"], timeout=90)
        # Exclude: it is out.
        _select(page, "s3")
        page.get_by_role("button", name="Exclude").first.click()
        page.get_by_label("Why").fill("not about the product")
        page.get_by_role("dialog").get_by_role("button", name="Exclude").click()
        page.get_by_role("toolbar", name="Selected items").wait_for(state="detached")
        stands = lambda: [c.state.value for c in project.store.consensus("label", ["s3"])]  # noqa: E731
        assert wait_until(lambda: stands() == ["excluded"], timeout=30), stands()
        # Adjudicate in Label Studio by one click.
        page.get_by_role("link", name="s4").first.click()
        page.get_by_text("Decide, or send it on").click()
        with page.expect_popup() as opened:
            page.get_by_role("button", name="Adjudicate in Label Studio").click()
        page.get_by_text("review desk").wait_for()
        _decide(opened.value, place.secrets.account("eve"))
        decided = lambda: [(c.state.value, c.label, c.by) for c in project.store.consensus("label", ["s4"])]  # noqa: E731
        assert wait_until(lambda: decided() == [("adjudicated", "Neutral", "eve")], timeout=90), decided()
        page.reload()
        page.get_by_text("eve").first.wait_for()
        page.get_by_text("gave the final word: Neutral").wait_for()
        page.screenshot(path=SHOTS / "console-item-decided.png", full_page=True)


def _decide(tab, account: dict[str, str]) -> None:
    """Eve signs in where the click has led her, and answers what is before her."""
    tab.set_default_timeout(90_000)
    tab.wait_for_url("**/user/login/**")
    tab.fill("input[name=email]", account["email"])
    tab.fill("input[name=password]", account["password"])
    tab.click("button[type=submit]")
    tab.get_by_text("sentence number 4").first.wait_for()
    if tab.get_by_text("Labeling Instructions").count():
        tab.keyboard.press("Escape")
    tab.screenshot(path=SHOTS / "console-review-desk.png")
    tab.get_by_text("Neutral", exact=False).last.click()
    tab.get_by_role("button", name="Submit").click()
    tab.wait_for_timeout(2_000)
