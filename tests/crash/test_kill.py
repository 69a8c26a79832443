"""kill -9 at each step of delivery, intake and rounds: nothing is lost, nothing is counted twice."""

from __future__ import annotations

from collections import Counter

import pytest

from labelwright.app.annotations import annotation_set
from labelwright.app.intake import take_in_all
from labelwright.app.rounds import open_round
from labelwright.model.project import AnnotationState, AssignmentState, RoundState
from support import crashing, workspaces
from support.victims import kill_at_every_moment

pytestmark = pytest.mark.server


@pytest.fixture
def place(tmp_path, label_studio):
    made = workspaces.make(tmp_path / "ws", label_studio)
    workspaces.join(made, "Ada", "Bob")
    return made


def answer_everything(place):
    for name in ("ada", "bob"):
        workspaces.answer_all(place, name)


def test_delivery_killed_at_every_step_delivers_each_task_once(place):
    """Between import and record, before and after: the desk ends with each assignment once."""
    project = place.project()
    opened = open_round(project)
    assert kill_at_every_moment(place.root, crashing.fill) > 5
    desks = place.desks()
    crashing.fill(project, desks)
    keys = [t.key for desk in project.store.desks("work") for t in desks.tasks(desk.project)]
    assert len(keys) == len(set(keys)) == opened.answers
    assert {a.state for a in project.store.assignments()} == {AssignmentState.DELIVERED}


def test_intake_killed_at_every_step_counts_each_answer_once(place):
    """Every answer is there once, whatever it died of."""
    project, desks = place.project(), place.desks()
    opened = open_round(project)
    crashing.fill(project, desks)
    answer_everything(place)
    assert kill_at_every_moment(place.root, crashing.take_in) > 5
    take_in_all(project, desks)
    counts = Counter(a.state for a in annotation_set(project).annotations)
    assert counts == {AnnotationState.VALID: opened.answers}


def test_a_round_killed_while_opening_and_closing_is_there_once(place):
    """No half round, no round twice, no item in two rounds."""
    kill_at_every_moment(place.root, crashing.open_one)
    project, desks = place.project(), place.desks()
    (record,) = project.store.rounds()
    assert record.state is RoundState.OPEN
    assert len({a.item for a in project.store.assignments()}) == 10
    crashing.fill(project, desks)
    answer_everything(place)
    take_in_all(project, desks)
    kill_at_every_moment(place.root, crashing.close_one)
    (record,) = project.store.rounds()
    assert record.state is RoundState.CLOSED
    assert record.result["labels"] == 12
