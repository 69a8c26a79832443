"""What desks have shown, in the SQL store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from labelwright.adapters.store import rows
from labelwright.adapters.store.base import SqlBase, chunks
from labelwright.adapters.store.tables_models import suggestion
from labelwright.ports.suggesting import Suggestion, SuggestionRecord


class SuggestionsSql(SqlBase):
    """What desks have shown."""

    def put_suggestions(self, records: Sequence[SuggestionRecord]) -> None:
        """Keep these; what was kept for an assignment before stays: it is what the annotator has seen."""
        with self._engine.begin() as db:
            self._insert_new(db, suggestion, [_row(r) for r in records])

    def suggestions(self, keys: Iterable[str] | None = None) -> list[SuggestionRecord]:
        """All, or those of some assignments, in the order of keys."""
        query = sa.select(suggestion).order_by(suggestion.c.key)
        with self._engine.connect() as db:
            if keys is None:
                return [_record(r) for r in db.execute(query)]
            parts = chunks(sorted(set(keys)))
            return [_record(r) for part in parts for r in db.execute(query.where(suggestion.c.key.in_(part)))]


def _row(record: SuggestionRecord) -> dict[str, Any]:
    it = record.suggestion
    return {
        "key": record.key,
        "arm": record.arm,
        "version": it.version,
        "label": it.label,
        "confidence": it.confidence,
        "result": orjson.dumps([dict(line) for line in it.result]).decode(),
        "made_at": rows.stamp(record.made_at),
    }


def _record(row: sa.Row[Any]) -> SuggestionRecord:
    it = Suggestion(row.label, row.confidence, tuple(orjson.loads(row.result)), row.version)
    return SuggestionRecord(row.key, row.arm, it, rows.moment(row.made_at))
