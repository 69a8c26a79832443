"""Takes in what annotators answered, exactly once: reads back by update time, and sweeps ids for what was deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import islice

from labelwright.app.context import Project
from labelwright.assignment import IntakePlan, decide_deletions, decide_intake
from labelwright.assignment.intake import Context
from labelwright.model.desk import DeskRecord, SeenChange
from labelwright.ports import Desks

#: Update times are the other server's: what it wrote slowly may show up behind the watermark.
OVERLAP = timedelta(minutes=2)
#: Less is read again when a hint points: the timer looks far enough back for what was written slower than this.
HINT_OVERLAP = timedelta(seconds=10)
_BATCH = 200
#: One that dies while it reads holds the others up for so long.
LEASE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What one pass found new."""

    records: int = 0
    deleted: int = 0

    def __add__(self, other: TakenIn) -> TakenIn:
        """Both together."""
        return TakenIn(self.records + other.records, self.deleted + other.deleted)


def take_in_hints(project: Project, desks: Desks, owner: str = "") -> TakenIn:
    """Look where webhooks pointed. An event is handled only after the desk has been read.

    Args:
        project: the labeling project.
        desks: Label Studio.
        owner: of the leases, where several workers look; one that finds a desk taken leaves the events for later.
    """
    up_to, projects = project.store.pending_events()
    if not up_to:
        return TakenIn()
    named = [d for d in project.store.desks() if d.project in projects]
    read = partial(take_in, overlap=HINT_OVERLAP)
    found = [alone(project, desks, d, owner, read) if owner else read(project, desks, d) for d in named]
    if None not in found:
        project.store.handle_events(up_to)
    return sum((taken for taken in found if taken is not None), TakenIn())


def alone(project: Project, desks: Desks, desk: DeskRecord, owner: str, read: Read) -> TakenIn | None:
    """Read a desk that nobody else is reading; None where another worker is at it right now.

    What two read at once is counted once all the same; but the slower one could put what it saw first over the other's.
    """
    lease = f"intake:{desk.project}"
    if not project.store.acquire(lease, owner, project.clock.now(), LEASE_SECONDS):
        return None
    try:
        mine = next((d for d in project.store.desks() if d.project == desk.project), desk)
        return read(project, desks, mine)
    finally:
        project.store.release(lease, owner)


def take_in_and_sweep(project: Project, desks: Desks, desk: DeskRecord) -> TakenIn:
    """What changed, and what is gone."""
    return take_in(project, desks, desk) + sweep(project, desks, desk)


def take_in(
    project: Project, desks: Desks, desk: DeskRecord, *, everything: bool = False, overlap: timedelta = OVERLAP
) -> TakenIn:
    """Read back what changed on one desk since its watermark (or from the start)."""
    since = None if everything or desk.watermark is None else desk.watermark - overlap
    changes = desks.changes(desk.project, since)
    taken = TakenIn()
    while batch := list(islice(changes, _BATCH)):
        taken += _take_in_batch(project, desk, batch, desks.ahead())
    return taken


def sweep(project: Project, desks: Desks, desk: DeskRecord) -> TakenIn:
    """Find what is gone, and what the watermark has missed. Known ids are read first: later ones are no loss."""
    known = project.store.live_records(desk.project)
    present = {a for task in desks.tasks(desk.project) for a in task.annotations}
    plan = decide_deletions(known, present, _context(project, desk, {r.key for r in known if r.key}))
    project.store.apply_intake(desk.project, plan, None)
    taken = TakenIn(0, len(plan.deleted))
    if present - {r.id for r in known}:
        taken += take_in(project, desks, desk, everything=True)
    return taken


#: Reads one desk.
Read = Callable[[Project, Desks, DeskRecord], TakenIn]


def take_in_all(project: Project, desks: Desks) -> TakenIn:
    """Read back and sweep every desk."""
    taken = TakenIn()
    for desk in project.store.desks():
        taken += take_in(project, desks, desk)
        taken += sweep(project, desks, desk)
    return taken


def _take_in_batch(project: Project, desk: DeskRecord, batch: list[SeenChange], ahead: timedelta) -> TakenIn:
    known = project.store.records_of_tasks(desk.project, (c.task.id for c in batch))
    keys = {c.task.key for c in batch if c.task.key} | {r.key for r in known if r.key}
    plan = decide_intake(desk, batch, known, replace(_context(project, desk, keys), ahead=ahead))
    newest = max(c.updated_at for c in batch)
    moved = newest if desk.watermark is None or newest > desk.watermark else desk.watermark
    project.store.apply_intake(desk.project, plan, moved)
    return _count(plan)


def _count(plan: IntakePlan) -> TakenIn:
    return TakenIn(len(plan.records), len(plan.deleted))


def _context(project: Project, desk: DeskRecord, keys: set[str]) -> Context:
    """Assignments of this desk only: a key that was copied to another desk is an answer by somebody else."""
    schema_version, guidelines_version = project.versions()
    assignments = project.store.assignments_of_keys(keys)
    return Context(
        assignments={k: a for k, a in assignments.items() if a.annotator == desk.annotator},
        annotators=dict(_users(project)),
        check=project.check,
        schema_version=schema_version,
        guidelines_version=guidelines_version,
        shown=tuple((s.at, s.version) for s in project.store.shown(desk.project)),
    )


def _users(project: Project) -> Iterator[tuple[int, str]]:
    return ((a.user, a.id) for a in project.store.annotators() if a.user is not None)
