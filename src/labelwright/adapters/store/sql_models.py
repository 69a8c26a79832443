"""Models in the SQL store."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from labelwright.adapters.store import rows
from labelwright.adapters.store.sql_answers import ModelAnswersSql
from labelwright.adapters.store.sql_suggestions import SuggestionsSql
from labelwright.adapters.store.tables_models import model
from labelwright.model.learned import ModelRecord, ModelState


class ModelsSql(SuggestionsSql, ModelAnswersSql):
    """Trained models, and which one is in use."""

    def put_model(self, record: ModelRecord) -> None:
        """Keep a model, or bring the one of that version up to date."""
        with self._engine.begin() as db:
            self._upsert(db, model, [_row(record)], ["version"])

    def models(self) -> list[ModelRecord]:
        """All models, the oldest first."""
        with self._engine.connect() as db:
            return [_record(r) for r in db.execute(sa.select(model).order_by(model.c.trained_at, model.c.version))]

    def model(self, version: str | None = None) -> ModelRecord | None:
        """The model of that version, without one the current model; None where there is none."""
        wanted = model.c.state == ModelState.CURRENT.value if version is None else model.c.version == version
        with self._engine.connect() as db:
            found = db.execute(sa.select(model).where(wanted).order_by(model.c.trained_at.desc())).first()
        return None if found is None else _record(found)

    def promote_model(self, version: str, now: datetime, reason: str) -> None:
        """This model is current from now on; the one before it retires. Done already is fine."""
        current, retired = ModelState.CURRENT.value, ModelState.RETIRED.value
        gone = f"{version} took over at {rows.stamp(now)}"
        with self._engine.begin() as db:
            before = sa.update(model).where(model.c.state == current, model.c.version != version)
            db.execute(before.values(state=retired, reason=gone))
            db.execute(sa.update(model).where(model.c.version == version).values(state=current, reason=reason))


def _row(record: ModelRecord) -> dict[str, Any]:
    return {
        "version": record.version,
        "kind": record.kind,
        "state": record.state.value,
        "round": record.round,
        "trained_at": rows.stamp(record.trained_at),
        "path": record.path,
        "card": orjson.dumps(dict(record.card)).decode(),
        "reason": record.reason,
    }


def _record(row: sa.Row[Any]) -> ModelRecord:
    return ModelRecord(
        version=row.version,
        kind=row.kind,
        state=ModelState(row.state),
        trained_at=rows.moment(row.trained_at),
        round=row.round,
        path=row.path,
        card=orjson.loads(row.card),
        reason=row.reason,
    )
