"""Self-consistency: who is asked what again, when, and what it is held against."""

from __future__ import annotations

from collections import Counter

import pytest

from labelwright.app.answers import replies_of
from labelwright.app.consistency import consistency, kept_back
from labelwright.app.guideline_versions import effect
from labelwright.app.oversight import oversee
from labelwright.app.team import find_annotator
from labelwright.app.team_status import pause
from labelwright.model.project import Purpose
from support.people import crew
from support.workspaces import CLASSES


def again(team):
    return [a for a in team.project.store.assignments() if a.purpose is Purpose.REASK]


@pytest.fixture
def team(tmp_path):
    made = crew(tmp_path, n=60, team={"reask_share": 0.3, "reask_days": 3}, overlap={"share": 0.0})
    for name in ("ada", "ben"):
        made.join(name)
        for k in range(40):
            made.say(name, f"s{k}", CLASSES[k % 3])
    return made


def test_a_share_is_asked_again_after_days_of_the_same_person_and_only_once(team):
    """Not before the days have passed; then a share of each person's own, and never a third time."""
    oversee(team.project)
    assert again(team) == []
    team.clock.move(days=3)
    oversee(team.project)
    planned = again(team)
    shares = Counter(a.annotator for a in planned)
    assert all(4 <= shares[who] <= 20 for who in ("ada", "ben"))
    assert {a.item for a in planned if a.annotator == "ada"} != {a.item for a in planned if a.annotator == "ben"}
    oversee(team.project)
    assert len(again(team)) == len(planned)
    for a in planned:
        team.answer(a, CLASSES[int(a.item[1:]) % 3])
    team.clock.move(days=9)
    oversee(team.project)
    assert len(again(team)) == len(planned)
    assert max(Counter((a.item, a.annotator) for a in team.project.store.assignments()).values()) == 2
    found = consistency("ada", replies_of(team.project))
    assert (found.value, found.n_items) == (1.0, shares["ada"])


def test_nobody_who_is_away_is_asked_again(team):
    """What is asked again is hers alone: while she is paused it waits, and goes to nobody else."""
    pause(team.project, find_annotator(team.project, "ada"), "A break.")
    team.clock.move(days=3)
    oversee(team.project)
    assert {a.annotator for a in again(team)} == {"ben"}


def test_an_item_that_will_be_asked_again_is_not_shown_before(team):
    """An example in her report would tell her the label."""
    replies = replies_of(team.project)
    hidden = kept_back(team.project, "ada", replies)
    assert 4 <= len(hidden) <= 20
    team.clock.move(days=3)
    oversee(team.project)
    assert hidden == {a.item for a in again(team) if a.annotator == "ada"}


def test_a_change_of_the_guidelines_is_no_inconsistency_and_the_other_way_round(team):
    """Asked again under the same guidelines it measures her; under new ones it measures them."""
    team.clock.move(days=3)
    oversee(team.project)
    for a in again(team):
        team.answer(a, "Neutral")
    assert effect(replies_of(team.project))["items"] == 0
    assert consistency("ada", replies_of(team.project)).value < 1
