"""Review: contested, audited and unsure items go to experts, and what they say becomes the label and gold.

Three steps, each safe to repeat after a crash: ask (which items), assign (which expert), adjudicate (what they said).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from labelwright.app.adjudicating import hear_experts
from labelwright.app.annotations import annotation_set
from labelwright.app.asked import is_unsure
from labelwright.app.context import Project
from labelwright.app.routing import active_team, candidates, needs_of, rule_of
from labelwright.assignment.routing import Wanted, route
from labelwright.model.consensus import FINAL, ConsensusState
from labelwright.model.errors import UsageError
from labelwright.model.people import AUDIT, LEAD, Message, ReviewRequest
from labelwright.model.project import (
    Annotation,
    AnnotationSet,
    AnnotationState,
    Assignment,
    AssignmentState,
    Level,
    Purpose,
)

CONTESTED, UNSURE, ASKED = "contested", "unsure", "lead"
_OPEN = frozenset({AssignmentState.PLANNED, AssignmentState.DELIVERED})
_NO_LABELS = frozenset({Purpose.TRIAL, Purpose.QUALIFICATION, Purpose.REVIEW})


@dataclass(frozen=True, slots=True)
class Asked:
    """What one pass sent to the experts, and items that no expert may take, with the reason."""

    requested: int
    assigned: int
    short: tuple[tuple[str, str], ...] = ()


def ask_experts(project: Project, annotations: AnnotationSet | None = None) -> Asked:
    """Request and assign, as far as the settings and the answers say so."""
    annotations = annotations or annotation_set(project)
    requested = request_reviews(project, annotations)
    hear_experts(project, annotations)
    assigned, short = assign_reviews(project)
    return Asked(requested, assigned, short)


def request_reviews(project: Project, annotations: AnnotationSet) -> int:
    """Which items an expert shall see; how many are new.

    Contested ones and those that the lead put into review, what somebody was unsure about or everybody skipped, and of
    the settled ones a random share. The share is drawn by a hash of the item and the seed: the same items whenever it
    is asked, and nothing that anybody did decides about it.
    """
    known = {r.item for r in project.store.reviews()}
    now = project.clock.now()
    found = {**_by_state(project), **_unsure(project, annotations)}
    fresh = [ReviewRequest(i, why, detail, now) for i, (why, detail) in sorted(found.items()) if i not in known]
    project.store.request_review(fresh)
    return len(fresh)


def _by_state(project: Project) -> dict[str, tuple[str, str]]:
    found = {}
    for c in project.store.consensus(project.control.name):
        if c.state is ConsensusState.CONTESTED:
            found[c.item] = (CONTESTED, c.reason or f"{c.votes} answers do not settle it")
        elif c.state is ConsensusState.REVIEW:
            found[c.item] = (ASKED, c.reason or "the lead asks for it")
        elif c.state is ConsensusState.ACCEPTED and is_audited(project, c.item):
            found[c.item] = (AUDIT, "drawn at random")
    return found


def is_audited(project: Project, item: str) -> bool:
    """Whether a settled item is drawn for an audit."""
    digest = sha256(f"{project.settings.sampling.seed}:audit:{item}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < project.settings.review.audit_share


def _unsure(project: Project, annotations: AnnotationSet) -> dict[str, tuple[str, str]]:
    """Items that somebody flagged, and items that were skipped by everybody who was asked."""
    found: dict[str, tuple[str, str]] = {}
    by_item: dict[str, list[Annotation]] = defaultdict(list)
    for a in annotations.annotations:
        if a.purpose not in _NO_LABELS and a.state in {AnnotationState.VALID, AnnotationState.SKIPPED}:
            by_item[a.item].append(a)
    waiting = {a.item for a in project.store.assignments(trial=False) if a.state in _OPEN}
    for item, given in by_item.items():
        unsure = sum(is_unsure(a.answer) for a in given)
        if unsure:
            found[item] = (UNSURE, f"{unsure} of {len(given)} annotators were not sure")
        elif item not in waiting and all(a.state is AnnotationState.SKIPPED for a in given):
            found[item] = (UNSURE, f"skipped by all {len(given)} who were asked")
    return found


def assign_reviews(project: Project) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Give every waiting item to as many experts as the settings say, never to one who answered it herself."""
    waiting = [r.item for r in project.store.reviews(waiting=True)]
    if not waiting:
        return 0, ()
    had, reviewing = _who_had(project, waiting)
    missing = {i: project.settings.review.experts - len(reviewing[i]) for i in waiting}
    items = project.store.items(i for i, n in missing.items() if n > 0)
    wanted = [
        Wanted(i, missing[i], Purpose.REVIEW, needs_of(project, item)[0], Level.EXPERT, frozenset(had[i]))
        for i, item in sorted(items.items())
    ]
    try:
        team = candidates(project, active_team(project))
    except UsageError as nobody:
        return 0, tuple((w.item, nobody.what) for w in wanted)
    routed = route(wanted, team, replace(rule_of(project), novice_items=0), project.rng(12, len(had)))
    start = sum(project.store.counts().values())
    project.store.add_assignments(
        {},
        [
            Assignment(project.new_key(), g.item, g.annotator, Purpose.REVIEW, 0, start + n)
            for n, g in enumerate(routed.given)
        ],
    )
    _mark(project, {g.item for g in routed.given})
    _tell_lead(project, routed.short)
    return len(routed.given), routed.short


def _mark(project: Project, items: set[str]) -> None:
    """An item that is open to question lies in review until an expert has spoken; an audited one stays accepted."""
    doubtful = {r.item: r for r in project.store.reviews(waiting=True) if r.item in items and r.why != AUDIT}
    now = project.clock.now()
    marked = [
        replace(c, state=ConsensusState.REVIEW, reason=doubtful[c.item].detail or c.reason, updated_at=now)
        for c in project.store.consensus(project.control.name, doubtful)
    ]
    project.store.put_consensus(marked, unless=FINAL)


def _who_had(project: Project, items: Sequence[str]) -> tuple[Mapping[str, set[str]], Mapping[str, set[str]]]:
    """Who ever had an item, and which experts review it or did so."""
    wanted = set(items)
    had: dict[str, set[str]] = defaultdict(set)
    reviewing: dict[str, set[str]] = defaultdict(set)
    for a in project.store.assignments(trial=False):
        if a.item not in wanted:
            continue
        had[a.item].add(a.annotator)
        if a.purpose is Purpose.REVIEW and a.state not in {AssignmentState.WITHDRAWN, AssignmentState.SKIPPED}:
            reviewing[a.item].add(a.annotator)
    return had, reviewing


def _tell_lead(project: Project, short: Sequence[tuple[str, str]]) -> None:
    reasons = sorted({reason for _, reason in short})
    now = project.clock.now()
    project.store.put_messages(
        [
            Message(
                f"review:short:{sha256(reason.encode()).hexdigest()[:12]}",
                LEAD,
                "review",
                f"Items wait for an expert: {reason}. Next: labelwright team set NAME --level expert",
                now,
            )
            for reason in reasons
        ]
    )
