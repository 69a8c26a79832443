"""The batch follows the team: how much waits, how fast it goes, whose desk runs dry first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from labelwright.app.context import Project
from labelwright.app.delivery import waiting
from labelwright.model.desk import DeskRecord
from labelwright.sampling.backpressure import Batch, Load, batch_size, starving_first

#: Answers of so many days tell how fast the team is …
_WINDOW = timedelta(days=7)
#: … and the time since the first of them counts for so much at least.
_LEAST = timedelta(hours=1)
#: A batch is never smaller than this share of what was asked for: a round must have something to learn from.
_FLOOR = 0.1
WAITING = "waiting"


def next_batch(project: Project, asked: int, answers: float) -> Batch:
    """Items of the next batch, as `sampling.days_of_work` and the pace of the team have it.

    Args:
        project: the labeling project.
        asked: items a batch, as set.
        answers: that an item asks for on average.
    """
    days = project.settings.sampling.days_of_work
    if days is None:
        return Batch(asked, "as set")
    rounds = project.store.rounds()
    load = Load(
        waiting=sum(waiting(project).values()),
        before=rounds[-1].result.get(WAITING) if rounds else None,
        per_day=sum(pace(project).values()) or None,
    )
    batch = batch_size(asked, load, days=days, answers=answers)
    least = math.ceil(_FLOOR * asked)
    return batch if batch.items >= least else Batch(least, f"no less than a tenth of a batch; {batch.reason}")


def pace(project: Project) -> dict[str, float]:
    """Answers a day by annotator, over the last week."""
    now, counted = project.clock.now(), dict[str, int]()
    since = first = now
    for stamp, annotator, n in project.store.throughput(13):  # by the hour
        at = datetime.fromisoformat(f"{stamp}:00:00+00:00")
        if now - at <= _WINDOW:
            counted[annotator] = counted.get(annotator, 0) + n
            first = min(first, at)
    days = max(since - first, _LEAST) / timedelta(days=1)
    return {annotator: n / days for annotator, n in counted.items()}


def hungriest_first(project: Project, desks: Sequence[DeskRecord]) -> list[DeskRecord]:
    """Desks in the order in which they run dry."""
    load, by_name = waiting(project), {desk.annotator: desk for desk in desks}
    order = starving_first({name: load.get(name, 0) for name in by_name}, pace(project))
    return [by_name[name] for name in order]
