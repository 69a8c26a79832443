"""Wanted desk against seen desk to actions. Applying the actions twice changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labelwright.model.desk import SeenTask
from labelwright.model.project import Assignment, AssignmentState

_WAITING = frozenset({AssignmentState.PLANNED, AssignmentState.DELIVERED})


@dataclass(frozen=True, slots=True)
class DeliveryPlan:
    """What has to happen so that a desk is as wanted.

    Attributes:
        found: key and task of assignments that stand on the desk though the store does not know it
            (a crash between import and record).
        vanished: keys of delivered assignments whose task is gone: they are planned again.
        deliver: assignments to import, in this order.
        withdraw: tasks to delete: no longer wanted, or there twice; never one that somebody has in hand.
        gone: keys of withdrawn assignments whose task is no longer on the desk.
    """

    found: tuple[tuple[str, int], ...] = ()
    vanished: tuple[str, ...] = ()
    deliver: tuple[Assignment, ...] = ()
    withdraw: tuple[int, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """The desk is as wanted."""
        return not (self.found or self.vanished or self.deliver or self.withdraw or self.gone)


def decide_delivery(
    assignments: Sequence[Assignment], seen: Sequence[SeenTask], *, low: int, high: int
) -> DeliveryPlan:
    """Compare what one desk should hold with what it holds.

    Args:
        assignments: every assignment of the desk's annotator, in any state.
        seen: every task on the desk.
        low: the desk is refilled when fewer than this many open tasks stand on it.
        high: it is refilled up to this many.
    """
    tasks = _by_key(seen)
    standing = {key: _keeper(copies) for key, copies in tasks.items()}
    wanted = sorted((a for a in assignments if a.state in _WAITING), key=lambda a: (a.round, a.position, a.key))
    waiting = [a for a in wanted if a.key not in standing]
    open_tasks = sum(1 for a in wanted if a.key in standing)
    room = high - open_tasks if open_tasks < low else 0
    return DeliveryPlan(
        found=tuple((a.key, standing[a.key].id) for a in wanted if a.key in standing and a.task != standing[a.key].id),
        vanished=tuple(a.key for a in waiting if a.state is AssignmentState.DELIVERED),
        deliver=tuple(waiting[:room]),
        withdraw=tuple(sorted(_unwanted(assignments, tasks, standing))),
        gone=tuple(
            a.key
            for a in assignments
            if a.state is AssignmentState.WITHDRAWN and a.task is not None and a.key not in standing
        ),
    )


def _by_key(seen: Sequence[SeenTask]) -> dict[str, list[SeenTask]]:
    tasks: dict[str, list[SeenTask]] = defaultdict(list)
    for task in seen:
        if task.key is not None:
            tasks[task.key].append(task)
    return tasks


def _touched(task: SeenTask) -> bool:
    return bool(task.annotations) or task.in_hand


def _keeper(copies: Sequence[SeenTask]) -> SeenTask:
    """Of several tasks with one key (an import whose answer was lost) the touched one stays, else the first."""
    return min(copies, key=lambda t: (not t.annotations, not t.in_hand, t.id))


def _unwanted(
    assignments: Sequence[Assignment], tasks: Mapping[str, Sequence[SeenTask]], standing: Mapping[str, SeenTask]
) -> list[int]:
    withdrawn = {a.key for a in assignments if a.state is AssignmentState.WITHDRAWN}
    ours = {a.key for a in assignments}
    return [
        task.id
        for key, copies in tasks.items()
        for task in copies
        if key in ours and not _touched(task) and (key in withdrawn or task.id != standing[key].id)
    ]
