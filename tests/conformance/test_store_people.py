"""The store's memory of people and money, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from labelwright.adapters.store.engine import open_store, sqlite_url
from labelwright.assignment import IntakePlan
from labelwright.model.money import Rate, RateUnit
from labelwright.model.people import (
    Adjudication,
    GoldItem,
    GoldSource,
    Message,
    Qualification,
    ReviewRequest,
    Shown,
    StatusChange,
)
from labelwright.model.project import (
    Annotator,
    AnnotatorStatus,
    Assignment,
    AssignmentState,
    Item,
    Level,
    Purpose,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADA = Annotator(
    "ada",
    "Ada",
    "ada@example.org",
    Level.EXPERT,
    user=7,
    skills=("medical", "law"),
    languages=("de",),
    rate=Rate(Decimal("18.50"), RateUnit.HOUR),
    weekly_hours=12.5,
    reason="since the start",
    read_guidelines=2,
)
BEN = Annotator("ben", "Ben", "ben@example.org")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def store(request, tmp_path):
    sqlite = request.param == "sqlite"
    opened = open_store(sqlite_url(tmp_path / "s.db") if sqlite else request.getfixturevalue("postgres_url"))
    opened.put_annotator(ADA)
    opened.put_annotator(BEN)
    opened.add_assignments({i: (Item(i, {"text": i}, {}, i), n) for n, i in enumerate("ijk")}, [])
    yield opened
    opened.close()


def given(key, who="ada", item="i", purpose=Purpose.LABEL, state=AssignmentState.PLANNED):
    return Assignment(key, item, who, purpose, 1, 0, state)


def test_a_person_comes_out_as_she_went_in(store):
    """Level, tags, rate, hours and reason survive the tables unchanged."""
    assert store.annotators() == [ADA, BEN]


def test_gold_counts_the_people_who_have_seen_it(store):
    """Exposure is what wears gold out: a planned task shows nothing yet, a second task for one person adds nothing."""
    known = GoldItem("i", "mood", "good", GoldSource.LEAD, (), "lead", "because", NOW)
    drawn = GoldItem("j", "span", None, GoldSource.ADJUDICATION, ({"type": "labels", "value": {"start": 1}},), "ada")
    store.put_gold([known, drawn])
    asked = [
        given("1", "ada", "i", Purpose.GOLD, AssignmentState.DONE),
        given("2", "ada", "i", Purpose.QUALIFICATION, AssignmentState.DELIVERED),
        given("3", "ben", "i", Purpose.GOLD),
    ]
    store.add_assignments({}, asked)
    assert store.gold() == [replace(known, exposures=1), drawn]
    store.put_gold([replace(known, retired_at=NOW, retired_reason="worn", suspected="all disagree")])
    (worn,) = store.gold("mood")
    assert (worn.active, worn.retired_reason, worn.suspected) == (False, "worn", "all disagree")


def test_gold_is_never_drawn_as_if_its_label_were_not_known(store):
    """Rows of gold count as drawn, so that selection leaves them out."""
    store.put_gold([GoldItem("j", "mood", "good", GoldSource.LEAD)])
    assert store.drawn_rows() == [1]


def test_two_experts_may_contradict_and_both_words_are_kept(store):
    """The later word of the same expert takes the place of the earlier one; another's stays beside it."""
    first = Adjudication("i", "mood", "ada", 9, "good", NOW, (), "rule 2", "bad", "contested")
    other = Adjudication("i", "mood", "ben", 10, "bad", NOW + timedelta(minutes=1))
    store.put_adjudications([first, other])
    later = replace(first, annotation=11, label="neutral", at=NOW + timedelta(minutes=2))
    store.put_adjudications([later])
    assert store.adjudications("mood") == [other, later]


def test_an_item_is_sent_to_the_expert_once(store):
    """A second request, after a crash or for another reason, changes nothing; a settled one stays settled."""
    store.request_review([ReviewRequest("i", "contested", "2 against 2", NOW), ReviewRequest("j", "audit", "", NOW)])
    store.request_review([ReviewRequest("i", "audit", "", NOW + timedelta(hours=1))])
    store.close_reviews(["i"], NOW)
    store.close_reviews(["i"], NOW + timedelta(hours=1))
    assert [r.item for r in store.reviews(waiting=True)] == ["j"]
    assert store.reviews(waiting=False) == [ReviewRequest("i", "contested", "2 against 2", NOW, NOW)]


def test_a_change_of_status_and_its_audit_are_one(store):
    """Who paused whom and why is on record, and a repetition after a crash leaves one line."""
    pause = StatusChange(
        "ada", AnnotatorStatus.ACTIVE, AnnotatorStatus.PAUSED, "gold below the mark", "labelwright", NOW
    )
    store.change_status(ADA, pause)
    store.change_status(ADA, pause)
    assert store.status_changes() == [pause]
    found = store.annotators()[0]
    assert (found.status, found.reason) == (AnnotatorStatus.PAUSED, "gold below the mark")


def test_every_rate_keeps_the_time_from_which_it_counts(store):
    """Old answers stay paid as they were."""
    low, high = Rate(Decimal("0.05"), RateUnit.LABEL), Rate(Decimal(20), RateUnit.HOUR)
    store.put_rate("ada", high, NOW + timedelta(days=1))
    store.put_rate("ada", low, NOW)
    assert store.rates() == {"ada": [(NOW, low), (NOW + timedelta(days=1), high)]}


def test_a_try_at_qualification_is_opened_and_decided(store):
    """Attempts are told apart; the decision takes the place of the open one."""
    opened = Qualification("ben", 1, ("a", "b"), NOW)
    store.put_qualification(opened)
    decided = replace(opened, closed_at=NOW, passed=False, result={"right": 3, "n": 10})
    store.put_qualification(decided)
    store.put_qualification(replace(opened, attempt=2))
    assert store.qualifications("ben") == [decided, replace(opened, attempt=2)]
    assert store.qualifications("ada") == []


def test_the_same_occasion_is_told_once(store):
    """A worker that dies after writing a message does not write it again."""
    said = Message("pause:ben:1", "ben", "paused", "Why: …", NOW, "i")
    store.put_messages([said])
    store.put_messages([replace(said, text="again"), Message("pause:ben:1:lead", "lead", "paused", "…", NOW)])
    store.record_mailed(["pause:ben:1"], NOW)
    assert store.messages("ben") == [replace(said, mailed_at=NOW)]
    assert len(store.messages()) == 2


def test_a_desk_remembers_when_it_showed_which_guidelines(store):
    """Showing the same version again is no news; going back to an old one is."""
    for minute, version in ((0, 1), (1, 1), (2, 2), (3, 1)):
        store.put_shown(Shown(5, version, NOW + timedelta(minutes=minute)))
    assert [(s.version, s.at.minute) for s in store.shown(5)] == [(1, 0), (2, 2), (1, 3)]


def test_work_is_handed_over_unless_it_was_done_meanwhile(store):
    """The answer that came in between stays hers, and nobody gets that item a second time for it."""
    store.add_assignments({}, [given("1", item="i"), given("2", item="j"), given("3", item="k")])
    store.apply_intake(5, IntakePlan((), (), (("2", AssignmentState.DONE),)), None)
    after = {"1": given("n1", "ben", "i"), "2": given("n2", "ben", "j"), "3": None}
    assert store.hand_over(after) == 2
    assert store.hand_over(after) == 0
    states = {a.key: a.state for a in store.assignments()}
    done, gone, planned = AssignmentState.DONE, AssignmentState.WITHDRAWN, AssignmentState.PLANNED
    assert states == {"1": gone, "2": done, "3": gone, "n1": planned}
