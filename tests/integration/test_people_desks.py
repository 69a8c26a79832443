"""People through a real Label Studio: gold that nothing tells, review with anonymous answers, a pause in mid-queue."""

from __future__ import annotations

import json
import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from labelwright.adapters.personal_links import personal_link
from labelwright.app.delivery import deliver, ensure_desks
from labelwright.app.gold import GoldRow, add_gold
from labelwright.app.intake import take_in_all
from labelwright.app.oversight import oversee
from labelwright.app.rounds import open_round
from labelwright.app.team import Newcomer, find_annotator, put_profile, with_profile
from labelwright.app.team_status import pause, resume
from labelwright.entry.api.own_page import own_page_router
from labelwright.entry.cli.output import Bar
from labelwright.entry.cli.rounds import close_and_withdraw
from labelwright.model.consensus import ConsensusState
from labelwright.model.errors import UsageError
from labelwright.model.people import GoldSource
from labelwright.model.project import AnnotatorStatus, AssignmentState, Level, Purpose
from support import workspaces
from support.workspaces import at_work, join, result

pytestmark = pytest.mark.server
UNTOLD = {"id", "created_at", "updated_at", "data", "meta", "inner_id", "comment_authors", "annotators_locked"}


def fill(place, kind="work"):
    project, desks = place.project(), place.desks()
    for desk in project.store.desks(kind):
        deliver(project, desks, desk, place.owner)


def team(tmp_path, server, *names, items=40, **sections):
    place = workspaces.make(tmp_path / "w", server, items, **sections)
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
        words = re.findall(r"\w+", json.dumps(task).casefold())  # as words: a random key may hold the letters
        assert not {"ada", "ben"} & set(words)
        why = {"from_name": "labelwright_why", "to_name": "text", "type": "textarea", "value": {"text": ["Rule 3."]}}
        session.submit(task["id"], [*result("Negative"), why], 12.0)
    take_in_all(project, desks)
    oversee(project)
    final = [c for c in project.store.consensus("label") if c.state is ConsensusState.ADJUDICATED]
    assert [(c.label, c.by, c.reason) for c in final] == [("Negative", "eva", "Rule 3.")]


def test_who_is_added_while_a_round_is_open_has_work_at_once(label_studio, tmp_path):
    """Nobody has to answer, or to turn a round, before her desk in Label Studio shows a part of what waits."""
    place = team(tmp_path, label_studio, "Ada", "Ben", overlap={"share": 0.0}, sampling={"batch": 30})
    open_round(place.project())
    join(place, "Cyd", "Dan")
    for name in ("cyd", "dan"):
        with at_work(place, name) as (session, desk):
            assert session.next_task(desk) is not None
    dealt = place.project().store.assignments(round_number=1)
    assert len({a.item for a in dealt}) == 30
    assert {a.annotator for a in dealt if a.state is AssignmentState.DELIVERED} >= {"cyd", "dan"}


def test_a_newcomer_goes_from_the_guidelines_by_explained_gold_to_her_first_task(label_studio, tmp_path):
    """She reads on her page, answers on her desk, sees each answer explained, fails, tries again, passes, and works."""
    qualification = {"items": 4, "pass_mark": 0.4, "confidence": 0.7, "attempts": 2}
    place = workspaces.make(
        tmp_path / "w", label_studio, 40, qualification=qualification, gold={"share": 0.0}, overlap={"share": 0.0}
    )
    project = place.project()
    add_gold(project, [GoldRow(k, f"s{k}", "Negative", (), "Rule 7.") for k in range(12)], GoldSource.LEAD)
    join(place, "Ada")
    app = FastAPI()
    app.include_router(own_page_router(place.project, "k" * 64))
    web, link = TestClient(app), personal_link("", "k" * 64, "ada")
    assert find_annotator(project, "ada").status is AnnotatorStatus.ONBOARDING
    with pytest.raises(UsageError):
        open_round(project)
    assert "an example of Negative" in web.get(link).text
    assert workspaces.answer_all(place, "ada") == 0
    assert "0 of 4 answered" in web.post(link + "/read").text
    pass_of(place)
    assert workspaces.answer_all(place, "ada", "Positive", most=1) == 1
    take_in_all(project, place.desks())
    page = web.get(link).text
    assert "1 of 4 answered" in page
    assert "it is <b>Negative</b>.</span>" in page or "it is <b>Negative</b>. Rule 7." in page
    assert workspaces.answer_all(place, "ada", "Positive") == 3
    pass_of(place)
    assert "try once more" in web.get(link).text
    web.post(link + "/try")
    pass_of(place)
    assert workspaces.answer_all(place, "ada", "Negative") == 4
    pass_of(place)
    assert find_annotator(project, "ada").status is AnnotatorStatus.ACTIVE
    open_round(project)
    fill(place)
    assert workspaces.answer_all(place, "ada") > 0
    items = [a.item for a in project.store.assignments(annotator="ada")]
    assert len(items) == len(set(items))


def pass_of(place):
    """What the worker does after new answers."""
    project, desks = place.project(), place.desks()
    take_in_all(project, desks)
    oversee(project)
    fill(place)


def test_a_careless_annotator_is_paused_by_herself_and_resumed_by_the_lead(label_studio, tmp_path):
    """Her desk empties without a hand; after the lead's word there is work on it again, and she is not paused at once."""
    place = team(
        tmp_path, label_studio, "Ada", "Ben", items=60,  # 20 of them are gold and never drawn: two batches are left
        overlap={"share": 0.0}, gold={"share": 0.5}, sampling={"strategy": "random", "batch": 20},
        team={"low_water": 8, "high_water": 30}, watch={"pass_mark": 0.8, "false_alarm": 0.05},
    )  # fmt: skip
    project = place.project()
    add_gold(project, [GoldRow(k, f"s{k}", "Negative") for k in range(20)], GoldSource.LEAD)
    open_round(project)
    fill(place)
    workspaces.answer_all(place, "ada", "Positive", most=16)
    done = sum(a.state is AssignmentState.DONE for a in project.store.assignments(annotator="ada"))
    pass_of(place)
    ada = find_annotator(project, "ada")
    assert ada.status is AnnotatorStatus.PAUSED
    assert "items whose label is known" in (ada.reason or "")
    pass_of(place)
    assert workspaces.answer_all(place, "ada") <= 1, "only what she had open"
    assert {m.kind for m in project.store.messages("lead")} >= {"paused"}
    resume(project, find_annotator(project, "ada"), "We talked about it.")
    configure_round(place)
    pass_of(place)
    assert find_annotator(project, "ada").status is AnnotatorStatus.ACTIVE
    assert workspaces.answer_all(place, "ada", "Negative", most=3) > 0
    assert sum(a.state is AssignmentState.DONE for a in project.store.assignments(annotator="ada")) >= done


def configure_round(place):
    """The next round, so that there is work for both."""
    workspaces.answer_all(place, "ben", "Negative")
    take_in_all(place.project(), place.desks())
    close_and_withdraw(place, Bar(quiet=True), force=True)
    open_round(place.project())


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
