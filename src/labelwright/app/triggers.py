"""When a round has waited long enough, and when the next one opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from labelwright.app.settings_loop import Loop


@dataclass(frozen=True, slots=True)
class Progressing:
    """A round that is being labeled.

    Attributes:
        answers: of this round that are in.
        waiting: assignments of this round that are open.
        queue: open assignments of all rounds.
        since: when the desks were filled.
    """

    answers: int
    waiting: int
    queue: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Ripe:
    """Why a round is closed, and whether what is still open is taken back."""

    reason: str
    withdraw: bool = False


def ripe(loop: Loop, round_: Progressing, now: datetime) -> Ripe | None:
    """Whether it is time to settle and learn; None while the round waits."""
    if not round_.waiting:
        return Ripe("all answers are in")
    if loop.patience_days is not None and now - round_.since >= timedelta(days=loop.patience_days):
        return Ripe(f"{round_.waiting} answers did not come within {loop.patience_days:g} days", withdraw=True)
    if loop.new_labels is not None and round_.answers >= loop.new_labels:
        return Ripe(f"{round_.answers} new labels; {round_.waiting} stay on the desks and count later")
    if loop.queue_below is not None and round_.queue < loop.queue_below:
        return Ripe(f"only {round_.queue} tasks wait on the desks; they stay there and count later")
    return None


def opens_at(loop: Loop, last_opened: datetime | None) -> datetime | None:
    """When the next round opens: the first time of the schedule after the last round opened; None is at once.

    Times that went by while a round was open, or while nothing ran, are made up for by one round, not by many.
    """
    if loop.schedule is None or last_opened is None:
        return None
    from croniter import croniter  # noqa: PLC0415

    zone = ZoneInfo(loop.timezone)
    found: datetime = croniter(loop.schedule, last_opened.astimezone(zone)).get_next(datetime)
    return found
