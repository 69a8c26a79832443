"""Rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from labelwright.adapters.store import rows, tables
from labelwright.adapters.store.base import SqlBase
from labelwright.model.project import (
    Assignment,
    Item,
    RoundRecord,
    RoundState,
)


class RoundsSql(SqlBase):
    """Rounds, each written with its items and assignments."""

    def open_round(
        self,
        record: RoundRecord,
        items: Mapping[str, tuple[Item, int | None]],
        assignments: Sequence[Assignment],
    ) -> None:
        """A round with all its items and assignments, or nothing of it."""
        with self._engine.begin() as db:
            db.execute(
                tables.round_.insert().values(
                    round=record.number,
                    state=record.state.value,
                    strategy=record.strategy,
                    opened_at=rows.stamp(record.opened_at),
                    result=orjson.dumps(record.result).decode(),
                )
            )
            self._add(db, items, assignments)

    def close_round(self, number: int, now: datetime, result: Mapping[str, Any]) -> None:
        """The round is over; its result is kept with it."""
        table = tables.round_
        with self._engine.begin() as db:
            db.execute(
                table.update()
                .where(table.c.round == number)
                .values(
                    state=RoundState.CLOSED.value, closed_at=rows.stamp(now), result=orjson.dumps(dict(result)).decode()
                )
            )

    def rounds(self) -> list[RoundRecord]:
        """All rounds in order."""
        with self._engine.connect() as db:
            return [
                RoundRecord(
                    number=r.round,
                    state=RoundState(r.state),
                    strategy=r.strategy,
                    opened_at=rows.moment(r.opened_at),
                    closed_at=rows.moment(r.closed_at) if r.closed_at else None,
                    result=orjson.loads(r.result) if r.result else {},
                )
                for r in db.execute(sa.select(tables.round_).order_by(tables.round_.c.round))
            ]
