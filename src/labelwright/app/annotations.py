"""The workspace's annotations as one value: what report, consensus, export and training read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from labelwright.app.context import Project
from labelwright.assignment import supersede
from labelwright.model.desk import AnnotationRecord
from labelwright.model.project import Annotation, AnnotationSet, AnnotationState, Purpose
from labelwright.model.values import Answer


def annotation_set(project: Project, *, trial: bool = False) -> AnnotationSet:
    """Every annotation in every state, of the trial desk or of all others."""
    found = (r for r in project.store.records() if (r.purpose is Purpose.TRIAL) is trial)
    annotations = supersede([_annotation(project, r) for r in found])
    items = project.store.items()
    used = {a.item for a in annotations}
    drawn = {a.item for a in project.store.assignments(trial=trial)}
    return AnnotationSet(
        schema=project.schema,
        items={i: item for i, item in items.items() if i in used or i in drawn},
        annotations=annotations,
        annotators={a.id: a for a in project.store.annotators()},
        simulated=project.settings.simulated,
    )


def independent(annotations: AnnotationSet) -> AnnotationSet:
    """Without the answers of reviewers: they saw the others', and their word is kept as an adjudication."""
    kept = tuple(a for a in annotations.annotations if a.purpose is not Purpose.REVIEW)
    return replace(annotations, annotations=kept)


def annotations_of(project: Project, records: Iterable[AnnotationRecord]) -> tuple[Annotation, ...]:
    """Records read; of several answers of an annotator to an item the last counts."""
    return supersede([_annotation(project, r) for r in records])


def _annotation(project: Project, record: AnnotationRecord) -> Annotation:
    empty = record.state in {AnnotationState.SKIPPED, AnnotationState.DELETED}
    return Annotation(
        id=str(record.id),
        item=record.item or f"task:{record.project}/{record.task}",
        annotator=record.annotator,
        answer=Answer() if empty else project.codec.decode(record.raw, project.full_schema),
        state=record.state,
        created_at=record.created_at,
        updated_at=record.updated_at,
        seconds=record.seconds,
        purpose=record.purpose,
        round=record.round,
        guidelines_version=record.guidelines_version,
        schema_version=record.schema_version,
    )


def only_items(annotations: AnnotationSet, items: Iterable[str]) -> AnnotationSet:
    """The part that is about some items."""
    wanted = set(items)
    return AnnotationSet(
        schema=annotations.schema,
        items={i: item for i, item in annotations.items.items() if i in wanted},
        annotations=tuple(a for a in annotations.annotations if a.item in wanted),
        annotators=annotations.annotators,
        simulated=annotations.simulated,
    )
