"""People through a real Label Studio: gold that nothing tells, review with anonymous answers, a pause in mid-queue."""

from __future__ import annotations

import json

import pytest

from labelwright.app.delivery import deliver, ensure_desks
from labelwright.app.gold import GoldRow, add_gold
from labelwright.app.intake import take_in_all
from labelwright.app.oversight import oversee
from labelwright.app.rounds import open_round
from labelwright.app.team import Newcomer, find_annotator, put_profile, with_profile
from labelwright.app.team_status import pause
from labelwright.model.consensus import ConsensusState
from labelwright.model.people import GoldSource
from labelwright.model.project import AssignmentState, Level, Purpose
from support import workspaces
from support.workspaces import at_work, join, result

pytestmark = pytest.mark.server
UNTOLD = {"id", "created_at", "updated_at", "data", "meta", "inner_id", "comment_authors", "annotators_locked"}


def fill(place, kind="work"):
    project, desks = place.project(), place.desks()
    for desk in project.store.desks(kind):
        deliver(project, desks, desk, place.owner)


def team(tmp_path, server, *names, **sections):
    place = workspaces.make(tmp_path / "w", server, 40, **sections)
    join(place, *names)
    return place


def promote(place, name):
    project = place.project()
    before = find_annotator(project, name)
    put_profile(project, with_profile(before, Newcomer(name, before.email, "", Level.EXPERT)), before)


def test_nothing_on_a_delivered_task_tells_that_it_is_gold(label_studio, tmp_path):
    """But for its own id, data and opaque key, a gold task as an annotator's browser gets it is like any other."""
    place = team(tmp_path, label_studio, "Ada", gold={"share": 0.5}, overlap={"share": 0.0})
    project = place.project()
    add_gold(project, [GoldRow(k, f"s{k}", "Positive") for k in range(15)], GoldSource.LEAD)
    open_round(project)
    fill(place)
    assignments = {a.key: a for a in project.store.assignments(annotator="ada")}
    with at_work(place, "ada") as (session, desk):
        raw = session._client.get(f"/api/tasks/?project={desk}&fields=all&page_size=100")["tasks"]
        tasks = [session._client.get(f"/api/tasks/{t['id']}/") for t in raw]
    shapes = {}
    for task in tasks:
        purpose = assignments[task["meta"]["labelwright"]].purpose
        rest = {k: v for k, v in task.items() if k not in UNTOLD}
        shape = (sorted(task), sorted(task["data"]), sorted(task["meta"]), json.dumps(rest, sort_keys=True))
        shapes.setdefault(purpose, set()).add(json.dumps(shape))
    assert set(shapes) == {Purpose.GOLD, Purpose.LABEL}
    assert shapes[Purpose.GOLD] == shapes[Purpose.LABEL]
    assert len({len(t["meta"]["labelwright"]) for t in tasks}) == 1


def test_an_expert_sees_answers_without_names_and_her_word_becomes_the_label(label_studio, tmp_path):
    """From two contradicting answers on two desks to an adjudication on a third, all through Label Studio."""
    place = team(
        tmp_path,
        label_studio,
        "Ada",
        "Ben",
        overlap={"policy": "fixed", "annotators": 2},
        sampling={"strategy": "random", "batch": 2},
    )
    open_round(place.project())
    fill(place)
    workspaces.answer_all(place, "ada", "Positive")
    workspaces.answer_all(place, "ben", "Negative")
    join(place, "Eva")
    promote(place, "eva")
    project, desks = place.project(), place.desks()
    take_in_all(project, desks)
    oversee(project)
    (desk,) = ensure_desks(project, desks)
    fill(place, "review")
    with at_work(place, "eva") as (session, _):
        task = session.next_task(desk.project)
        said = [p["result"][0]["value"]["choices"] for p in task["predictions"]]
        assert sorted(said) == [["Negative"], ["Positive"]]
        assert {p["model_version"] for p in task["predictions"]} == {"Answer"}
        text = json.dumps(task).casefold()
        assert "ada" not in text
        assert "ben" not in text
        why = {"from_name": "labelwright_why", "to_name": "text", "type": "textarea", "value": {"text": ["Rule 3."]}}
        session.submit(task["id"], [*result("Negative"), why], 12.0)
    take_in_all(project, desks)
    oversee(project)
    final = [c for c in project.store.consensus("label") if c.state is ConsensusState.ADJUDICATED]
    assert [(c.label, c.by, c.reason) for c in final] == [("Negative", "eva", "Rule 3.")]


def test_a_paused_annotators_tasks_leave_her_desk_and_come_to_others(label_studio, tmp_path):
    """What she answered stays; what she has not opened goes to the others' desks, each item once."""
    place = team(
        tmp_path, label_studio, "Ada", "Ben", overlap={"share": 0.0}, sampling={"strategy": "random", "batch": 12}
    )
    open_round(place.project())
    fill(place)
    workspaces.answer_all(place, "ada", most=2)
    project, desks = place.project(), place.desks()
    take_in_all(project, desks)
    items = {a.item for a in project.store.assignments()}
    pause(project, find_annotator(project, "ada"), "A break.")
    fill(place)
    fill(place)
    ada = next(d for d in project.store.desks("work") if d.annotator == "ada")
    left = [t for t in desks.tasks(ada.project) if not t.annotations]
    assert [t for t in left if not t.in_hand] == []
    for _ in range(2):
        workspaces.answer_all(place, "ben")
        take_in_all(project, desks)
        fill(place)
    done = [a for a in project.store.assignments() if a.state is AssignmentState.DONE]
    assert {a.item for a in done} == items
    assert len(done) == len(items)
