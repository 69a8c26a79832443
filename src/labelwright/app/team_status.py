"""Pause, resume, leave: the status with its audit, a message to her and to the lead, and her waiting work to others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from labelwright.app.context import Project
from labelwright.app.routing import active_team, candidates, needs_of, rule_of
from labelwright.app.sharing import share_queues
from labelwright.assignment.routing import Wanted, route
from labelwright.model.errors import NothingToDoError, UsageError
from labelwright.model.people import LEAD, Message, StatusChange
from labelwright.model.project import Annotator, AnnotatorStatus, Assignment, AssignmentState, Level, Purpose

_OPEN = frozenset({AssignmentState.PLANNED, AssignmentState.DELIVERED})
#: What is hers alone: nobody else can answer it in her place.
_PERSONAL = frozenset({Purpose.GOLD, Purpose.QUALIFICATION, Purpose.REASK, Purpose.RETURN, Purpose.TRIAL})
_SAYS = {
    AnnotatorStatus.PAUSED: "is paused",
    AnnotatorStatus.LEFT: "has left",
    AnnotatorStatus.ACTIVE: "is active",
    AnnotatorStatus.ONBOARDING: "is being onboarded",
}


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change of status came to: assignments taken back, and how many of them others got."""

    annotator: Annotator
    withdrawn: int = 0
    handed_over: int = 0


def change_status(project: Project, annotator: Annotator, after: AnnotatorStatus, reason: str, by: str) -> Changed:
    """Change an annotator's status, tell her and the lead; her waiting work goes to others, or some of theirs to her.

    The audit comes first; what follows from it is done by `follow_up`, now or by the worker after a crash.

    Args:
        project: the labeling project.
        annotator: whose status.
        after: what it becomes.
        reason: why, in words that she may read.
        by: who decided: an account, or ``labelwright``.
    """
    change = StatusChange(annotator.id, annotator.status, after, reason, by, project.clock.now())
    project.store.change_status(annotator, change)
    done = follow_up(project).get(annotator.id, Changed(annotator))
    if after is AnnotatorStatus.ACTIVE:
        share_queues(project, annotator.id)
    return replace(done, annotator=replace(annotator, status=after, reason=reason))


def follow_up(project: Project) -> dict[str, Changed]:
    """What follows from changes of status: messages, and work that goes to others. Repeating it changes nothing."""
    people = {a.id: a for a in project.store.annotators()}
    told: dict[str, int] = {}
    for change in project.store.status_changes():
        told[change.annotator] = number = told.get(change.annotator, 0) + 1
        occasion = f"status:{change.annotator}:{number}"
        project.store.put_messages(_messages(people[change.annotator], change, occasion))
    away = (a for a in people.values() if a.status in {AnnotatorStatus.PAUSED, AnnotatorStatus.LEFT})
    return {a.id: hand_over(project, a.id) for a in away}


def pause(project: Project, annotator: Annotator, reason: str, by: str = LEAD) -> Changed:
    """She gets no more work for now.

    Raises:
        NothingToDoError: she is paused already, or has left.
    """
    if annotator.status in {AnnotatorStatus.PAUSED, AnnotatorStatus.LEFT}:
        raise NothingToDoError(f"{annotator.name} {_SAYS[annotator.status]} already")
    return change_status(project, annotator, AnnotatorStatus.PAUSED, reason, by)


def resume(project: Project, annotator: Annotator, reason: str, by: str = LEAD) -> Changed:
    """She gets work again, and what is watched about her begins anew.

    Raises:
        NothingToDoError: she is active.
    """
    if annotator.status is AnnotatorStatus.ACTIVE:
        raise NothingToDoError(f"{annotator.name} is active already")
    return change_status(project, annotator, AnnotatorStatus.ACTIVE, reason, by)


def leave(project: Project, annotator: Annotator, reason: str, by: str = LEAD) -> Changed:
    """She does not come back; her answers stay.

    Raises:
        NothingToDoError: she has left already.
    """
    if annotator.status is AnnotatorStatus.LEFT:
        raise NothingToDoError(f"{annotator.name} has left already")
    return change_status(project, annotator, AnnotatorStatus.LEFT, reason, by)


def _messages(annotator: Annotator, change: StatusChange, occasion: str) -> list[Message]:
    after, reason = change.after, change.reason
    kind = "resumed" if after is AnnotatorStatus.ACTIVE else after.value
    hers = {
        AnnotatorStatus.PAUSED: f"Your desk is paused for now. {reason}",
        AnnotatorStatus.ACTIVE: f"Your desk is open: new items come to it by themselves. {reason}",
        AnnotatorStatus.LEFT: f"Your desk is closed. {reason}",
        AnnotatorStatus.ONBOARDING: f"Welcome. {reason}",
    }[after]
    theirs = f"{annotator.name} {_SAYS[after]}. {reason}"
    if reason and change.by != LEAD:  # written to her
        theirs = f"{annotator.name} {_SAYS[after]}, and was told: “{reason}”"
    return [
        Message(occasion, annotator.id, kind, hers.strip(), change.at),
        Message(f"{occasion}:lead", LEAD, kind, theirs.strip(), change.at),
    ]


def hand_over(project: Project, annotator: str) -> Changed:
    """What waits on her desk goes to others who may take it; what she has finished stays hers.

    A task that she has open right now leaves the desk only if she does not answer it: until then it may be answered
    by two, which costs one answer and loses none.
    """
    person = next(a for a in project.store.annotators() if a.id == annotator)
    waiting = [a for a in project.store.assignments(annotator=annotator, trial=False) if a.state in _OPEN]
    if not waiting:
        return Changed(person)
    replacements: dict[str, Assignment | None] = dict.fromkeys((a.key for a in waiting), None)
    others = [a for a in waiting if a.purpose not in _PERSONAL]
    replacements |= _replacements(project, annotator, others)
    withdrawn = project.store.hand_over(replacements)
    return Changed(person, withdrawn, sum(a is not None for a in replacements.values()))


def _replacements(project: Project, leaving: str, waiting: Sequence[Assignment]) -> dict[str, Assignment]:
    try:
        team = [a for a in active_team(project) if a.id != leaving]
    except UsageError:
        return {}
    had: dict[str, set[str]] = defaultdict(set)
    for a in project.store.assignments(trial=False):
        had[a.item].add(a.annotator)
    items = project.store.items(a.item for a in waiting)
    by_item = {a.item: a for a in waiting}
    wanted = []
    for item, a in by_item.items():
        tags, level = needs_of(project, items[item])
        level = Level.EXPERT if a.purpose is Purpose.REVIEW else level
        wanted.append(Wanted(item, 1, a.purpose, tags, level, frozenset(had[item] | {leaving})))
    routed = route(wanted, candidates(project, team), replace(rule_of(project), novice_items=0), project.rng(11))
    return {
        by_item[g.item].key: replace(
            by_item[g.item],
            key=project.new_key(),
            annotator=g.annotator,
            state=AssignmentState.PLANNED,
            task=None,
            attempt=0,
        )
        for g in routed.given
    }
