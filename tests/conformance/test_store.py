"""The store on SQLite and on PostgreSQL: the same code, the same promises."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from labelwright.adapters.store import tables
from labelwright.adapters.store.engine import open_store, sqlite_url
from labelwright.assignment import IntakePlan
from labelwright.model.consensus import FINAL, ConsensusState, ItemConsensus
from labelwright.model.desk import AnnotationRecord, DeskRecord
from labelwright.model.errors import CheckFailedError, OutsideServiceError, UsageError
from labelwright.model.project import (
    AnnotationState,
    Annotator,
    Assignment,
    AssignmentState,
    Item,
    Level,
    Purpose,
    RoundRecord,
    RoundState,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADA = Annotator("ada", "Ada", "ada@example.org", Level.EXPERT, user=7)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def address(request, tmp_path):
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "state" / "store.db")
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def store(address):
    opened = open_store(address)
    yield opened
    opened.close()


def item(name="i", row=3):
    return {name: (Item(name, {"text": "naïve 🙂 'quote' \x7f"}, {"source": "web", "year": 2020}, "g", "old"), row)}


def assignment(key="k", name="i", state=AssignmentState.PLANNED, purpose=Purpose.LABEL, round_number=1):
    return Assignment(key, name, "ada", purpose, round_number, 0, state)


def record(number=1, minute=0, state=AnnotationState.VALID, raw='{"a": 1}', problems=()):
    at = NOW + timedelta(minutes=minute)
    return AnnotationRecord(
        number, 5, 50, "k", "i", "ada", state, NOW, at, 2.5, Purpose.LABEL, 1, raw, 1, 1, problems
    )  # fmt: skip


def ready(store):
    store.put_annotator(ADA)
    store.put_desk(DeskRecord(5, "ada", "work", "http://x/5"))
    store.add_assignments(item(), [assignment()])
    return store


def test_what_is_put_in_comes_out(store):
    """Items, people, desks and assignments survive the way through the tables unchanged."""
    ready(store)
    assert store.items() == {"i": item()["i"][0]}
    assert store.items(["i", "absent"]) == {"i": item()["i"][0]}
    assert store.annotators() == [ADA]
    assert store.desks() == [DeskRecord(5, "ada", "work", "http://x/5")]
    assert store.assignments() == [assignment()]
    assert store.assignments_of_keys(["k", "x"]) == {"k": assignment()}
    assert store.drawn_rows() == [3]


def test_what_was_withdrawn_unanswered_is_as_if_it_had_never_been_drawn(store):
    """A round that ends early loses no item: the next one may ask the same person, under the key that the task has."""
    ready(store)
    store.record_delivery({"k": 50})
    store.withdraw(["k"])
    assert (store.drawn_rows(), store.drawn_items()) == ([], [])
    store.add_assignments({}, [assignment("new", round_number=2)])
    (again,) = store.assignments()
    assert (again.key, again.round, again.state, again.task) == ("k", 2, AssignmentState.PLANNED, 50)
    assert store.drawn_rows() == [3]
    assert store.drawn_items() == [item()["i"][0]]
    store.apply_intake(5, IntakePlan((record(),), (), (("k", AssignmentState.DONE),)), None)
    store.add_assignments({}, [assignment("newer", round_number=3)])
    assert [(a.key, a.state) for a in store.assignments()] == [("k", AssignmentState.DONE)], "an answer stays one"


def test_migrations_make_the_tables_that_the_code_uses(store):
    """A table changed without a migration is found here."""
    with store._engine.connect() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


def test_opening_again_changes_nothing(store, address):
    """The second start finds its tables up to date."""
    ready(store)
    again = open_store(address)
    assert again.annotators() == [ADA]
    again.close()


def test_a_document_gets_a_new_version_only_when_it_changes(store):
    """An annotation can name the guidelines it was made under."""
    assert store.document("guidelines") is None
    assert [store.put_document("guidelines", t, NOW) for t in ("a", "a", "b", "a")] == [1, 1, 2, 3]
    assert store.document("guidelines") == (3, "a")
    assert store.document("guidelines", 2) == (2, "b")


def test_the_same_assignments_twice_are_there_once(store):
    """A plan that is written again after a crash doubles nothing."""
    ready(store)
    store.add_assignments(item(), [assignment(), assignment("k2")])
    assert [a.key for a in store.assignments()] == ["k"]


def test_delivery_is_recorded_and_what_is_done_stays_done(store):
    """Writing down a task never takes an answer back."""
    ready(store)
    store.record_delivery({"k": 70})
    (a,) = store.assignments()
    assert (a.state, a.task) == (AssignmentState.DELIVERED, 70)
    store.apply_intake(5, IntakePlan((), (), (("k", AssignmentState.DONE),)), None)
    store.record_delivery({"k": 71})
    store.record_vanished(["k"])
    store.withdraw(["k"])
    assert store.assignments()[0].state is AssignmentState.DONE


def test_a_vanished_task_is_planned_again_as_one_attempt_more(store):
    """Nothing is lost when somebody deletes a task."""
    ready(store).record_delivery({"k": 70})
    store.record_vanished(["k"])
    (a,) = store.assignments()
    assert (a.state, a.task, a.attempt) == (AssignmentState.PLANNED, None, 1)


def test_whether_a_desk_wants_a_look(store):
    """Desks with enough work are left alone; withdrawn tasks are fetched."""
    ready(store)
    assert store.needs_delivery("ada", kind="work", low=1)
    assert not store.needs_delivery("ada", kind="trial", low=1)
    store.record_delivery({"k": 70})
    assert not store.needs_delivery("ada", kind="work", low=1)
    store.withdraw(["k"])
    assert store.needs_delivery("ada", kind="work", low=1)
    store.record_gone(["k"])
    assert not store.needs_delivery("ada", kind="work", low=1)


def test_counts_tell_annotator_purpose_and_state(store):
    """Queues and budgets rest on these."""
    ready(store).add_assignments(item("j", 4), [assignment("t", "j", purpose=Purpose.TRIAL, round_number=0)])
    assert store.counts() == {("ada", "label", "planned"): 1, ("ada", "trial", "planned"): 1}
    assert store.drawn_rows() == [3]
    assert [a.key for a in store.assignments(trial=True)] == ["t"]
    assert [a.key for a in store.assignments(round_number=1)] == ["k"]


def test_a_round_is_there_whole_or_not_at_all(store):
    """A crash in mid-opening leaves no half round."""
    ready(store)
    opened = RoundRecord(1, RoundState.OPEN, "random", NOW, None, {"note": None})
    store.open_round(opened, item("j", 9), [assignment("k9", "j")])
    assert store.rounds() == [opened]
    with pytest.raises(CheckFailedError, match="somebody else"):
        store.open_round(opened, item("lost", 10), [])
    assert "lost" not in store.items()
    store.close_round(1, NOW, {"labels": 3})
    (closed,) = store.rounds()
    assert (closed.state, closed.closed_at, closed.result) == (RoundState.CLOSED, NOW, {"labels": 3})


def test_events_are_handled_up_to_the_one_that_was_seen(store):
    """A hint that comes while we look is not lost."""
    for _ in range(2):
        store.append_event(5, NOW)
    up_to, projects = store.pending_events()
    assert projects == {5}
    store.append_event(6, NOW)
    store.handle_events(up_to)
    assert store.pending_events()[1] == {6}


def test_intake_writes_records_states_and_the_watermark_together(store):
    """Either all of what was decided is there, or nothing."""
    ready(store)
    store.apply_intake(5, IntakePlan((record(problems=("p",)),), (), (("k", AssignmentState.DONE),)), NOW)
    assert list(store.records()) == [record(problems=("p",))]
    assert store.desks()[0].watermark == NOW
    assert store.assignments()[0].state is AssignmentState.DONE
    assert store.records_of_tasks(5, [50]) == [record(problems=("p",))]


def test_a_read_that_was_overtaken_does_not_undo_the_newer_one(store):
    """Two workers may read the same annotation at different times."""
    ready(store)
    store.apply_intake(5, IntakePlan((record(minute=5, raw="new"),)), None)
    store.apply_intake(5, IntakePlan((record(minute=1, raw="old"),)), None)
    assert [r.raw for r in store.records()] == ["new"]


def test_every_form_of_an_edited_annotation_is_kept(store):
    """The raw record is never thrown away."""
    ready(store)
    for minute, raw in ((0, "one"), (1, "two"), (1, "two")):
        store.apply_intake(5, IntakePlan((record(minute=minute, raw=raw),)), None)
    with store._engine.connect() as db:
        history = [r.raw for r in db.execute(sa.select(tables.annotation_history.c.raw))]
    assert sorted(history) == ["one", "two"]


def test_a_deleted_annotation_is_kept_and_no_longer_alive(store):
    """Deletion is a state, not a loss."""
    ready(store).apply_intake(5, IntakePlan((record(),)), None)
    store.apply_intake(5, IntakePlan((), (1,)), None)
    assert store.live_records(5) == []
    assert [r.state for r in store.records()] == [AnnotationState.DELETED]


def test_a_desk_keeps_its_watermark_when_it_is_put_again(store):
    """`up` refreshes desks; it must not make intake start over."""
    ready(store).apply_intake(5, IntakePlan(), NOW)
    store.put_desk(DeskRecord(5, "ada", "work", "http://y/5"))
    assert store.desks() == [DeskRecord(5, "ada", "work", "http://y/5", NOW)]


def test_a_lease_is_held_by_one_and_ends_by_itself(store):
    """A killed worker blocks nobody for long."""
    assert store.acquire("deliver:5", "one", NOW, 60)
    assert store.acquire("deliver:5", "one", NOW, 60)
    assert not store.acquire("deliver:5", "two", NOW, 60)
    assert store.acquire("deliver:5", "two", NOW + timedelta(seconds=61), 60)
    store.release("deliver:5", "one")
    assert not store.acquire("deliver:5", "one", NOW + timedelta(seconds=62), 60)


def test_two_that_ask_for_a_lease_at_once_do_not_both_get_it(store):
    """The lease is what keeps two workers from delivering the same task."""
    won = []
    threads = [
        threading.Thread(target=lambda n=n: won.append(n) if store.acquire("x", f"w{n}", NOW, 60) else None)
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_the_consensus_of_an_item_takes_the_place_of_what_was_known_before(store):
    """Every field comes back as it went in; a later state replaces the earlier one of the same control only."""
    ready(store)
    drawn = ({"type": "labels", "value": {"start": 0, "end": 2}},)
    first = ItemConsensus("i", "mood", ConsensusState.CONTESTED, None, (), None, {"a": 0.5, "b": 0.5}, 2, "tie")
    other = ItemConsensus("i", "span", ConsensusState.ACCEPTED, None, drawn, 0.9, {}, 3, "groups", None, None, NOW)
    store.put_consensus([first, other])
    final = ItemConsensus(
        "i", "mood", ConsensusState.ADJUDICATED, "a", (), 1.0, {"a": 1.0}, 3, "expert", "ada", "rule 2"
    )
    store.put_consensus([final])
    assert store.consensus() == [final, other]
    assert store.consensus("span", ["i", "absent"]) == [other]


@pytest.mark.parametrize("state", sorted(FINAL))
def test_an_inference_never_takes_the_place_of_a_decision(store, state):
    """What a person decided stands against everything that is inferred later; what was inferred does not."""
    ready(store)
    decided = ItemConsensus("i", "mood", state, "a", votes=3, method="expert", by="ada")
    store.put_consensus([decided, ItemConsensus("i", "span", ConsensusState.OPEN)])
    inferred = [ItemConsensus("i", c, ConsensusState.ACCEPTED, "b", votes=4) for c in ("mood", "span", "new")]
    store.put_consensus(inferred, unless=FINAL)
    assert store.consensus() == [decided, inferred[2], inferred[1]]


def test_values_are_never_read_as_sql(store):
    """A hostile name is a name."""
    hostile = Annotator("x'); DROP TABLE item; --", "Robert'); --", "r@example.org")
    store.put_annotator(hostile)
    assert store.annotators() == [hostile]
    assert store.items(["'; DROP TABLE item; --"]) == {}


def test_an_address_of_no_known_kind_is_refused_without_showing_it():
    """A password in a mistyped address does not reach the terminal."""
    with pytest.raises(UsageError) as refused:
        open_store("mysql://root:secret@host/db")
    assert "secret" not in str(refused.value)


def test_a_database_that_cannot_be_reached_is_an_outside_failure_without_its_password():
    """Exit code 3 and the next step, never the password."""
    with pytest.raises(OutsideServiceError) as refused:
        open_store("postgresql://root:secret@127.0.0.1:1/db")
    assert "secret" not in str(refused.value)
    assert refused.value.next_step
