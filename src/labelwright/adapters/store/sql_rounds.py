"""Rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from labelwright.adapters.store import rows, tables
from labelwright.adapters.store.base import SqlBase
from labelwright.model.errors import CheckFailedError
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
        new = {
            "round": record.number,
            "state": record.state.value,
            "strategy": record.strategy,
            "opened_at": rows.stamp(record.opened_at),
            "result": orjson.dumps(record.result).decode(),
        }
        with self._engine.begin() as db:
            insert = self._insert(tables.round_).values(new).on_conflict_do_nothing()
            if db.execute(insert.returning(tables.round_.c.round)).first() is None:
                raise CheckFailedError(
                    f"Round {record.number} has been opened by somebody else", next_step="See labelwright round status"
                )
            self._add(db, items, assignments)

    def close_round(
        self, number: int, now: datetime, result: Mapping[str, Any], state: RoundState = RoundState.CLOSED
    ) -> None:
        """The round is over; its result is kept with it."""
        table = tables.round_
        with self._engine.begin() as db:
            db.execute(
                table.update()
                .where(table.c.round == number, table.c.state == RoundState.OPEN.value)
                .values(state=state.value, closed_at=rows.stamp(now), result=orjson.dumps(dict(result)).decode())
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
