"""The console's tables on SQLite and on PostgreSQL: lists, filters, pages by key, facets, accounts, documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from labelwright.adapters.store import migrations
from labelwright.adapters.store.engine import open_store, sqlite_url
from labelwright.assignment import IntakePlan
from labelwright.model.console import Account, ApiToken, Facts, ItemQuery, Role, Scope, Session, SignInLink, Snapshot
from labelwright.model.desk import AnnotationRecord
from labelwright.model.people import Message
from labelwright.model.project import AnnotationState, Annotator, Assignment, AssignmentState, Item, Level, Purpose

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
N = 40


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def store(request, tmp_path):
    address = (
        sqlite_url(tmp_path / "state" / "store.db")
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_url")
    )
    opened = open_store(address)
    yield opened
    opened.close()


def facts(i: int) -> Facts:
    """Every third item has two answers; every sixth of these differ."""
    two, apart = i % 3 == 0, i % 6 == 0
    said = [("label", "ada", "Good")] + ([("label", "ben", "Bad" if apart else "Good")] if two else [])
    return Facts(
        item=f"i{i:02d}",
        text=f"Sentence {i} with 100% of a_word" if i % 2 else f"Überschrift {i}",
        state="contested" if apart else "accepted",
        label=None if apart else "Good",
        posterior=None if apart else 0.5 + i / 100,
        disagreement=float(apart) if two else None,
        answers=len(said),
        round=1 + i % 2,
        changed_at=f"2026-11-23T12:{i:02d}:00.000000Z",
        answered_at=f"2026-11-23T12:{i:02d}:00.000000Z" if i % 2 else None,
        said=tuple(said),
        slices={"source": f"shop {i % 4}"},
    )


@pytest.fixture
def listed(store):
    items = {f"i{i:02d}": (Item(f"i{i:02d}", {"text": "x"}, {}, "g", None), i) for i in range(N)}
    store.put_annotator(Annotator("ada", "Ada", "ada@example.org", Level.REGULAR))
    store.add_assignments(items, [])
    store.put_facts([facts(i) for i in range(N)])
    return store


def ids(store, **query) -> list[str]:
    return [f.item for f in store.browse(ItemQuery(limit=100, **query))]


@pytest.mark.parametrize("sort", ["item", "posterior", "disagreement", "answers", "round", "changed_at"])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_by_key_show_every_item_once_in_order(listed, sort, descending):
    """Whatever the order, and with undefined values in it, the pages together are the whole list."""
    query, seen = ItemQuery(sort=sort, descending=descending, limit=7), []
    while page := listed.browse(query):
        seen += page
        if len(page) < 7:
            break
        query = replace(query, after=(getattr(page[-1], sort), page[-1].item))
    assert sorted(f.item for f in seen) == [f"i{i:02d}" for i in range(N)]
    assert [f.item for f in seen] == ids(listed, sort=sort, descending=descending)
    values = [v for f in seen if (v := getattr(f, sort)) is not None]
    assert values == sorted(values, reverse=descending)


def test_filters_find_what_they_say(listed):
    """Text without case and with its signs as they are, states, answers, pairs, slices, stretches; and the count."""
    assert ids(listed, search="überschrift 4") == ["i04"]
    assert len(ids(listed, search="100% of a_word")) == N // 2
    assert ids(listed, search="100x of") == []
    assert ids(listed, states=("contested",)) == [f"i{i:02d}" for i in range(0, N, 6)]
    assert ids(listed, annotators=("ben",)) == [f"i{i:02d}" for i in range(0, N, 3)]
    assert ids(listed, classes=("Good", "Bad"), control="label") == ids(listed, differing=True)
    assert ids(listed, values={"source": ("shop 1",)}, round=2) == [f"i{i:02d}" for i in range(1, N, 4)]
    both = ids(listed, values={"source": ("shop 1", "shop 0")})
    assert both == sorted(ids(listed, values={"source": ("shop 0",)}) + ids(listed, values={"source": ("shop 1",)}))
    assert ids(listed, disagreement=(0.0, 0.0)) == [f"i{i:02d}" for i in range(3, N, 6)]
    assert all(0.6 < 0.5 + int(i[1:]) / 100 <= 0.8 for i in ids(listed, posterior=(0.6, 0.8)))
    assert sorted(ids(listed, differing=True, sort="disagreement")) == ids(listed, differing=True)
    assert sorted(ids(listed, posterior=(0.6, 0.8), sort="posterior")) == ids(listed, posterior=(0.6, 0.8))
    assert ids(listed, annotators=("ada", "ben")) == ids(listed, annotators=("ben",))
    period = (NOW + timedelta(minutes=5), NOW + timedelta(minutes=9))
    assert ids(listed, answered=period) == ["i05", "i07"]
    assert listed.count_items(ItemQuery(differing=True), 1000) == 7
    assert listed.count_items(ItemQuery(), 10) == 10


def test_facets_count_and_a_line_listed_anew_replaces_the_old(listed):
    """Counts of every facet; an answer that was taken back is gone from the list."""
    found = listed.facets()
    assert found["state"] == {"accepted": 33, "contested": 7}
    assert found["annotator"] == {"ada": 40, "ben": 14}
    assert found["slice:source"] == {f"shop {k}": 10 for k in range(4)}
    assert found["disagreement"] == {"0..0": 7, "0.5..1": 7}
    assert sum(found["posterior"].values()) == 33
    listed.put_facts([replace(facts(0), said=(("label", "ada", "Good"),), disagreement=None)])
    assert listed.facets()["annotator"]["ben"] == 13


def record(number: int, minute: int) -> AnnotationRecord:
    at = NOW + timedelta(minutes=minute)
    return AnnotationRecord(
        number, 5, 50, "k", "i01", "ada", AnnotationState.VALID, at, at, 2.5, Purpose.LABEL, 1, "{}", 1, 1, ()
    )


def test_what_changed_is_listed_and_the_stamp_tells(listed):
    """Only items with something newer are made anew; pace and span come from the answers that count."""
    before = listed.state_stamp()
    assert listed.changed_items("2026-01-01T00:00:00.000000Z") == []
    work = Assignment("k", "i01", "ada", Purpose.LABEL, 1, 0, AssignmentState.PLANNED)
    listed.add_assignments({}, [work])
    assert listed.state_stamp().rpartition("|")[0] == before.rpartition("|")[0]
    assert listed.state_stamp() != before
    listed.apply_intake(5, IntakePlan(records=(record(1, 0), record(2, 61))), None)
    assert listed.state_stamp().rpartition("|")[0] != before.rpartition("|")[0]
    assert listed.changed_items("2026-11-23T12:30:00.000000Z") == ["i01"]
    assert listed.newest_change().startswith("2026-11-23T13:01")
    assert [n for _, _, n in listed.throughput(13)] == [1, 1]
    assert listed.time_span()[0].startswith("2026-11-23T12:00")
    assert listed.assignment_counts_by_round() == {1: {"planned": 1}} or listed.assignment_counts_by_round()[1]
    assert [r.id for r in listed.records_of_items(["i01"])] == [1, 2]


def test_a_list_made_by_an_older_version_learns_when_its_items_were_answered(listed, store):
    """After an upgrade, a period opens its items at once: nothing has to change before they are listed anew."""
    late = replace(record(3, 90), purpose=Purpose.REVIEW)
    listed.apply_intake(5, IntakePlan(records=(record(1, 0), record(2, 61), late)), None)
    migrated(store, "0010", "head")
    period = (NOW + timedelta(minutes=61), NOW + timedelta(minutes=62))
    assert ids(listed, answered=period) == ["i01"]
    assert ids(listed, answered=(NOW + timedelta(minutes=62), NOW + timedelta(days=9))) == []


def migrated(store, *revisions: str) -> None:
    """The tables taken back to an earlier revision, or on to a later one."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    for revision in revisions:
        with store._engine.begin() as db:
            config.attributes["connection"] = db
            go = command.upgrade if revision == "head" else command.downgrade
            go(config, revision)


def test_who_may_come_in_is_kept(store):
    """Accounts, sessions, tokens, links that work once, the audit log, documents, messages."""
    lead = Account("a1", "Lead", Role.LEAD, NOW, email="lead@example.org")
    store.put_account(lead)
    store.put_account(replace(lead, name="The lead"))
    assert [a.name for a in store.accounts()] == ["The lead"]
    store.put_session(Session("h", "a1", "c", 1.0, 100.0))
    assert store.session("h").csrf == "c"
    store.end_session_at("h", 5.0)
    store.end_sessions(6.0)
    assert store.session("h") is None
    store.put_token(ApiToken("t", "th", "nightly", "a1", frozenset({Scope.READ}), NOW))
    assert store.token("th").scopes == {Scope.READ}
    assert store.delete_token("t")
    assert store.token("th") is None
    store.put_link(SignInLink("l", Role.LEAD, 50.0))
    assert store.use_link("l", 10.0).role is Role.LEAD
    assert store.use_link("l", 10.0) is None
    store.append_audit(NOW, "Lead", "session", "person.pause", "ada", {"reason": "a rest"})
    assert [(e.action, e.detail["reason"]) for e in store.audit(None, 10)] == [("person.pause", "a rest")]
    store.put_snapshot(Snapshot("overview", "1|x", NOW, 0.1, {"n": 1}))
    store.put_snapshot(Snapshot("overview", "1|y", NOW, 0.1, {"n": 2}))
    assert store.snapshot("overview").document == {"n": 2}
    assert set(store.snapshot_stamps()) == {"overview"}
    store.put_messages([Message("m", "lead", "gold", "A label is in doubt", NOW)])
    assert [m.text for m in store.messages("lead")] == ["A label is in doubt"]
