"""What the loop remembers, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from labelwright.adapters.store.engine import open_store, sqlite_url
from labelwright.model.loop import Step, StepRecord, StepState
from labelwright.model.project import RoundRecord, RoundState

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def store(request, tmp_path):
    url = sqlite_url(tmp_path / "s.db") if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    opened = open_store(url)
    yield opened
    opened.close()


def record(step=Step.TRAIN, state=StepState.RUNNING, **more):
    return StepRecord(1, step, state, NOW, **more)


def test_a_finished_step_stays_as_it_is(store):
    """Whoever was slower, or was skipped meanwhile, cannot write over what came first."""
    assert store.put_step(record(tries=1, worker="a"))
    assert store.put_step(record(state=StepState.RETRYING, retry_at=NOW + timedelta(seconds=2), reason="down"))
    done = record(state=StepState.DONE, result={"n": 1, "none": None})
    assert store.put_step(done)
    assert not store.put_step(replace(done, state=StepState.SKIPPED, result={}))
    assert store.steps(1) == [done]


def test_steps_come_in_the_order_of_rounds_and_steps(store):
    """Whatever order they were written in."""
    for number, step in ((2, Step.SELECT), (1, Step.SCORE), (1, Step.DELIVER), (1, Step.SELECT)):
        store.put_step(StepRecord(number, step, StepState.RUNNING, NOW))
    assert [(s.round, s.step) for s in store.steps()] == [
        (1, Step.SELECT), (1, Step.DELIVER), (1, Step.SCORE), (2, Step.SELECT),
    ]  # fmt: skip


def test_what_a_dead_worker_held_is_free(store):
    """Another one need not wait for the end of its leases."""
    store.beat("dead", NOW)
    store.beat("alive", NOW)
    store.beat("alive", NOW + timedelta(minutes=1))
    assert store.acquire("deliver:5", "dead", NOW, 300)
    assert not store.acquire("deliver:5", "alive", NOW, 300)
    store.forget_workers(["dead"])
    assert store.workers() == {"alive": NOW + timedelta(minutes=1)}
    assert store.acquire("deliver:5", "alive", NOW, 300)


def test_notes_are_kept_and_taken_away(store):
    """Paused is paused until somebody resumes."""
    assert store.note("paused") is None
    store.put_note("paused", "by hand")
    store.put_note("paused", "again")
    assert store.note("paused") == "again"
    store.put_note("paused", None)
    assert store.note("paused") is None


def test_a_closed_round_is_not_closed_again(store):
    """A cancelled round stays cancelled when a worker that was at it comes late."""
    store.open_round(RoundRecord(1, RoundState.OPEN, "random", NOW), {}, [])
    store.close_round(1, NOW, {"reason": "cancelled"}, RoundState.CANCELLED)
    store.close_round(1, NOW, {"labels": 3})
    (found,) = store.rounds()
    assert (found.state, found.result) == (RoundState.CANCELLED, {"reason": "cancelled"})
