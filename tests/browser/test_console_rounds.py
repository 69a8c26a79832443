"""Rounds that turn by themselves, watched in the console: live, held, a step that fails tried again, a round cancelled."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from labelwright.adapters.processes import wait_until
from labelwright.entry.cli.servers import console_link
from support import workspaces
from support.screen import CONSOLE, SHOTS, browser_page

pytestmark = [*CONSOLE, pytest.mark.timeout(900)]


@pytest.fixture
def place(tmp_path, label_studio):
    """Rounds of four items by themselves."""
    made = workspaces.turning(tmp_path / "ws", label_studio)
    yield made
    made.server.stop()


@contextmanager
def changed(data: Path) -> Iterator[None]:
    """Other rows in the data file; afterwards it is as it was."""
    before, stat = data.read_bytes(), data.stat()
    data.write_bytes(b"id,text,source\ns0,something else,even\n")
    yield
    data.write_bytes(before)
    os.utime(data, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def _answer(place) -> None:
    """What is on the desks now; more comes until the round is whole."""
    for who, label in (("ada", "Positive"), ("bob", "Negative")):
        workspaces.answer_all(place, who, label)


def test_a_lead_follows_the_rounds_and_steers_them_without_reloading(place):
    """Steps move as they are kept; try again, pause, go on and cancel do what they say."""
    workspaces.join(place, "Ada", "Bob")
    with browser_page() as page, ExitStack() as data:
        data.enter_context(changed(place.root.parent / "ws.csv"))
        place.server.start(None, place.stamp())
        page.goto(console_link(place))
        page.get_by_role("link", name="Rounds and models").click()
        page.get_by_text("Round 1 stands at select: The pool has changed").wait_for()
        page.screenshot(path=SHOTS / "console-rounds-failed.png", full_page=True)
        assert page.get_by_role("button", name="Leave the step out").count() == 0  # no round can do without this one
        data.close()
        page.get_by_role("button", name="Try again").click()
        first = page.locator(".card", has=page.get_by_role("heading", name="Round 1"))
        first.locator("li.now", has_text="label").wait_for()
        page.get_by_role("button", name="Pause").click()
        page.get_by_text("The rounds are held").wait_for()
        page.get_by_role("button", name="Go on").click()
        page.get_by_text("Rounds turn by themselves").wait_for()
        page.screenshot(path=SHOTS / "console-rounds-live.png", full_page=True)
        page.get_by_role("button", name="Cancel the round").click()
        page.get_by_role("dialog").get_by_role("button", name="Cancel the round").click()
        said = lambda: page.locator("body").inner_text()  # noqa: E731
        assert wait_until(lambda: first.get_by_text("Cancelled").count() > 0, timeout=60), said()
        second = page.locator(".card", has=page.get_by_role("heading", name="Round 2"))
        closed = second.get_by_text("Closed")
        assert wait_until(lambda: _answer(place) or closed.count() > 0, timeout=240), said()
        page.screenshot(path=SHOTS / "console-rounds-cancelled.png", full_page=True)
    assert [r.state.value for r in place.project().store.rounds()][:2] == ["cancelled", "closed"]
