"""What every part of the SQL store stands on: the engine and insertions that are safe to repeat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from labelwright.adapters.store import rows, tables
from labelwright.model.project import Assignment, AssignmentState, Item, Purpose

#: Values in one `IN (…)`: SQLite allows 32,766 bound values.
_CHUNK = 5_000
#: Why an item that is drawn from the pool goes to somebody.
_DRAWN = frozenset({Purpose.LABEL, Purpose.OVERLAP, Purpose.TEST})


class SqlBase:
    """One relational database.

    Args:
        engine: from `labelwright.adapters.store.engine.open_engine`, with the schema migrated.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    def _add(
        self, db: sa.Connection, items: Mapping[str, tuple[Item, int | None]], assignments: Sequence[Assignment]
    ) -> None:
        self._insert_new(db, tables.item, [rows.item_row(item, row) for item, row in items.values()])
        self._revive(db, assignments)
        self._insert_new(db, tables.assignment, [rows.assignment_row(a) for a in assignments])

    def _revive(self, db: sa.Connection, assignments: Sequence[Assignment]) -> None:
        """What was withdrawn unanswered and is drawn again waits again, under its old key.

        A task that still stands on the desk, or is just being delivered, has that key: it is found, not orphaned.
        """
        table = tables.assignment
        again = table.update().where(
            table.c.item == sa.bindparam("b_item"),
            table.c.annotator == sa.bindparam("b_annotator"),
            table.c.purpose == sa.bindparam("b_purpose"),
            table.c.state == AssignmentState.WITHDRAWN.value,
        )
        drawn = [
            {"b_item": a.item, "b_annotator": a.annotator, "b_purpose": a.purpose.value, "b_state": a.state.value,
             "b_round": a.round, "b_position": a.position}
            for a in assignments
            if a.purpose in _DRAWN
        ]  # fmt: skip
        if drawn:
            now: dict[str, Any] = {c: sa.bindparam(f"b_{c}") for c in ("state", "round", "position")}
            db.execute(again.values(**now), drawn)

    def _insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        dialect = self._engine.dialect.name
        return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)

    def _insert_new(self, db: sa.Connection, table: sa.Table, values: list[dict[str, Any]]) -> None:
        if values:
            db.execute(self._insert(table).on_conflict_do_nothing(), values)

    def _upsert(
        self,
        db: sa.Connection,
        table: sa.Table,
        values: list[dict[str, Any]],
        key: list[str],
        where: sa.ColumnElement[bool] | None = None,
    ) -> None:
        insert = self._insert(table)
        changed = {c: insert.excluded[c] for c in values[0] if c not in key}
        db.execute(insert.on_conflict_do_update(index_elements=key, set_=changed, where=where), values)


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Parts that fit into one statement."""
    return (values[i : i + _CHUNK] for i in range(0, len(values), _CHUNK))
