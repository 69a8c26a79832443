"""What Label Studio holds against what is known, to records: doubled or reordered events change nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from labelwright.model.desk import AnnotationRecord, DeskRecord, SeenAnnotation, SeenChange
from labelwright.model.project import (
    Annotation,
    AnnotationState,
    Assignment,
    AssignmentState,
    Purpose,
)

#: States that take part in "the last answer counts".
_COUNTING = frozenset({AnnotationState.VALID, AnnotationState.SKIPPED, AnnotationState.INVALID})
_TRIAL_STATES = {AnnotationState.VALID: AnnotationState.TRIAL}


@dataclass(frozen=True, slots=True)
class Context:
    """What intake knows beside the records.

    Attributes:
        assignments: by key.
        annotators: annotator id by Label Studio's user id.
        check: problems of one annotation's raw JSON under the schema; empty when it fits.
        schema_version: the schema that is current.
        guidelines_version: the guidelines that are current.
        shown: since when the desk has shown which guidelines, ascending: an answer was given under what it showed then.
        ahead: how far Label Studio's clock is ahead of ours: when an answer was given is kept by our clock, which tells
            which rate, which guidelines and which status counted then.
    """

    assignments: Mapping[str, Assignment]
    annotators: Mapping[int, str]
    check: Callable[[str], tuple[str, ...]]
    schema_version: int | None = None
    guidelines_version: int | None = None
    shown: tuple[tuple[datetime, int], ...] = ()
    ahead: timedelta = timedelta()

    def given_under(self, at: datetime) -> int | None:
        """The guidelines that the desk showed then; its first where a clock says that it was before all of them."""
        earlier = [version for since, version in self.shown if since <= at]
        return earlier[-1] if earlier else self.shown[0][1] if self.shown else self.guidelines_version


@dataclass(frozen=True, slots=True)
class IntakePlan:
    """What the store has to take in: new or changed records, ids that are gone, new states of assignments."""

    records: tuple[AnnotationRecord, ...] = ()
    deleted: tuple[int, ...] = ()
    states: tuple[tuple[str, AssignmentState], ...] = ()


def decide_intake(
    desk: DeskRecord,
    changes: Sequence[SeenChange],
    known: Sequence[AnnotationRecord],
    context: Context,
) -> IntakePlan:
    """Records to write for tasks that changed.

    Args:
        desk: where the changes were seen.
        changes: tasks with all the annotations that they hold now.
        known: every record of those tasks, in any state.
        context: see `Context`.
    """
    before = {r.id: r for r in known}
    seen = [_record(desk, a, context) for change in changes for a in change.annotations]
    fresh = tuple(_keep_versions(r, before.get(r.id)) for r in seen if _is_news(r, before.get(r.id)))
    present = {r.id for r in seen}
    deleted = tuple(r.id for r in known if r.id not in present and r.state is not AnnotationState.DELETED)
    return IntakePlan(fresh, deleted, _states(before, fresh, deleted, context))


def decide_deletions(known: Sequence[AnnotationRecord], present: Iterable[int], context: Context) -> IntakePlan:
    """What the sweep of ids found missing: deleted tasks leave no trace in update times.

    Args:
        known: every record of the desk that was known before the sweep began.
        present: annotation ids that the sweep has seen.
        context: see `Context`.
    """
    there = set(present)
    deleted = tuple(r.id for r in known if r.id not in there and r.state is not AnnotationState.DELETED)
    return IntakePlan((), deleted, _states({r.id: r for r in known}, (), deleted, context))


def supersede(annotations: Sequence[Annotation]) -> tuple[Annotation, ...]:
    """Mark all but the last answer of one annotator to one item as superseded; the order stays.

    A skip is an answer too: who skips after answering has taken the answer back.
    """
    last: dict[tuple[str, str], Annotation] = {}
    for a in annotations:
        if a.state in _COUNTING:
            place = (a.item, a.annotator)
            last[place] = max(last.get(place, a), a, key=_age)
    return tuple(
        replace(a, state=AnnotationState.SUPERSEDED)
        if a.state in _COUNTING and last[a.item, a.annotator] is not a
        else a
        for a in annotations
    )


def _age(annotation: Annotation) -> tuple[str, int, str]:
    moment = annotation.updated_at.isoformat() if annotation.updated_at else ""
    return moment, len(annotation.id), annotation.id


def _record(desk: DeskRecord, seen: SeenAnnotation, context: Context) -> AnnotationRecord:
    assignment = context.assignments.get(seen.key) if seen.key else None
    user = seen.user if seen.user is not None else -1
    annotator = context.annotators.get(user, f"user:{seen.user}")
    problems = () if seen.skipped else context.check(seen.raw)
    created_at = seen.created_at - context.ahead
    return AnnotationRecord(
        id=seen.id,
        project=desk.project,
        task=seen.task,
        key=seen.key,
        item=assignment.item if assignment else None,
        annotator=annotator,
        state=_state(seen, assignment, annotator, problems),
        created_at=created_at,
        updated_at=seen.updated_at,
        seconds=seen.seconds,
        purpose=assignment.purpose if assignment else Purpose.LABEL,
        round=assignment.round if assignment else 0,
        raw=seen.raw,
        schema_version=context.schema_version,
        guidelines_version=context.given_under(created_at),
        problems=problems,
    )


def _state(
    seen: SeenAnnotation, assignment: Assignment | None, annotator: str, problems: tuple[str, ...]
) -> AnnotationState:
    if assignment is None or assignment.annotator != annotator:
        return AnnotationState.FOREIGN
    if seen.skipped:
        return AnnotationState.SKIPPED
    state = AnnotationState.INVALID if problems else AnnotationState.VALID
    return _TRIAL_STATES.get(state, state) if assignment.purpose is Purpose.TRIAL else state


def _is_news(record: AnnotationRecord, before: AnnotationRecord | None) -> bool:
    """A stale read never overwrites a newer record; a deleted one that is there again is news."""
    if before is None or before.state is AnnotationState.DELETED:
        return True
    return record.updated_at > before.updated_at or (
        record.updated_at == before.updated_at and (record.raw, record.state) != (before.raw, before.state)
    )


def _keep_versions(record: AnnotationRecord, before: AnnotationRecord | None) -> AnnotationRecord:
    """An unchanged answer was given under the versions of its own time, whatever is current when it is read again."""
    if before is None or record.updated_at != before.updated_at:
        return record
    return replace(record, schema_version=before.schema_version, guidelines_version=before.guidelines_version)


def _states(
    before: Mapping[int, AnnotationRecord],
    fresh: Sequence[AnnotationRecord],
    deleted: Sequence[int],
    context: Context,
) -> tuple[tuple[str, AssignmentState], ...]:
    gone = set(deleted)
    now: dict[str, list[AnnotationRecord]] = defaultdict(list)
    for i, record in {**before, **{r.id: r for r in fresh}}.items():
        if record.key and i not in gone:
            now[record.key].append(record)
    touched = {r.key for r in fresh if r.key} | {key for i in deleted if (key := before[i].key)}
    return tuple(
        (key, state)
        for key in sorted(k for k in touched if k in context.assignments)
        if (state := _settled(context.assignments[key], now[key])) is not context.assignments[key].state
    )


def _settled(assignment: Assignment, records: Sequence[AnnotationRecord]) -> AssignmentState:
    """Done by an answer, skipped by a skip, else delivered. An invalid answer is done: it is not asked for twice."""
    if assignment.state is AssignmentState.WITHDRAWN and not records:
        return AssignmentState.WITHDRAWN
    own = [r for r in records if r.annotator == assignment.annotator and r.state is not AnnotationState.DELETED]
    if not own:
        return AssignmentState.DELIVERED
    last = max(own, key=lambda r: (r.updated_at, r.id))
    if last.state is AnnotationState.SKIPPED:
        return AssignmentState.SKIPPED
    return AssignmentState.DONE
