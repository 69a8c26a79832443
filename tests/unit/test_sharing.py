"""Somebody who becomes active while a round is open has something to do at once."""

from __future__ import annotations

from collections import Counter

import pytest

from labelwright.app.rounds import open_assignments, open_round
from labelwright.app.sharing import share_queues
from labelwright.app.team_status import pause, resume
from labelwright.model.project import AssignmentState, Level, Purpose
from support.people import crew

ONE_EACH = {"sampling": {"strategy": "random", "batch": 30}, "overlap": {"share": 0.0}}


def waiting(team):
    return Counter(a.annotator for a in open_assignments(team.project, 1))


def test_a_newcomer_gets_her_part_of_the_queues_once(tmp_path):
    """Queues are balanced again, no item is lost or doubled, and what is on a desk stays there."""
    team = crew(tmp_path, **ONE_EACH)
    for name in ("ada", "ben"):
        team.join(name)
    open_round(team.project)
    team.work("ada", lambda _: "Positive", most=3)
    before = open_assignments(team.project, 1)
    shown = {a.key for a in before if a.state is AssignmentState.DELIVERED}
    team.join("cyd")
    assert share_queues(team.project) == 9
    after = open_assignments(team.project, 1)
    assert Counter(a.item for a in after) == Counter(a.item for a in before)
    assert shown <= {a.key for a in after}
    assert waiting(team) == {"ada": 9, "ben": 9, "cyd": 9}
    assert share_queues(team.project) == 0
    team.work("cyd", lambda _: "Positive")
    assert share_queues(team.project) == 0, "who has had her part gets no second one"


@pytest.mark.parametrize("done", [0, 3])
def test_who_comes_back_has_work_again_and_no_item_twice(tmp_path, done):
    """A pause sends her items to others; on her return she gets a part, whatever she had finished, and nothing anew."""
    team = crew(tmp_path, **ONE_EACH)
    for name in ("ada", "ben", "cyd"):
        team.join(name)
    open_round(team.project)
    if done:
        team.work("ada", lambda _: "Positive", most=done)
    first = {a.item for a in team.project.store.assignments(annotator="ada", trial=False)}
    pause(team.project, team.person("ada"), "A break.")
    assert waiting(team)["ada"] == 0
    resume(team.project, team.person("ada"), "Back.")
    assert waiting(team)["ada"] == round((30 - done) / 3)
    again = [a.item for a in open_assignments(team.project, 1) if a.annotator == "ada"]
    assert not first & set(again)
    assert len(open_assignments(team.project, 1)) == 30 - done


def test_who_cannot_be_served_keeps_nobody_else_waiting(tmp_path):
    """A novice for whom nothing may be taken stands before a regular who can be given work."""
    team = crew(tmp_path, **ONE_EACH)
    team.join("eve", Level.EXPERT)
    open_round(team.project)
    team.join("abe", Level.NOVICE)
    team.join("zoe")
    assert share_queues(team.project) == 10
    assert waiting(team) == {"eve": 20, "zoe": 10}


def test_a_novice_who_has_just_qualified_begins_beside_an_expert(tmp_path):
    """Her first items are labeled by an expert, too, as at the opening of a round."""
    team = crew(tmp_path, **ONE_EACH, team={"novice_items": 4, "experts_label": False})
    team.join("ada")
    team.join("eve", Level.EXPERT)
    open_round(team.project)
    team.join("nia", Level.NOVICE)
    share_queues(team.project)
    hers = {a.item for a in open_assignments(team.project, 1) if a.annotator == "nia"}
    beside = [a for a in open_assignments(team.project, 1) if a.annotator == "eve"]
    assert len(hers) == 15
    assert len(beside) == 4
    assert {a.item for a in beside} <= hers
    assert {a.purpose for a in beside} == {Purpose.OVERLAP}


def test_a_novice_takes_nothing_from_an_expert(tmp_path):
    """What an expert labels stays with her."""
    team = crew(tmp_path, **ONE_EACH)
    team.join("eve", Level.EXPERT)
    open_round(team.project)
    team.join("nia", Level.NOVICE)
    assert share_queues(team.project) == 0
    assert waiting(team) == {"eve": 30}


def test_only_who_labels_gets_a_part_and_no_more_than_her_cap(tmp_path):
    """Experts who only review get none, a cap holds; without an open round nothing changes hands."""
    team = crew(tmp_path, **ONE_EACH, team={"most_answers": 40, "experts_label": False})
    for name in ("ada", "ben"):
        team.join(name)
    assert share_queues(team.project) == 0
    open_round(team.project)
    team.join("eve", Level.EXPERT)
    assert share_queues(team.project) == 0
    team.join("cyd")
    for k in range(36):
        team.give("cyd", team.project.pool.items([k])[0].id, Purpose.GOLD, 0)
    assert share_queues(team.project) == 4
    assert waiting(team)["cyd"] == 4
