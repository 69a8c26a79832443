"""How many items the next batch asks for, and whose desk comes first: neither a flood nor a drought."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from labelwright.model.errors import UsageError

#: A batch grows to so many times the size that was asked for at most, when the annotators are that fast.
GROWTH = 2.0


@dataclass(frozen=True, slots=True)
class Load:
    """The work that waits, in answers.

    Attributes:
        waiting: answers that are asked for and not given, on the desks or planned.
        before: the same when the last batch was drawn; None for the first.
        per_day: answers a day that the team gives; None while nothing is known.
    """

    waiting: int
    before: int | None = None
    per_day: float | None = None

    @property
    def days(self) -> float | None:
        """Days of work waiting; None while the throughput is not known."""
        return self.waiting / self.per_day if self.per_day else None


@dataclass(frozen=True, slots=True)
class Batch:
    """``items`` to draw now, and why it is that many."""

    items: int
    reason: str


def batch_size(asked: int, load: Load, *, days: float, answers: float = 1.0) -> Batch:
    """Items of the next batch, so that about ``days`` of work wait.

    A batch takes the room that is left under the mark, at most twice what was asked for. A queue that is longer than
    at the last batch and fills more than half of the mark halves it. While nobody knows how fast the team is, the
    batch is as it was asked for, less what still waits.

    Args:
        asked: items a batch, as set.
        load: what waits, and how fast it goes.
        days: of work that should wait for the team, above 0.
        answers: that an item asks for on average (overlap), at least 1.

    Returns:
        0 items where enough waits.

    Raises:
        UsageError: a number is out of its range.
    """
    if asked < 1 or days <= 0 or answers < 1 or load.waiting < 0 or (load.per_day or 0) < 0:
        raise UsageError("A batch is at least 1, days above 0, answers an item at least 1", where="batch size")
    if not load.per_day:
        items = min(asked, math.ceil(max(asked * answers - load.waiting, 0) / answers))
        return Batch(items, "the throughput is not known yet")
    mark = days * load.per_day
    items = int(max(mark - load.waiting, 0) / answers)
    why = f"{load.waiting} answers wait, {load.waiting / load.per_day:.1f} days of work at {load.per_day:.0f} a day"
    if load.before is not None and load.waiting > load.before and 2 * load.waiting > mark:
        return Batch(min(items, asked) // 2, f"the queue grows: {why}")
    return Batch(min(items, int(GROWTH * asked)), why)


def starving_first(waiting: Mapping[str, int], per_day: Mapping[str, float]) -> tuple[str, ...]:
    """Annotators in the order in which their desks are refilled: the fewest days of work waiting first.

    Args:
        waiting: open tasks by annotator.
        per_day: answers a day by annotator; one who is not named, or gave none, counts as one answer a day.

    Returns:
        Every annotator of ``waiting``; ties go to the faster, then by name.
    """
    speeds = {a: per_day.get(a) or 1.0 for a in waiting}
    return tuple(sorted(waiting, key=lambda a: (waiting[a] / speeds[a], -speeds[a], a)))
