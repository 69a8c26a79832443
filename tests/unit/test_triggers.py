"""When a round is closed and when the next one opens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from labelwright.app.keeping import dead_workers, whose_turn
from labelwright.app.settings_loop import Loop
from labelwright.app.triggers import Progressing, opens_at, ripe

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday


def labeling(answers=5, waiting=10, queue=10, since=NOW):
    return Progressing(answers, waiting, queue, since)


def test_a_round_waits_for_all_its_answers():
    """However long that takes, where nothing else is set."""
    assert ripe(Loop(), labeling(), NOW + timedelta(days=400)) is None
    assert ripe(Loop(), labeling(waiting=0), NOW).reason == "all answers are in"


def test_new_labels_and_a_low_queue_close_a_round_and_take_nothing_back():
    """What is open stays on the desks: a starving desk is refilled before the last answer is in."""
    for loop, state in (
        (Loop(new_labels=5), labeling(answers=5)),
        (Loop(queue_below=11), labeling(queue=10)),
    ):
        found = ripe(loop, state, NOW)
        assert found is not None
        assert not found.withdraw
    assert ripe(Loop(new_labels=6, queue_below=10), labeling(), NOW) is None


def test_patience_ends_and_then_the_rest_is_withdrawn():
    """An annotator who never comes does not hold up the loop for ever."""
    loop = Loop(patience_days=2)
    assert ripe(loop, labeling(), NOW + timedelta(days=1.9)) is None
    assert ripe(loop, labeling(), NOW + timedelta(days=2)).withdraw


def test_the_schedule_opens_the_next_round_once_however_many_times_went_by():
    """A machine that was off for a month does not flood the desks."""
    loop = Loop(schedule="0 8 * * 1")
    assert opens_at(loop, None) is None  # the first round does not wait
    assert opens_at(loop, NOW) == datetime(2026, 11, 30, 8, tzinfo=UTC)
    assert opens_at(Loop(), NOW) is None


def test_the_schedule_is_meant_in_its_time_zone():
    """Eight o'clock in Berlin is seven in UTC in winter and six in summer."""
    loop = Loop(schedule="0 8 * * *", timezone="Europe/Berlin")
    assert opens_at(loop, NOW).astimezone(UTC).hour == 7
    assert opens_at(loop, NOW + timedelta(days=200)).astimezone(UTC).hour == 6


@pytest.mark.parametrize("wrong", [{"schedule": "every monday"}, {"timezone": "Mars/Olympus"}, {"mode": "sometimes"}])
def test_a_loop_that_cannot_be_meant_is_refused(wrong):
    """At the start, not on Monday at eight."""
    with pytest.raises(ValidationError):
        Loop(**wrong)


def test_auto_alone_is_enough():
    """`loop: auto` in the settings."""
    assert Loop.model_validate("auto") == Loop(mode="auto")


def test_workers_take_turns_and_a_silent_one_is_dead():
    """Each round has one worker that begins it, and every worker gets rounds."""
    alive = {"a", "b", "c"}
    assert {whose_turn(n, alive) for n in range(1, 4)} == alive
    assert whose_turn(1, set()) is None
    seen = {"a": NOW, "b": NOW - timedelta(seconds=31)}
    assert dead_workers(seen, NOW, 30) == ["b"]
