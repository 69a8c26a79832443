"""Intake: creations, edits, skips, deletions, doubled, lost and reordered news, answers by others: each its effect."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from labelwright.assignment import decide_deletions, decide_intake, supersede
from labelwright.assignment.intake import Context
from labelwright.model.desk import DeskRecord, SeenAnnotation, SeenChange, SeenTask
from labelwright.model.project import Annotation, AnnotationState, Assignment, AssignmentState, Purpose
from labelwright.model.values import Answer

START = datetime(2026, 11, 23, tzinfo=UTC)
DESK = DeskRecord(1, "ada", "work", "http://127.0.0.1/projects/1")


def context(**assignments):
    known = {
        key: Assignment(key, f"item-{key}", "ada", purpose, 1, 0, state, 10)
        for key, (purpose, state) in ({"k": (Purpose.LABEL, AssignmentState.DELIVERED)} | assignments).items()
    }
    check = lambda raw: ("no class chosen",) if "invalid" in raw else ()  # noqa: E731 - a check in one line
    return Context(known, {7: "ada", 8: "bob"}, check, 1, 1)


def seen(number=100, *, user=7, minute=0, skipped=False, label="yes", key="k", task=10):
    at = START + timedelta(minutes=minute)
    return SeenAnnotation(number, 1, task, key, user, skipped, START, at, 4.0, json.dumps({"label": label}))


def change(*annotations, key="k", task=10):
    ids = tuple(a.id for a in annotations)
    return SeenChange(SeenTask(task, key, ids), max((a.updated_at for a in annotations), default=START), annotations)


def taken(annotations, known=(), ctx=None):
    return decide_intake(DESK, [change(*annotations)], known, ctx or context())


def test_an_answer_is_recorded_and_its_assignment_is_done():
    """The ordinary case."""
    plan = taken([seen()])
    (record,) = plan.records
    assert (record.state, record.item, record.annotator) == (AnnotationState.VALID, "item-k", "ada")
    assert plan.states == (("k", AssignmentState.DONE),)


def test_the_same_news_twice_changes_nothing():
    """A doubled event is no second answer."""
    first = taken([seen()])
    again = taken([seen()], first.records, context(k=(Purpose.LABEL, AssignmentState.DONE)))
    assert (again.records, again.deleted, again.states) == ((), (), ())


def test_an_edit_replaces_the_answer():
    """What she says now counts."""
    first = taken([seen()])
    (record,) = taken([seen(minute=5, label="no")], first.records).records
    assert json.loads(record.raw) == {"label": "no"}


def test_news_that_comes_late_does_not_undo_what_is_newer():
    """Reordered events: the newer update stays."""
    newer = taken([seen(minute=5, label="no")]).records
    assert taken([seen(minute=1)], newer).records == ()


def test_a_clock_that_is_wrong_moves_no_answer_to_another_time():
    """Label Studio's clock is an hour ahead: the answer was given by ours, under what the desk showed then."""
    hour = timedelta(hours=1)
    shown = ((START - hour, 1), (START - hour / 2, 2), (START + hour / 4, 3))
    (record,) = taken([seen()], ctx=replace(context(), shown=shown, ahead=hour / 3)).records
    assert (record.created_at, record.updated_at) == (START - hour / 3, START)
    assert record.guidelines_version == 2
    (late,) = taken([seen()], ctx=replace(context(), shown=shown, ahead=-hour)).records
    assert (late.created_at, late.guidelines_version) == (START + hour, 3)


def test_a_skip_is_no_answer():
    """Skipped tasks are counted apart and are not asked again of her."""
    plan = taken([seen(skipped=True)])
    assert plan.records[0].state is AnnotationState.SKIPPED
    assert plan.states == (("k", AssignmentState.SKIPPED),)


def test_a_deleted_answer_no_longer_counts_and_its_item_waits_again():
    """Taken back is taken back; the record stays."""
    known = taken([seen()]).records
    plan = decide_intake(DESK, [change()], known, context(k=(Purpose.LABEL, AssignmentState.DONE)))
    assert plan.deleted == (100,)
    assert plan.states == (("k", AssignmentState.DELIVERED),)


def test_the_sweep_finds_what_left_no_trace():
    """A deleted task is in no list of updates."""
    known = taken([seen()]).records
    plan = decide_deletions(known, [], context(k=(Purpose.LABEL, AssignmentState.DONE)))
    assert plan.deleted == (100,)
    assert decide_deletions(known, [100], context()).deleted == ()


def test_an_answer_by_somebody_else_is_kept_and_not_counted():
    """Every member can open every project: foreign answers are noticed."""
    plan = taken([seen(user=8)])
    assert plan.records[0].state is AnnotationState.FOREIGN
    assert plan.records[0].annotator == "bob"
    assert plan.states == ()
    assert taken([seen(user=99)]).records[0].annotator == "user:99"


def test_a_foreign_answer_does_not_close_the_owners_assignment():
    """Her task is still hers when a colleague has answered it, too."""
    plan = taken([seen(user=8), seen(101)])
    assert {r.state for r in plan.records} == {AnnotationState.FOREIGN, AnnotationState.VALID}
    assert plan.states == (("k", AssignmentState.DONE),)


def test_an_answer_on_a_task_that_is_not_ours_is_foreign():
    """Somebody imported a task by hand."""
    (record,) = decide_intake(DESK, [change(seen(key=None, task=11), key=None, task=11)], (), context()).records
    assert (record.state, record.item) == (AnnotationState.FOREIGN, None)


def test_an_answer_that_does_not_fit_the_schema_is_invalid():
    """It is kept with its problems, and not counted."""
    (record,) = taken([seen(label="invalid")]).records
    assert record.state is AnnotationState.INVALID
    assert record.problems == ("no class chosen",)


def test_a_trial_answer_is_a_trial_answer():
    """The sandbox counts for nothing else."""
    plan = taken([seen()], (), context(k=(Purpose.TRIAL, AssignmentState.DELIVERED)))
    assert plan.records[0].state is AnnotationState.TRIAL


def test_an_unchanged_answer_keeps_the_versions_it_was_given_under():
    """Reading an old answer again under new guidelines does not make it a new answer."""
    known = taken([seen()]).records
    later = Context(context().assignments, {7: "ada"}, lambda _: ("now invalid",), 2, 2)
    (record,) = decide_intake(DESK, [change(seen())], known, later).records
    assert (record.schema_version, record.guidelines_version) == (1, 1)


@given(st.permutations(range(4)), st.lists(st.integers(0, 3), max_size=6))
def test_whatever_the_order_and_the_repeats_the_newest_state_wins(order, repeats):
    """Events doubled and reordered end in the same table."""
    versions = [seen(minute=m, label=f"v{m}") for m in range(4)]
    known = ()
    for index in [*order, *repeats]:
        plan = taken([versions[index]], known)
        known = plan.records or known
    assert json.loads(known[0].raw) == {"label": "v3"}


def answer(number, minute, state=AnnotationState.VALID, annotator="ada"):
    return Annotation(str(number), "item", annotator, Answer(), state, START, START + timedelta(minutes=minute))


def test_of_several_answers_of_one_annotator_the_last_counts():
    """The others are kept and marked."""
    found = supersede([answer(1, 0), answer(2, 9), answer(3, 5), answer(4, 1, annotator="bob")])
    assert [a.state for a in found] == [
        AnnotationState.SUPERSEDED,
        AnnotationState.VALID,
        AnnotationState.SUPERSEDED,
        AnnotationState.VALID,
    ]


def test_who_skips_after_answering_takes_the_answer_back():
    """A skip is the last word, too."""
    found = supersede([answer(1, 0), answer(2, 1, AnnotationState.SKIPPED)])
    assert [a.state for a in found] == [AnnotationState.SUPERSEDED, AnnotationState.SKIPPED]


def test_foreign_and_deleted_answers_supersede_nothing():
    """What does not count cannot replace what counts."""
    found = supersede([answer(1, 0), answer(2, 1, AnnotationState.FOREIGN), answer(3, 2, AnnotationState.DELETED)])
    assert found[0].state is AnnotationState.VALID
