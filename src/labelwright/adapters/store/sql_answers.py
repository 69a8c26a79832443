"""What language models have answered, in the SQL store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from labelwright.adapters.store import rows
from labelwright.adapters.store.base import SqlBase, chunks
from labelwright.adapters.store.tables_models import model_answer
from labelwright.ports.chat import ModelAnswer

_KEY = ["annotator", "item", "control"]


class ModelAnswersSql(SqlBase):
    """What language models have answered."""

    def put_model_answers(self, answers: Sequence[ModelAnswer]) -> None:
        """Keep these, in place of what the same model said of the same item before."""
        with self._engine.begin() as db:
            for part in chunks([_row(a) for a in answers]):
                self._upsert(db, model_answer, list(part), _KEY)

    def model_answers(self, annotator: str, items: Iterable[str] | None = None) -> list[ModelAnswer]:
        """What one model said, of all items or of some, in the order of items."""
        query = sa.select(model_answer).where(model_answer.c.annotator == annotator).order_by(model_answer.c.item)
        with self._engine.connect() as db:
            if items is None:
                return [_record(r) for r in db.execute(query)]
            parts = chunks(sorted(set(items)))
            return [_record(r) for part in parts for r in db.execute(query.where(model_answer.c.item.in_(part)))]


def _row(a: ModelAnswer) -> dict[str, Any]:
    return {
        "annotator": a.annotator,
        "item": a.item,
        "control": a.control,
        "state": "valid" if a.valid else "invalid",
        "label": a.label,
        "raw": a.raw,
        "problem": a.problem,
        "tokens_in": a.tokens_in,
        "tokens_out": a.tokens_out,
        "cost": a.cost,
        "seconds": a.seconds,
        "answered_at": rows.stamp(a.answered_at),
    }


def _record(row: sa.Row[Any]) -> ModelAnswer:
    return ModelAnswer(
        row.annotator,
        row.item,
        row.control,
        row.state == "valid",
        row.label,
        row.raw,
        row.problem,
        row.tokens_in,
        row.tokens_out,
        row.cost,
        row.seconds,
        rows.moment(row.answered_at),
    )
