"""Suggestions on real desks: shown, held back, kept when delivered anew, and their effect in the report."""

from __future__ import annotations

import csv
import json

import pytest

from labelwright.app.annotations import annotation_set
from labelwright.app.delivery import deliver
from labelwright.app.helped import effect_of_suggestions
from labelwright.app.intake import take_in_all
from labelwright.app.rounds import open_round
from labelwright.app.suggesting import SHOWN_AS
from labelwright.model.project import Purpose
from support import workspaces

pytestmark = pytest.mark.server


@pytest.fixture
def place(tmp_path, label_studio):
    with (tmp_path / "said.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "label", "confidence"])
        writer.writerows((f"s{i}", "Positive", 0.5 if i % 4 == 0 else 0.9) for i in range(80))
    made = workspaces.make(
        tmp_path / "ws",
        label_studio,
        80,
        team={"low_water": 40, "high_water": 60},
        overlap={"share": 1.0, "annotators": 2},
        preannotate={"source": "file", "file": "../said.csv", "min_confidence": 0.8, "control_share": 0.4},
        model={"kind": "none", "test_items": 4},
    )
    yield made
    made.server.stop()


def test_suggestions_stand_on_desks_but_for_those_held_back(place, capsys):
    """Sure ones are shown and prefill the screen, a random share is not, unsure ones and test items never."""
    workspaces.join(place, "Ada", "Bob")
    project, desks = place.project(), place.desks()
    open_round(project, batch=50)
    for desk in project.store.desks("work"):
        deliver(project, desks, desk, place.owner)
    records = {r.key: r for r in project.store.suggestions()}
    assignments = project.store.assignments(trial=False)
    purpose = {a.key: a.purpose for a in assignments}
    assert {purpose[key] for key in records}.isdisjoint({Purpose.TEST})
    unsure = {a.key for a in assignments if a.purpose is not Purpose.TEST and int(a.item[1:]) % 4 == 0}
    arms = {arm: {k for k, r in records.items() if r.arm == arm} for arm in ("shown", "control", "unsure")}
    assert arms["unsure"] == unsure
    sure = len(arms["shown"] | arms["control"])
    assert 0.2 * sure < len(arms["control"]) < 0.6 * sure

    client = place.client()
    for desk in project.store.desks("work"):
        tasks = client.get("/api/tasks/", {"project": desk.project, "fields": "all", "page_size": 200})["tasks"]
        assert len(tasks) > 40
        for task in tasks:
            shown = [p["result"][0]["value"]["choices"] for p in task["predictions"]]
            assert shown == ([["Positive"]] if task["meta"]["labelwright"] in arms["shown"] else [])
            assert {p["model_version"] for p in task["predictions"]} <= {SHOWN_AS}

    # Ada follows what she sees, else says Negative; Bob never looks.
    prefilled = 0
    with workspaces.at_work(place, "ada") as (session, desk):
        while (task := session.next_task(desk)) is not None:
            seen = task.get("predictions") or []
            prefilled += bool(seen)
            session.submit(task["id"], workspaces.result("Positive" if seen else "Negative"), 2.0 if seen else 4.0)
    ada = {a.key for a in assignments if a.annotator == "ada"}
    assert prefilled == len(arms["shown"] & ada)
    workspaces.answer_all(place, "bob", "Negative")
    take_in_all(project, desks)
    effect = effect_of_suggestions(project, annotation_set(project))
    people = {name: (shown, accepted) for name, shown, accepted, *_ in effect.people}
    assert people["ada"] == (prefilled, prefilled)
    assert people["bob"][1] == 0
    assert effect.agreement.low > 0
    assert effect.time.value < 1

    from labelwright.entry.cli.report import report_command

    report_command(None, json=True, workspace=place.root)
    document = json.loads(capsys.readouterr().out)
    assert document["suggestions"]["agreement"]["low"] > 0
    report_command(None, workspace=place.root, html=place.root / "report.html")
    terminal, page = capsys.readouterr().out, (place.root / "report.html").read_text(encoding="utf-8")
    for shown in (terminal, page):
        assert "Answers like the suggestion" in shown
        assert "held back at random" in shown


def test_a_task_that_is_delivered_anew_shows_what_it_showed(place):
    """An annotator who gets the suggestion the second time, or another one."""
    workspaces.join(place, "Ada", "Bob")
    project, desks = place.project(), place.desks()
    open_round(project, batch=12)
    desk = project.store.desks("work")[0]
    deliver(project, desks, desk, place.owner)
    before = project.store.suggestions()
    client = place.client()

    def shown() -> dict[str, bool]:
        tasks = client.get("/api/tasks/", {"project": desk.project, "fields": "all", "page_size": 200})["tasks"]
        return {t["meta"]["labelwright"]: bool(t["predictions"]) for t in tasks}

    first = shown()
    ids = [t.id for t in desks.tasks(desk.project)][:5]
    desks.withdraw(desk.project, ids)
    deliver(project, desks, desk, place.owner)
    assert shown() == first
    assert project.store.suggestions() == before
