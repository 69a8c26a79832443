"""Rows of the tables of people and money to frozen values and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from labelwright.adapters.store.rows import moment, stamp
from labelwright.model.people import (
    Adjudication,
    GoldItem,
    GoldSource,
    Message,
    Qualification,
    ReviewRequest,
    StatusChange,
)
from labelwright.model.project import AnnotatorStatus


def _when(at: datetime | None) -> str | None:
    return stamp(at) if at else None


def _at(text: str | None) -> datetime | None:
    return moment(text) if text else None


def _records(answer: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps([dict(r) for r in answer]).decode()


def gold_row(gold: GoldItem) -> dict[str, Any]:
    """A gold item for the table."""
    return {
        "item": gold.item,
        "control": gold.control,
        "label": gold.label,
        "answer": _records(gold.answer),
        "source": gold.source.value,
        "by": gold.by,
        "explanation": gold.explanation,
        "added_at": _when(gold.added_at),
        "retired_at": _when(gold.retired_at),
        "retired_reason": gold.retired_reason,
        "suspected": gold.suspected,
    }


def gold(row: sa.Row[Any], exposures: int) -> GoldItem:
    """A gold item from the table."""
    return GoldItem(
        item=row.item,
        control=row.control,
        label=row.label,
        source=GoldSource(row.source),
        answer=tuple(orjson.loads(row.answer)),
        by=row.by,
        explanation=row.explanation,
        added_at=_at(row.added_at),
        retired_at=_at(row.retired_at),
        retired_reason=row.retired_reason,
        suspected=row.suspected,
        exposures=exposures,
    )


def adjudication_row(record: Adjudication) -> dict[str, Any]:
    """An adjudication for the table."""
    return {
        "item": record.item,
        "control": record.control,
        "by": record.by,
        "annotation": record.annotation,
        "label": record.label,
        "answer": _records(record.answer),
        "why": record.why,
        "before": record.before,
        "asked": record.asked,
        "at": stamp(record.at),
    }


def adjudication(row: sa.Row[Any]) -> Adjudication:
    """An adjudication from the table."""
    return Adjudication(
        item=row.item,
        control=row.control,
        by=row.by,
        annotation=row.annotation,
        label=row.label,
        at=moment(row.at),
        answer=tuple(orjson.loads(row.answer)),
        why=row.why,
        before=row.before,
        asked=row.asked,
    )


def review_row(request: ReviewRequest) -> dict[str, Any]:
    """A request for an expert for the table."""
    return {
        "item": request.item,
        "why": request.why,
        "detail": request.detail,
        "asked_at": _when(request.asked_at),
        "closed_at": _when(request.closed_at),
    }


def review(row: sa.Row[Any]) -> ReviewRequest:
    """A request for an expert from the table."""
    return ReviewRequest(row.item, row.why, row.detail, _at(row.asked_at), _at(row.closed_at))


def message_row(message: Message) -> dict[str, Any]:
    """A message for the table."""
    return {
        "id": message.id,
        "to": message.to,
        "kind": message.kind,
        "text": message.text,
        "at": stamp(message.at),
        "item": message.item,
        "mailed_at": _when(message.mailed_at),
    }


def message(row: sa.Row[Any]) -> Message:
    """A message from the table."""
    return Message(row.id, row.to, row.kind, row.text, moment(row.at), row.item, _at(row.mailed_at))


def change_row(change: StatusChange) -> dict[str, Any]:
    """A change of status for the table."""
    return {
        "annotator": change.annotator,
        "before": change.before.value,
        "after": change.after.value,
        "reason": change.reason,
        "by": change.by,
        "at": stamp(change.at),
    }


def change(row: sa.Row[Any]) -> StatusChange:
    """A change of status from the table."""
    before, after = AnnotatorStatus(row.before), AnnotatorStatus(row.after)
    return StatusChange(row.annotator, before, after, row.reason, row.by, moment(row.at))


def qualification_row(record: Qualification) -> dict[str, Any]:
    """A try at the qualification round for the table."""
    return {
        "annotator": record.annotator,
        "attempt": record.attempt,
        "keys": orjson.dumps(record.keys).decode(),
        "opened_at": stamp(record.opened_at),
        "closed_at": _when(record.closed_at),
        "passed": record.passed,
        "result": orjson.dumps(dict(record.result)).decode(),
    }


def qualification(row: sa.Row[Any]) -> Qualification:
    """A try at the qualification round from the table."""
    return Qualification(
        annotator=row.annotator,
        attempt=row.attempt,
        keys=tuple(orjson.loads(row._mapping["keys"])),  # noqa: SLF001 - SQLAlchemy's public name for it
        opened_at=moment(row.opened_at),
        closed_at=_at(row.closed_at),
        passed=None if row.passed is None else bool(row.passed),
        result=orjson.loads(row.result),
    )
