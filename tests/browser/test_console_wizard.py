"""A newcomer in an empty folder: from a file to the first batch on real desks, by clicking alone."""

from __future__ import annotations

import time

import httpx
import pytest

from labelwright.adapters.processes import wait_until
from labelwright.app.annotations import annotation_set
from labelwright.bootstrap import open_workspace
from labelwright.entry.cli.newcomer import begin_workspace, begins_here
from labelwright.entry.cli.servers import console_link
from support import workspaces
from support.screen import CONSOLE, SHOTS, browser_page
from support.servers import choices

pytestmark = CONSOLE
#: Seconds that a newcomer has; a machine that clicks needs far fewer.
THREE_MINUTES = 180


@pytest.fixture
def place(tmp_path, label_studio):
    """What `labelwright up` begins in a folder that holds one data file, on a Label Studio that runs."""
    root = tmp_path / "feedback"
    root.mkdir()
    rows = "\n".join(f"c{i},sentence number {i} about the camera,shop {i % 3}" for i in range(60))
    (root / "comments.csv").write_text(f"key,comment,source\n{rows}\n", encoding="utf-8")
    assert begins_here(root)
    begin_workspace(root)
    workspaces.configure(
        open_workspace(root), "label_studio", url=label_studio.url, token=label_studio.administrator.token
    )
    made = workspaces.configure(open_workspace(root), "model", kind="none", test_items=0)
    made.server.start(None, made.stamp())
    yield made
    made.server.stop()


def test_a_newcomer_gets_from_a_file_to_labels_without_reading(place, label_studio):
    """Link → file → columns → template → preview → people → first batch; what is answered then shows in the console."""
    begun = time.monotonic()
    with browser_page() as page:
        page.goto(console_link(place))
        page.get_by_role("heading", name="Set-up").wait_for()  # a project without data begins here
        page.get_by_role("button", name="comments.csv").click()
        page.get_by_text("What shall annotators say?").wait_for()
        page.get_by_role("button", name="Text classification text").click()
        page.get_by_label("Classes").fill("Good, Bad, Neither")
        page.get_by_role("button", name="Next: columns").click()
        page.get_by_label("The screen shows “text”").select_option("comment")
        page.get_by_label("Unique id").select_option("key")
        page.get_by_role("checkbox", name="source").check()
        page.get_by_role("button", name="Next: preview").click()
        page.get_by_text("sentence number 0 about the camera").wait_for()
        page.get_by_text("Neither").first.wait_for()
        page.screenshot(path=SHOTS / "console-wizard-preview.png")
        page.get_by_role("button", name="Bring in the data").click()
        page.get_by_text("60 items are in the pool").wait_for()
        for name in ("Ada", "Ben"):
            page.get_by_label("Name", exact=True).fill(name)
            page.get_by_label("E-mail").fill(f"{name.lower()}-{time.time_ns()}@labelwright.test")
            page.get_by_role("button", name="Add", exact=True).click()
            page.get_by_text(f"{name} has a desk").wait_for()
        page.screenshot(path=SHOTS / "console-wizard-people.png")
        page.get_by_role("button", name="Open the first round").click()
        page.get_by_role("link", name="Follow it under Rounds").click()
        page.get_by_text("Round 1").first.wait_for()
        page.get_by_text("of 7", exact=False).first.wait_for()
        assert time.monotonic() - begun < THREE_MINUTES
        project = open_workspace(place.root).project()
        assert wait_until(lambda: len(project.store.assignments(trial=False)) >= 60, timeout=30)
        _answer_one(place, label_studio)
        assert wait_until(lambda: len(annotation_set(project).valid) == 1, timeout=60)
        page.goto(place.server.running().url)
        page.get_by_text("1 answers on").wait_for()
    assert open_workspace(place.root).settings.data.metadata == ("source",)


def _answer_one(place, label_studio) -> None:
    """Ada answers her first task, through Label Studio's own interface."""
    project = open_workspace(place.root).project()
    desk = next(d for d in project.store.desks("work") if d.annotator == "ada")
    head = {"Authorization": f"Token {place.secrets.account('ada')['token']}"}
    assert wait_until(lambda: _tasks(label_studio.url, desk.project, head), timeout=30)
    task = _tasks(label_studio.url, desk.project, head)[0]["id"]
    body = {"result": choices("Good", "label"), "lead_time": 3.0}
    httpx.post(f"{label_studio.url}/api/tasks/{task}/annotations/", json=body, headers=head).raise_for_status()


def _tasks(url: str, project: int, head: dict[str, str]) -> list:
    return httpx.get(f"{url}/api/tasks/", params={"project": project}, headers=head).json()["tasks"]
