"""Colleagues' answers as a reviewer sees them: without names, in an order that tells nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from hashlib import sha256

from labelwright.app.asked import without_own
from labelwright.app.context import Project
from labelwright.model.desk import AnnotationRecord, Prediction
from labelwright.model.project import AnnotationState, Assignment, Purpose
from labelwright.model.values import Answer

#: One name for all: Label Studio's screen shows the predictions of one version of a project.
NAME = "Answer"
_HIDDEN = frozenset({Purpose.TRIAL, Purpose.QUALIFICATION, Purpose.REVIEW})


def predictions_for(project: Project, assignments: Sequence[Assignment]) -> dict[str, tuple[Prediction, ...]]:
    """What others said about the items of review assignments, by key.

    The order is drawn from the assignment's opaque key: it is the same whenever the task is delivered anew, and says
    neither who answered nor who answered first.
    """
    reviews = [a for a in assignments if a.purpose is Purpose.REVIEW]
    said = _last_answers(project, reviews) if reviews else {}
    return {a.key: _shuffled(project, a.key, said.get(a.item, [])) for a in reviews}


def _last_answers(project: Project, reviews: Sequence[Assignment]) -> dict[str, list[AnnotationRecord]]:
    last: dict[tuple[str, str], AnnotationRecord] = {}
    for r in project.store.records_of_items(a.item for a in reviews):
        if r.item is not None and r.state is AnnotationState.VALID and r.purpose not in _HIDDEN:
            before = last.get((r.item, r.annotator))
            last[r.item, r.annotator] = r if before is None or r.updated_at >= before.updated_at else before
    said: dict[str, list[AnnotationRecord]] = defaultdict(list)
    for (item, _), r in last.items():
        said[item].append(r)
    return said


def _shuffled(project: Project, key: str, said: Sequence[AnnotationRecord]) -> tuple[Prediction, ...]:
    order = sorted(said, key=lambda r: sha256(f"{key}:{r.id}".encode()).digest())
    return tuple(Prediction(NAME, tuple(project.codec.encode(without_own(_answer(project, r))))) for r in order)


def _answer(project: Project, record: AnnotationRecord) -> Answer:
    return project.codec.decode(record.raw, project.full_schema)
