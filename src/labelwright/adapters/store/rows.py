"""Rows of the tables to frozen values and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import sqlalchemy as sa

from labelwright.model.desk import AnnotationRecord, DeskRecord
from labelwright.model.money import read_rate
from labelwright.model.project import (
    AnnotationState,
    Annotator,
    AnnotatorKind,
    AnnotatorStatus,
    Assignment,
    AssignmentState,
    Item,
    Level,
    Purpose,
)


def stamp(moment: datetime) -> str:
    """A time as text of fixed width in UTC, so that the order of texts is the order of times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    """The time that `stamp` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def item_row(item: Item, row: int | None) -> dict[str, Any]:
    """An item for the table."""
    return {
        "id": item.id,
        "row": row,
        "data": orjson.dumps(dict(item.data)).decode(),
        "metadata": orjson.dumps(dict(item.metadata), default=str).decode(),
        "group": item.group or item.id,
        "existing": item.existing,
    }


def item(row: sa.Row[Any]) -> Item:
    """An item from the table."""
    return Item(
        id=row.id,
        data=orjson.loads(row.data),
        metadata=orjson.loads(row.metadata),
        group=row._mapping["group"],  # noqa: SLF001 - SQLAlchemy's public name for it
        existing=row.existing,
    )


def annotator_row(annotator: Annotator) -> dict[str, Any]:
    """An annotator for the table."""
    return {
        "id": annotator.id,
        "name": annotator.name,
        "email": annotator.email,
        "level": annotator.level.value,
        "status": annotator.status.value,
        "user": annotator.user,
        "simulated": annotator.simulated,
        "skills": orjson.dumps(annotator.skills).decode() if annotator.skills else None,
        "languages": orjson.dumps(annotator.languages).decode() if annotator.languages else None,
        "rate": str(annotator.rate) if annotator.rate else None,
        "weekly_hours": annotator.weekly_hours,
        "reason": annotator.reason,
        "read_guidelines": annotator.read_guidelines,
        "kind": annotator.kind.value,
    }


def annotator(row: sa.Row[Any]) -> Annotator:
    """An annotator from the table."""
    return Annotator(
        row.id,
        row.name,
        row.email,
        Level(row.level),
        AnnotatorStatus(row.status),
        row.user,
        bool(row.simulated),
        skills=tuple(orjson.loads(row.skills)) if row.skills else (),
        languages=tuple(orjson.loads(row.languages)) if row.languages else (),
        rate=read_rate(row.rate) if row.rate else None,
        weekly_hours=row.weekly_hours,
        reason=row.reason,
        read_guidelines=row.read_guidelines,
        kind=AnnotatorKind(row.kind),
    )


def desk(row: sa.Row[Any]) -> DeskRecord:
    """A desk from the table."""
    watermark = moment(row.watermark) if row.watermark else None
    return DeskRecord(row.project, row.annotator, row.kind, row.url, watermark)


def assignment_row(assignment: Assignment) -> dict[str, Any]:
    """An assignment for the table."""
    return {
        "key": assignment.key,
        "item": assignment.item,
        "annotator": assignment.annotator,
        "purpose": assignment.purpose.value,
        "round": assignment.round,
        "position": assignment.position,
        "state": assignment.state.value,
        "task": assignment.task,
        "attempt": assignment.attempt,
    }


def assignment(row: sa.Row[Any]) -> Assignment:
    """An assignment from the table."""
    return Assignment(
        row.key,
        row.item,
        row.annotator,
        Purpose(row.purpose),
        row.round,
        row.position,
        AssignmentState(row.state),
        row.task,
        row.attempt,
    )


def record_row(record: AnnotationRecord) -> dict[str, Any]:
    """An annotation record for the table."""
    return {
        "id": record.id,
        "project": record.project,
        "task": record.task,
        "key": record.key,
        "item": record.item,
        "annotator": record.annotator,
        "state": record.state.value,
        "created_at": stamp(record.created_at),
        "updated_at": stamp(record.updated_at),
        "seconds": record.seconds,
        "purpose": record.purpose.value,
        "round": record.round,
        "schema_version": record.schema_version,
        "guidelines_version": record.guidelines_version,
        "problems": orjson.dumps(record.problems).decode() if record.problems else None,
        "raw": record.raw,
    }


def record(row: sa.Row[Any]) -> AnnotationRecord:
    """An annotation record from the table."""
    return AnnotationRecord(
        id=row.id,
        project=row.project,
        task=row.task,
        key=row.key,
        item=row.item,
        annotator=row.annotator,
        state=AnnotationState(row.state),
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
        seconds=row.seconds,
        purpose=Purpose(row.purpose),
        round=row.round,
        raw=row.raw,
        schema_version=row.schema_version,
        guidelines_version=row.guidelines_version,
        problems=tuple(orjson.loads(row.problems)) if row.problems else (),
    )
