"""Onboarding: read the guidelines, answer gold with an explanation after each answer, pass by a bound, then active."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from labelwright.app.answers import Reply, is_right
from labelwright.app.context import Project
from labelwright.app.gold import drawn_gold, fair_gold
from labelwright.app.team_status import change_status
from labelwright.assignment.gold import choose_gold
from labelwright.assignment.standing import fewest_right, pass_bound
from labelwright.model.errors import CheckFailedError, NothingToDoError
from labelwright.model.people import LEAD, GoldItem, Message, Qualification
from labelwright.model.project import Annotator, AnnotatorStatus, Assignment, AssignmentState, Level, Purpose

BY = "labelwright"
_ANSWERED = frozenset({AssignmentState.DONE, AssignmentState.SKIPPED})


@dataclass(frozen=True, slots=True)
class Explained:
    """One answer of a qualification round, explained at once. ``hers`` is None where she skipped."""

    item: str
    text: str
    hers: str | None
    label: str
    right: bool
    why: str | None


@dataclass(frozen=True, slots=True)
class Onboarding:
    """Where somebody stands before her first task.

    Attributes:
        step: ``read`` the guidelines, ``qualify`` at the desk, ``again`` after a try that failed, ``done``, ``failed``.
        needed: right answers of ``items`` that pass.
    """

    step: str
    version: int
    attempt: int
    attempts: int
    items: int
    needed: int
    answered: tuple[Explained, ...] = ()
    right: int = 0


def wants_qualification(project: Project, annotator: Annotator) -> bool:
    """Whether somebody new begins with a qualification round; experts do not."""
    return project.settings.qualification.items > 0 and annotator.level is not Level.EXPERT


def read_guidelines(project: Project, annotator: Annotator) -> None:
    """She says that she has read the current guidelines; somebody new gets the qualification round then."""
    _, version = project.versions()
    project.store.put_annotator(replace(annotator, read_guidelines=version))
    if annotator.status is AnnotatorStatus.ONBOARDING and not project.store.qualifications(annotator.id):
        start_attempt(project, annotator)


def start_attempt(project: Project, annotator: Annotator) -> Qualification:
    """Gold for one try on her desk. A try that is open stays as it is.

    Raises:
        NothingToDoError: no try is left.
        CheckFailedError: there is not enough gold that she has not seen; the lead is told.
    """
    settings = project.settings.qualification
    before = project.store.qualifications(annotator.id)
    if before and before[-1].closed_at is None:
        return before[-1]
    if len(before) >= settings.attempts:
        raise NothingToDoError("No try is left", next_step="Ask the lead: labelwright team resume NAME lets you begin")
    keys = _orphans(project, annotator, before) or _new_keys(project, annotator)
    record = Qualification(annotator.id, len(before) + 1, tuple(keys), project.clock.now())
    project.store.put_qualification(record)
    return record


def _orphans(project: Project, annotator: Annotator, before: Sequence[Qualification]) -> list[str]:
    """Tasks of a try that a crash kept from being written down."""
    known = {k for q in before for k in q.keys}
    mine = project.store.assignments(annotator=annotator.id)
    return [a.key for a in mine if a.purpose is Purpose.QUALIFICATION and a.key not in known]


def _new_keys(project: Project, annotator: Annotator) -> list[str]:
    n = project.settings.qualification.items
    gold = {g.item: g.exposures for g in fair_gold(project)}
    mine = project.store.assignments(annotator=annotator.id)
    seen = {a.item for a in mine}
    chosen = choose_gold(gold, seen, n, 10**9, project.rng(13, len(mine), sum(map(ord, annotator.id))))
    if len(chosen) < n:
        text = f"{annotator.name} cannot qualify: of {n} gold items that are needed, {len(chosen)} are new to her."
        occasion = f"qualification:short:{annotator.id}:{len(gold)}"
        project.store.put_messages(
            [Message(occasion, LEAD, "gold", f"{text} Add some: labelwright gold add FILE", project.clock.now())]
        )
        raise CheckFailedError("There is not enough gold for a qualification round yet", next_step="The lead is told")
    assignments = [
        Assignment(project.new_key(), item, annotator.id, Purpose.QUALIFICATION, 0, len(mine) + k)
        for k, item in enumerate(chosen)
    ]
    project.store.add_assignments({}, assignments)
    return [a.key for a in assignments]


def onboarding_of(project: Project, annotator: Annotator, replies: Sequence[Reply]) -> Onboarding | None:
    """Where she stands; None where nobody qualifies here."""
    settings = project.settings.qualification
    tries = project.store.qualifications(annotator.id)
    if not settings.items or (not tries and annotator.status is not AnnotatorStatus.ONBOARDING):
        return None
    _, version = project.versions()
    explained = _explained(project, tries[-1], replies) if tries else ()
    needed = fewest_right(settings.items, settings.pass_mark, settings.confidence) or settings.items
    return Onboarding(
        step=_step(annotator, tries, settings.attempts),
        version=version,
        attempt=len(tries),
        attempts=settings.attempts,
        items=settings.items,
        needed=needed,
        answered=explained,
        right=sum(e.right for e in explained),
    )


def _step(annotator: Annotator, tries: Sequence[Qualification], attempts: int) -> str:
    if tries and tries[-1].passed:
        return "done"  # paused later for other reasons: her page says which
    if annotator.status is not AnnotatorStatus.ONBOARDING:
        return "done" if annotator.status is AnnotatorStatus.ACTIVE else "failed"
    if not tries:
        return "read"
    if tries[-1].closed_at is None:
        return "qualify"
    return "again" if len(tries) < attempts else "failed"


def _explained(project: Project, record: Qualification, replies: Sequence[Reply]) -> tuple[Explained, ...]:
    """What she answered in this try, each with the label and its reason; nothing of what is still to come."""
    assignments = project.store.assignments_of_keys(record.keys)
    done = [a for a in assignments.values() if a.state in _ANSWERED]
    gold = {g.item: g for g in project.store.gold(project.control.name)}
    items = project.store.items(a.item for a in done)
    said = {r.item: r for r in replies if r.annotator == record.annotator and r.purpose is Purpose.QUALIFICATION}
    drawn = drawn_gold(project, (gold[a.item] for a in done if a.item in gold))
    fields = [f for f in project.schema.data_fields if f not in project.media.fields]
    order = {key: n for n, key in enumerate(record.keys)}
    found = []
    for a in sorted(done, key=lambda a: order[a.key]):
        reply, known = said.get(a.item), gold.get(a.item)
        if known is None:
            continue
        text = " ".join(str(items[a.item].data.get(f, "")) for f in fields)[:600]
        right = reply is not None and is_right(reply, known, drawn.get(a.item, ()))
        hers = None if reply is None else reply.label or "what you drew"
        found.append(Explained(a.item, text, hers, known.label or "see the guidelines", right, known.explanation))
    return tuple(found)


def decide_qualifications(project: Project, replies: Sequence[Reply]) -> int:
    """Decide tries that are complete; how many passed. A second time in a row changes nothing."""
    people = {a.id: a for a in project.store.annotators()}
    gold = {g.item: g for g in project.store.gold(project.control.name)}
    passed = 0
    for record in project.store.qualifications():
        if record.closed_at is None:
            passed += _decide(project, people[record.annotator], record, gold, replies)
    return passed


def _decide(
    project: Project, person: Annotator, record: Qualification, gold: dict[str, GoldItem], replies: Sequence[Reply]
) -> bool:
    assignments = project.store.assignments_of_keys(record.keys).values()
    if any(a.state not in _ANSWERED for a in assignments):
        return False
    settings = project.settings.qualification
    right = sum(e.right for e in _explained(project, record, replies))
    counted = sum(a.item in gold for a in assignments)
    bound = pass_bound(right, counted, settings.pass_mark, settings.confidence)
    if bound.passed:
        reason = f"You have qualified: {right} of {counted} right."
        change_status(project, person, AnnotatorStatus.ACTIVE, reason, BY)
    elif record.attempt >= settings.attempts:
        reason = (
            f"{right} of {counted} right after {record.attempt} tries; more are asked for. The lead decides what next."
        )
        change_status(project, person, AnnotatorStatus.PAUSED, reason, BY)
    else:
        text = (
            f"{right} of {counted} right; more are asked for. Read the explanations, then try once more on your page."
        )
        occasion = f"qualification:{person.id}:{record.attempt}"
        project.store.put_messages([Message(occasion, person.id, "qualification", text, project.clock.now())])
    result = {"right": right, "n": counted, "low": bound.low, "mark": settings.pass_mark}
    closed = replace(record, closed_at=project.clock.now(), passed=bound.passed, result=result)
    project.store.put_qualification(closed)
    return bound.passed
