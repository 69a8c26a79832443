"""A sandbox desk with ten items, to try the screen. Its answers count for nothing else."""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import Any

from labelwright import sampling
from labelwright.app.context import Project
from labelwright.app.delivery import deliver, open_desk
from labelwright.app.hooks import Hook, watch
from labelwright.app.team import TRIAL_ID, Accounts
from labelwright.model.desk import DeskRecord
from labelwright.model.errors import DataError
from labelwright.model.project import AnnotationState, Annotator, Assignment, Purpose
from labelwright.ports import Desks

ITEMS = 10


def open_trial(
    project: Project, desks: Desks, accounts: Accounts, hook: Hook | None, *, password: str, owner: str
) -> tuple[DeskRecord, str]:
    """The trial desk with ten random items, and the password of its sample annotator.

    Raises:
        DataError: the pool is empty.
    """
    if not len(project.pool):
        raise DataError("The pool has no items to try the screen with", next_step="Mend the data: labelwright doctor")
    email = f"trial-{project.id[:8]}@labelwright.example.org"
    password = accounts.account(TRIAL_ID).get("password") or password
    accounts.put_account(TRIAL_ID, {"email": email, "password": password})
    member = desks.add_member(email, password, "Trial")
    if member.token:
        accounts.put_account(TRIAL_ID, {"token": member.token})
    annotator = Annotator(TRIAL_ID, "Trial", email, user=member.user)
    project.store.put_annotator(annotator)
    desk = open_desk(project, desks, annotator, "trial")
    watch(desks, desk, hook)
    if not project.store.assignments(annotator=TRIAL_ID, trial=True):
        _assign(project)
    deliver(project, desks, desk, owner)
    return desk, password


def _assign(project: Project) -> None:
    n = min(ITEMS, len(project.pool))
    rows = sampling.random(len(project.pool), n, project.rng(9)).tolist()
    items = project.pool.items(rows)
    assignments = [
        Assignment(project.new_key(), item.id, TRIAL_ID, Purpose.TRIAL, 0, position)
        for position, item in enumerate(items)
    ]
    project.store.add_assignments({i.id: (i, r) for i, r in zip(items, rows, strict=True)}, assignments)


def trial_result(project: Project) -> dict[str, Any]:
    """Seconds an item, skips and invalid answers of the trial desk."""
    records = [r for r in project.store.records() if r.purpose is Purpose.TRIAL]
    states = Counter(r.state for r in records)
    seconds = [r.seconds for r in records if r.seconds is not None and r.state is AnnotationState.TRIAL]
    return {
        "items": len(project.store.assignments(annotator=TRIAL_ID, trial=True)),
        "answered": states[AnnotationState.TRIAL],
        "skipped": states[AnnotationState.SKIPPED],
        "invalid": states[AnnotationState.INVALID],
        "problems": sorted({p for r in records for p in r.problems}),
        "median_seconds": median(seconds) if seconds else None,
    }
