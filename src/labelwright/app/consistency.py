"""Self-consistency: after days, a share of a person's answers is asked again of that person, and of nobody else.

It is the only item that comes to one person twice without a word about why: what she says the second time beside the
first tells noise of her own from disagreement with others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from labelwright.app.answers import Reply, same_drawing
from labelwright.app.context import Project
from labelwright.app.cost import budget_of
from labelwright.app.review_report import share
from labelwright.app.routing import candidates
from labelwright.model.measure import Measure
from labelwright.model.project import AnnotatorStatus, Assignment, Purpose

#: Gold is asked once, or she could learn it; test items and reviews have their own plan.
_FIRST = frozenset({Purpose.LABEL, Purpose.OVERLAP})
_AGAIN = frozenset({Purpose.REASK, Purpose.RETURN})


def is_drawn(project: Project, item: str, annotator: str) -> bool:
    """Whether this person's answer to this item will be asked again: drawn by a hash, whatever she answered."""
    digest = sha256(f"{project.settings.sampling.seed}:reask:{annotator}:{item}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < project.settings.team.reask_share


def plan_reasks(project: Project, replies: Sequence[Reply]) -> int:
    """Put drawn answers that are old enough on the desk of who gave them once more; how many.

    What was planned is seen the next time, so repeating it after a crash asks for nothing twice. Nothing is planned for
    who is not active, or has reached her cap, and nothing once the budget is used up.
    """
    team = project.settings.team
    if not team.reask_share:
        return 0
    people = [a for a in project.store.annotators() if a.status is AnnotatorStatus.ACTIVE]
    room = {c.id: c.room for c in candidates(project, people)}
    again = {(a.item, a.annotator) for a in project.store.assignments() if a.purpose in _AGAIN}
    before = project.clock.now() - timedelta(days=team.reask_days)
    ready = [
        r
        for r in replies
        if r.last and r.purpose in _FIRST and r.annotator in room and r.at <= before
        if (r.item, r.annotator) not in again and is_drawn(project, r.item, r.annotator)
    ]
    chosen = [r for r in ready if _has_room(room, r.annotator)]
    if not chosen or budget_of(project).used_up:
        return 0
    start = sum(project.store.counts().values())
    project.store.add_assignments(
        {},
        [Assignment(project.new_key(), r.item, r.annotator, Purpose.REASK, 0, start + n) for n, r in enumerate(chosen)],
    )
    return len(chosen)


def _has_room(room: dict[str, int | None], who: str) -> bool:
    left = room[who]
    if left is None:
        return True
    room[who] = left - 1
    return left > 0


def kept_back(project: Project, annotator: str, replies: Sequence[Reply]) -> set[str]:
    """Items that will be asked again of this person: her report shows none of them before."""
    if not project.settings.team.reask_share:
        return set()
    again = {r.item for r in replies if r.annotator == annotator and r.purpose in _AGAIN}
    first = {r.item for r in replies if r.annotator == annotator and r.purpose in _FIRST}
    return {item for item in first - again if is_drawn(project, item, annotator)}


def consistency(who: str, replies: Sequence[Reply]) -> Measure:
    """Share of the items that she was asked twice on which she said the same.

    Not where she was told in between, and not where the guidelines had changed: then she is meant to differ.
    """
    first: dict[str, Reply] = {}
    same: list[bool] = []
    for r in (r for r in replies if r.annotator == who):
        before = first.get(r.item)
        if r.purpose is Purpose.REASK and before is not None:
            if r.guidelines_version == before.guidelines_version:
                same.append(_same(r, before))
        elif r.purpose is not Purpose.RETURN:
            first[r.item] = r
    return share(same, "no item was given to you a second time")


def _same(one: Reply, other: Reply) -> bool:
    if one.label is None and other.label is None:
        return same_drawing(one.entries, other.entries)
    return one.label == other.label
