"""Fills desks between their water marks: gather, decide, apply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labelwright.app.anonymous import predictions_for
from labelwright.app.context import Project
from labelwright.app.cost import budget_of, warn_of_budget
from labelwright.app.suggesting import suggested
from labelwright.assignment import DeliveryPlan, decide_delivery
from labelwright.model.desk import DeskRecord, DeskSpec, TaskToDeliver, kind_of
from labelwright.model.errors import OutsideServiceError
from labelwright.model.people import Shown
from labelwright.model.project import Annotator, Assignment, Item, Purpose
from labelwright.ports import Desks

#: What stands above the guidelines on a review desk.
_REVIEWING = (
    "<p><b>Review.</b> What others answered is shown as predictions, without names and in no order. Accept one, change "
    "it, or write your own: your answer becomes the label.</p>"
)
#: A delivery that takes longer than this is taken for dead, and another worker may go on.
LEASE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one pass changed on one desk."""

    desk: DeskRecord
    delivered: int
    withdrawn: int
    recovered: int


def open_desk(project: Project, desks: Desks, annotator: Annotator, kind: str = "work") -> DeskRecord:
    """The annotator's desk, made when missing, with the current schema and guidelines."""
    title = f"{project.settings.name} · {annotator.name}" + ("" if kind == "work" else f" · {kind}")
    spec = DeskSpec(
        title=title,
        marker=f"labelwright:{project.id}:{annotator.id}:{kind}",
        config=project.schema_of(kind).xml,
        instructions_html=(_REVIEWING if kind == "review" else "") + project.instructions,
    )
    number = desks.open_desk(spec)
    record = DeskRecord(number, annotator.id, kind, desks.url_of(number))
    project.store.put_desk(record)
    project.store.put_shown(Shown(number, project.versions()[1], project.clock.now()))
    return record


def ensure_desks(project: Project, desks: Desks) -> list[DeskRecord]:
    """Review desks for those who have reviews and none yet; which are new."""
    there = {d.annotator for d in project.store.desks("review")}
    wanted = {who for who, purpose, _ in project.store.counts() if purpose == Purpose.REVIEW.value} - there
    return [open_desk(project, desks, a, "review") for a in project.store.annotators() if a.id in wanted]


def deliver(project: Project, desks: Desks, desk: DeskRecord, owner: str) -> Delivered | None:
    """Bring one desk to what it should hold; None when another worker is at it right now."""
    lease = f"deliver:{desk.project}"
    if not project.store.acquire(lease, owner, project.clock.now(), LEASE_SECONDS):
        return None
    try:
        return _deliver(project, desks, desk)
    finally:
        project.store.release(lease, owner)


def bring(project: Project, desks: Desks, desk: DeskRecord, wanted: Assignment, owner: str) -> int:
    """Label Studio's id of an assignment's task, which is delivered now, before what stands in front of it.

    Raises:
        OutsideServiceError: another worker is at the desk right now.
    """
    lease = f"deliver:{desk.project}"
    if not project.store.acquire(lease, owner, project.clock.now(), LEASE_SECONDS):
        raise OutsideServiceError("The desk is being filled right now", where=desk.url, next_step="Try again")
    try:
        _deliver(project, desks, desk)  # what a crash left half done is found again first
        now = next(a for a in project.store.assignments_of_items([wanted.item]) if a.key == wanted.key)
        if now.task is not None:
            return int(now.task)
        task = int(desks.deliver(desk.project, _tasks(project, (now,)))[0])
        project.store.record_delivery({now.key: task})
        return task
    finally:
        project.store.release(lease, owner)


def refill(project: Project, desks: Desks, desk: DeskRecord, owner: str) -> Delivered | None:
    """As `deliver`, but without a look at a desk that has enough work."""
    low = 1 if desk.kind == "trial" else project.settings.team.low_water
    if not project.store.needs_delivery(desk.annotator, kind=desk.kind, low=low):
        return None
    return deliver(project, desks, desk, owner)


def _deliver(project: Project, desks: Desks, desk: DeskRecord) -> Delivered:
    mine = project.store.assignments(annotator=desk.annotator, trial=desk.kind == "trial")
    wanted = [a for a in mine if kind_of(a.purpose) == desk.kind]
    plan = _decide(project, desk, wanted, desks)
    project.store.record_delivery(dict(plan.found))
    project.store.record_vanished(plan.vanished)
    project.store.record_gone(plan.gone)
    affordable = _affordable(project, desk, plan.deliver)
    if affordable:
        tasks = desks.deliver(desk.project, _tasks(project, affordable))
        project.store.record_delivery(dict(zip((a.key for a in affordable), tasks, strict=True)))
    if plan.withdraw:
        desks.withdraw(desk.project, plan.withdraw)
    return Delivered(desk, len(affordable), len(plan.withdraw), len(plan.found) + len(plan.vanished))


def _decide(project: Project, desk: DeskRecord, wanted: list[Assignment], desks: Desks) -> DeliveryPlan:
    team = project.settings.team
    high = len(wanted) if desk.kind == "trial" else team.high_water
    low = high if desk.kind == "trial" else team.low_water
    return decide_delivery(wanted, desks.tasks(desk.project), low=low, high=high)


def _affordable(project: Project, desk: DeskRecord, deliver: tuple[Assignment, ...]) -> tuple[Assignment, ...]:
    """What the budget allows of it; the rest stays planned. What is on the desks is never taken back for money."""
    if not deliver or desk.kind == "trial":
        return deliver
    left = budget_of(project)
    warn_of_budget(project, left)
    return () if left.used_up else deliver[: left.answers]


def _tasks(project: Project, assignments: tuple[Assignment, ...]) -> list[TaskToDeliver]:
    """Only the fields that the screen shows go out: nothing tells who else gets the item, or why.

    On a review desk what others answered comes along, without names; on a work desk what a model suggests, but for a
    random share that is held back.
    """
    items = project.store.items(a.item for a in assignments)
    said = predictions_for(project, assignments) | suggested(project, assignments, items)
    return [TaskToDeliver(a.key, _shown(project, items[a.item]), said.get(a.key, ())) for a in assignments]


def _shown(project: Project, item: Item) -> dict[str, Any]:
    return {f: project.media.shown(item, f) for f in project.schema.data_fields if f in item.data}


def waiting(project: Project) -> dict[str, int]:
    """Open assignments by annotator, trials left out."""
    load: dict[str, int] = {}
    for (annotator, purpose, state), n in project.store.counts().items():
        if state in ("planned", "delivered") and purpose != Purpose.TRIAL.value:
            load[annotator] = load.get(annotator, 0) + n
    return load
