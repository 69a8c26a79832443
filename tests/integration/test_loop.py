"""The loop on a real Label Studio: desks, webhook, intake, rounds."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta

import pytest

from labelwright.adapters.processes import wait_until
from labelwright.app.annotations import annotation_set
from labelwright.app.closing import close_round
from labelwright.app.delivery import deliver
from labelwright.app.intake import alone, sweep, take_in, take_in_all, take_in_hints
from labelwright.app.rounds import open_assignments, open_round
from labelwright.app.trial import open_trial, trial_result
from labelwright.entry.cli.output import Bar
from labelwright.model.errors import CheckFailedError, NothingToDoError
from labelwright.model.project import AnnotationState, AssignmentState
from support import workspaces

pytestmark = pytest.mark.server


@pytest.fixture
def place(tmp_path, label_studio):
    made = workspaces.make(tmp_path / "ws", label_studio)
    yield made
    made.server.stop()


def filled(place, *team, **opening):
    workspaces.join(place, *team)
    project, desks = place.project(), place.desks()
    opened = open_round(project, **opening)
    for desk in project.store.desks("work"):
        deliver(project, desks, desk, place.owner)
    return project, desks, opened


def states(project):
    return Counter(a.state for a in annotation_set(project).annotations)


def test_a_round_from_the_pool_to_consensus(place):
    """Items go out with overlap in an order of one's own, answers come in, the round closes."""
    project, desks, opened = filled(place, "Ada", "Bob", "Cem")
    assert (opened.items, opened.answers) == (10, 12)
    with pytest.raises(CheckFailedError, match="still waits"):
        close_round(project, None, {}, Bar(quiet=True))
    for name in ("ada", "bob", "cem"):
        workspaces.answer_all(place, name)
    take_in_all(project, desks)
    closed = close_round(project, None, {}, Bar(quiet=True))
    assert (closed.labels, closed.labeled_items, closed.contested) == (12, 10, 0)
    with pytest.raises(NothingToDoError):
        close_round(project, None, {}, Bar(quiet=True))
    again = open_round(project)
    first = {a.item for a in project.store.assignments(round_number=1)}
    second = {a.item for a in project.store.assignments(round_number=2)}
    assert again.number == 2
    assert not first & second


def test_a_task_tells_nothing_but_what_it_shows(place):
    """Neither its data nor its meta tells which items are shared, or which item it is."""
    project, _, _ = filled(place, "Ada", "Bob")
    for desk in project.store.desks("work"):
        with workspaces.at_work(place, desk.annotator) as (session, number):
            task = session.next_task(number)
        assert set(task["data"]) == {"text"}
        assert set(task["meta"]) == {"labelwright"}
    keys = Counter(a.key for a in project.store.assignments())
    assert max(keys.values()) == 1


def test_the_webhook_brings_answers_in_and_the_desk_is_refilled(place):
    """With the server up nobody runs a command: ten answers through a desk that holds eight."""
    place.server.start(None, "test")
    project, _, opened = filled(place, "Ada", batch=20)
    assert wait_until(lambda: workspaces.answer_all(place, "ada") == 0 and not open_assignments(project, 1), timeout=90)
    assert states(project) == {AnnotationState.VALID: opened.answers}


def test_a_hint_is_looked_into_and_then_handled(place):
    """Events are a log of where to look; afterwards none is left."""
    project, desks, _ = filled(place, "Ada", batch=3)
    workspaces.answer_all(place, "ada", most=1)
    (desk,) = project.store.desks("work")
    project.store.append_event(desk.project, project.clock.now())
    project.store.append_event(999_999, project.clock.now())
    assert take_in_hints(project, desks).records == 1
    assert project.store.pending_events() == (0, frozenset())
    assert take_in_hints(project, desks).records == 0


def test_two_workers_never_read_one_desk_at_once(place):
    """While one reads, the other leaves desk and hint for later; one that died holds nobody up for ever."""
    project, desks, _ = filled(place, "Ada", batch=3)
    workspaces.answer_all(place, "ada", most=1)
    (desk,) = project.store.desks("work")
    project.store.append_event(desk.project, project.clock.now())
    seen = []

    def meanwhile(project, desks, mine):
        seen.append(take_in_hints(project, desks, "two").records)
        seen.append(alone(project, desks, mine, "two", take_in))
        return take_in(project, desks, mine)

    assert alone(project, desks, desk, "one", meanwhile).records == 1
    assert seen == [0, None]
    assert project.store.pending_events()[1] == {desk.project}
    assert project.store.acquire(f"intake:{desk.project}", "dead", project.clock.now() - timedelta(seconds=600), 120)
    assert take_in_hints(project, desks, "two").records == 0
    assert project.store.pending_events() == (0, frozenset())


def test_edits_skips_deletions_drafts_and_foreign_answers_each_have_their_effect(place):
    """What annotators do in Label Studio is what the table says, and nothing is counted twice."""
    project, desks, _ = filled(place, "Ada", "Bob", batch=8)
    with workspaces.at_work(place, "ada") as (session, desk):
        tasks = [session.next_task(desk)["id"]]
        edited = session.submit(tasks[0], workspaces.result("Positive"), 2.0)
        session.update(edited["id"], workspaces.result("Negative"), 5.0)
        session.skip(session.next_task(desk)["id"], 1.0)
        deleted = session.submit(session.next_task(desk)["id"], workspaces.result("Neutral"), 1.0)
        session.draft(session.next_task(desk)["id"], workspaces.result("Neutral"))
    take_in_all(project, desks)
    with workspaces.at_work(place, "ada") as (session, desk):
        session.delete(deleted["id"])
    with workspaces.at_work(place, "bob") as (bob, _):
        bob.submit(tasks[0], workspaces.result("Positive"), 1.0)
    take_in_all(project, desks)
    assert states(project) == {
        AnnotationState.VALID: 1,
        AnnotationState.SKIPPED: 1,
        AnnotationState.DELETED: 1,
        AnnotationState.FOREIGN: 1,
    }
    (valid,) = annotation_set(project).valid
    assert [e.value.labels for e in valid.answer.of("label")] == [("Negative",)]
    mine = Counter(a.state for a in project.store.assignments(annotator="ada"))
    assert mine[AssignmentState.DONE] == 1
    assert mine[AssignmentState.SKIPPED] == 1
    before = list(project.store.records())
    take_in_all(project, desks)
    assert list(project.store.records()) == before


def test_a_second_answer_of_one_annotator_supersedes_the_first(place):
    """Label Studio lets her answer twice; the last counts, the other is kept."""
    project, desks, _ = filled(place, "Ada", batch=2)
    with workspaces.at_work(place, "ada") as (session, desk):
        task = session.next_task(desk)["id"]
        session.submit(task, workspaces.result("Positive"), 1.0)
        session.submit(task, workspaces.result("Negative"), 1.0)
    take_in_all(project, desks)
    assert states(project) == {AnnotationState.VALID: 1, AnnotationState.SUPERSEDED: 1}
    (valid,) = annotation_set(project).valid
    assert valid.answer.of("label")[0].value.labels == ("Negative",)


def test_a_deleted_task_is_found_by_the_sweep_and_delivered_again(place):
    """A deletion by the administrator leaves no trace in update times; the item is not lost."""
    project, desks, _ = filled(place, "Ada", batch=3)
    workspaces.answer_all(place, "ada", most=1)
    take_in_all(project, desks)
    (desk,) = project.store.desks("work")
    answered = next(a for a in project.store.assignments() if a.state is AssignmentState.DONE)
    place.client().post(
        "/api/dm/actions",
        {"selectedItems": {"all": False, "included": [answered.task]}},
        {"id": "delete_tasks", "project": desk.project},
    )
    take_in(project, desks, desk)
    sweep(project, desks, desk)
    assert states(project) == {AnnotationState.DELETED: 1}
    deliver(project, desks, desk, place.owner)
    again = project.store.assignments_of_keys([answered.key])[answered.key]
    assert (again.state, again.attempt) == (AssignmentState.DELIVERED, 1)
    assert again.task != answered.task


def test_what_is_in_somebodys_hand_is_not_withdrawn(place):
    """An open task and a draft stay on the desk when a round is closed by force; the others go."""
    project, desks, _ = filled(place, "Ada", batch=6)
    with workspaces.at_work(place, "ada") as (session, number):
        held = session.next_task(number)["id"]
        everything = {t.id for t in desks.tasks(number)}
        drafted = max(everything - {held})
        session.draft(drafted, workspaces.result("Neutral"))
        close_round(project, None, {}, Bar(quiet=True), force=True)
        (desk,) = project.store.desks("work")
        deliver(project, desks, desk, place.owner)
        assert {t.id for t in desks.tasks(number)} == {held, drafted}
        session.submit(held, workspaces.result("Positive"), 1.0)
    take_in_all(project, desks)
    assert states(project) == {AnnotationState.VALID: 1}


def test_the_trial_desk_counts_for_nothing_else(place):
    """Ten items to try the screen; report, rounds and budget do not see them."""
    project, desks = place.project(), place.desks()
    desk, password = open_trial(project, desks, place.secrets, None, password="trial-password", owner=place.owner)
    assert password == "trial-password"
    from labelwright.adapters.labelstudio.annotator import AnnotatorSession

    with AnnotatorSession(place.label_studio_url(), place.secrets.account("trial")["token"]) as session:
        session.submit(session.next_task(desk.project)["id"], workspaces.result("Positive"), 4.0)
        session.submit(session.next_task(desk.project)["id"], [], 1.0)
        session.skip(session.next_task(desk.project)["id"], 1.0)
    take_in_all(project, desks)
    found = trial_result(project)
    assert (found["items"], found["answered"], found["skipped"], found["invalid"]) == (10, 1, 1, 1)
    assert found["median_seconds"] == 4.0
    assert annotation_set(project).annotations == ()
    assert project.store.drawn_rows() == []


def test_a_whole_round_without_a_webhook_comes_in_by_the_timer(place):
    """The webhook is switched off: reconciliation alone brings every answer, once."""
    project, _, opened = filled(place, "Ada", batch=6)
    (desk,) = project.store.desks("work")
    for webhook in place.client().get("/api/webhooks/", {"project": desk.project}):
        place.client().delete(f"/api/webhooks/{webhook['id']}/")
    place.server.start(None, "test")
    workspaces.answer_all(place, "ada")
    assert wait_until(lambda: not open_assignments(project, 1), timeout=60)
    time.sleep(2.5)  # two more turns of the timer: they must find nothing new
    assert states(project) == {AnnotationState.VALID: opened.answers}


def test_a_budget_is_never_exceeded(tmp_path, label_studio):
    """The round shrinks to what the answers suffice for; then there is nothing to open."""
    place = workspaces.make(tmp_path / "ws", label_studio, budget={"answers": 7})
    project, _, opened = filled(place, "Ada", "Bob", batch=10)
    assert opened.answers <= 7
    for name in ("ada", "bob"):
        workspaces.answer_all(place, name)
    take_in_all(project, place.desks())
    close_round(project, None, {}, Bar(quiet=True))
    left = 7 - opened.answers
    if left:
        assert open_round(project).answers <= left
    else:
        with pytest.raises(NothingToDoError):
            open_round(project)
