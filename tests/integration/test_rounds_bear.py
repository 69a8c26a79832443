"""What a round bears: Label Studio gone in mid-delivery, a model that raises, a changed pool, a full disk, a hand."""

from __future__ import annotations

import os
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa

from labelwright.adapters.labelstudio.client import LabelStudioClient
from labelwright.adapters.labelstudio.desks import LabelStudioDesks
from labelwright.adapters.learners.text import TextLearner
from labelwright.adapters.processes import free_port, wait_until
from labelwright.app.annotations import annotation_set
from labelwright.app.intake import take_in_all
from labelwright.app.rounds import round_status
from labelwright.app.turning import turn_step
from labelwright.entry.cli.output import Bar
from labelwright.entry.workflows.rounds import Halt, Rest
from labelwright.model.errors import OutsideServiceError
from labelwright.model.loop import Step, StepState
from labelwright.model.project import AssignmentState
from support import workspaces
from support.command import run, told

pytestmark = pytest.mark.server


@pytest.fixture
def place(tmp_path, label_studio):
    made = workspaces.make(
        tmp_path / "ws",
        label_studio,
        model={"kind": "text", "test_items": 4, "test_overlap": 1},
        sampling={"strategy": "margin", "batch": 8, "random_share": 0.25},
        loop={"mode": "auto"},
        team={"low_water": 10, "high_water": 30},
    )
    workspaces.join(made, "Ada", "Bob")
    return made


@contextmanager
def turning(place, number=1, **tools):
    """The round turns beside the test, as in the server; it ends with the block."""
    rest, project = Rest(), place.project()
    turn = place.turn(project, Bar(quiet=True), rest=rest, worker="tester")
    turn = replace(turn, tools=replace(turn.tools, **tools))

    def all_steps():
        try:
            for step in Step:
                if not turn_step(turn, number, step):
                    return
        except Halt:
            pass

    thread = threading.Thread(target=all_steps, daemon=True)
    thread.start()
    try:
        yield turn
    finally:
        rest.end()
        thread.join(timeout=30)
        assert not thread.is_alive()


def answer(place):
    for name, label in (("ada", "Positive"), ("bob", "Negative")):
        workspaces.answer_all(place, name, label)
    take_in_all(place.project(), place.desks())


def row(place, number=1):
    return next(r for r in round_status(place.project()) if r["round"] == number)


def closed(place, number=1):
    """The round closes while everybody answers."""
    return wait_until(lambda: answer(place) or row(place, number)["state"] == "closed", timeout=240)


def is_at(place, step, state, number=1):
    found = [s for s in place.project().store.steps(number) if s.step is step]
    return bool(found) and found[0].state is state


def stands_at(place, step, state, number=1):
    return wait_until(lambda: is_at(place, step, state, number), timeout=240)


class GoesDown:
    """Desks that lose their server after so many deliveries: what follows goes to a port where nobody listens."""

    def __init__(self, real, deliveries):
        self._real, self._left = real, deliveries
        self._gone = LabelStudioDesks(LabelStudioClient(f"http://127.0.0.1:{free_port()}", "5e" * 20))

    def __getattr__(self, name):
        if name == "deliver":
            self._left -= 1
        return getattr(self._real if self._left >= 0 else self._gone, name)


def test_label_studio_that_goes_down_in_mid_delivery_gets_each_task_once(place):
    """One desk is full, the other is not: the step is tried again, says so, and delivers the rest."""
    lives = iter([GoesDown(place.desks(), 1), GoesDown(place.desks(), 0)])
    seen = []
    with turning(place, connect=lambda: next(lives, None) or place.desks()) as turn:
        assert wait_until(lambda: seen.append(turn.record(1, Step.DELIVER).reason) or turn.record(1, Step.DELIVER).finished, timeout=240, interval=0.05)  # fmt: skip
        assert turn.record(1, Step.DELIVER).tries == 3
        assert any(r and "next try at" in r for r in seen)
    desks = place.desks()
    keys = Counter(t.key for d in place.project().store.desks("work") for t in desks.tasks(d.project))
    assert set(keys.values()) == {1}


def test_a_model_that_raises_ends_nothing_and_the_next_batch_is_random(place):
    """The round closes, says why it has no model, and chance takes the place of an opinion."""

    class Broken(TextLearner):
        def fit(self, *_):
            message = "matrix is singular"
            raise ZeroDivisionError(message)

    with turning(place, new_learner=Broken):
        assert closed(place)
    found = row(place)
    assert "the model raised ZeroDivisionError in training: matrix is singular" in found["reason"]
    assert found["accuracy"] is None
    with turning(place, number=2):
        assert stands_at(place, Step.SELECT, StepState.DONE, 2)
        second = row(place, 2)
        assert second["strategy"] == "random"
        assert closed(place, 2)
    assert row(place, 2)["accuracy"] is not None


def test_a_pool_that_changed_is_refused_until_it_is_as_it_was(place):
    """Rows that moved would be other items: nothing is drawn, the reason says what to do, and a retry goes on."""
    data = place.root.parent / "ws.csv"
    before, stat = data.read_bytes(), data.stat()
    data.write_bytes(b"id,text,source\ns0,something else,even\n")
    with turning(place):
        assert stands_at(place, Step.SELECT, StepState.FAILED)
        assert place.project().store.rounds() == []
        found = row(place)
        assert (found["step"], found["delivered"]) == ("select", 0)
        assert "The pool has changed" in found["reason"]
        assert "labelwright round retry" in found["reason"]
        data.write_bytes(before)
        os.utime(data, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        told("round", "retry", "--workspace", place.root)
        assert stands_at(place, Step.DELIVER, StepState.DONE)


def test_a_full_disk_is_waited_for(place):
    """The kernel says that there is no room (/dev/full): the step is tried again until there is."""
    room = threading.Event()

    class Heavy(TextLearner):
        def save(self, path):
            if not room.is_set():
                with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
                    full.write("x" * 10_000)
            super().save(path)

    with turning(place, new_learner=Heavy):
        assert wait_until(lambda: answer(place) or is_at(place, Step.TRAIN, StepState.RETRYING), timeout=240)
        assert "No space left on device" in row(place)["reason"]
        room.set()
        told("round", "retry", "--workspace", place.root)
        assert closed(place)
    assert row(place)["accuracy"] is not None


def test_a_full_database_is_an_outage_and_not_a_crash(place):
    """SQLite says that it is full: the store's error is one that is tried again."""
    store = place.project().store
    with store._engine.connect() as db:
        pages = db.execute(sa.text("PRAGMA page_count")).scalar()
    sa.event.listen(store._engine, "checkout", lambda c, *_: c.execute(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(OutsideServiceError, match="full"):
        _fill(store)


def _fill(store):
    for n in range(2_000):
        store.put_note(f"n{n}", "x" * 4_000)


def test_pause_skip_cancel_by_hand(place):
    """A lead holds the loop, leaves a step out, ends a round; answers that were given stay."""
    where = ("--workspace", place.root)
    assert run("round", "retry", *where).code == 1
    told("round", "pause", *where)
    with turning(place):
        assert not wait_until(place.project().store.rounds, timeout=2.5)
        assert told("round", "status", *where)["loop"]["paused"]
        told("round", "resume", *where)
        assert stands_at(place, Step.WAIT, StepState.WAITING)
        assert run("round", "skip", "select", *where).code == 2
        assert run("round", "skip", "dance", *where).code == 2
        workspaces.answer_all(place, "ada")
        told("round", "skip", *where)
        assert wait_until(lambda: row(place)["state"] == "closed", timeout=240)
    waiting = row(place)["waiting"]
    assert waiting > 0
    workspaces.answer_all(place, "bob", "Negative")
    assert told("round", "status", *where)["rounds"][0]["waiting"] == 0
    with turning(place, number=2):
        assert stands_at(place, Step.WAIT, StepState.WAITING, 2)
        workspaces.answer_all(place, "ada", most=2)
        ended = told("round", "cancel", *where)
        assert ended["round"] == 2
    assert row(place, 2)["state"] == "cancelled"
    mine = Counter(a.state for a in place.project().store.assignments(round_number=2))
    assert mine[AssignmentState.DONE] == 2
    assert mine[AssignmentState.WITHDRAWN] == ended["withdrawn"]
    assert sum(a.round == 2 for a in annotation_set(place.project()).valid) == 2


def test_json_has_the_keys_that_scripts_rely_on(place):
    """`labelwright round status --json`."""
    with turning(place):
        assert closed(place)
    (found,) = told("round", "status", "--workspace", place.root)["rounds"]
    assert {"round", "state", "step", "strategy", "delivered", "labeled", "accuracy", "low", "high", "random_accuracy", "reason"} <= set(found)  # fmt: skip
    assert (found["round"], found["state"], found["step"]) == (1, "closed", "done")
    assert found["delivered"] == found["labeled"] > 0
    assert found["low"] <= found["accuracy"] <= found["high"]
