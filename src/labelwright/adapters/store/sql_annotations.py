"""Annotations as Label Studio gave them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from labelwright.adapters.store import rows, tables
from labelwright.adapters.store.base import SqlBase, chunks
from labelwright.assignment.intake import IntakePlan
from labelwright.model.desk import AnnotationRecord
from labelwright.model.project import (
    AnnotationState,
)


class AnnotationsSql(SqlBase):
    """Annotations and their history."""

    def records_of_tasks(self, project: int, tasks: Iterable[int]) -> list[AnnotationRecord]:
        """Every record of those tasks, in any state."""
        table = tables.annotation
        with self._engine.connect() as db:
            return [
                rows.record(r)
                for part in chunks(sorted(set(tasks)))
                for r in db.execute(sa.select(table).where(table.c.project == project, table.c.task.in_(part)))
            ]

    def live_records(self, project: int) -> list[AnnotationRecord]:
        """Every record of a desk that is not deleted."""
        table = tables.annotation
        alive = table.c.state != AnnotationState.DELETED.value
        with self._engine.connect() as db:
            return [rows.record(r) for r in db.execute(sa.select(table).where(table.c.project == project, alive))]

    def records(self) -> Iterator[AnnotationRecord]:
        """Every record of the workspace, in a stream, in the order of ids."""
        query = sa.select(tables.annotation).order_by(tables.annotation.c.id)
        with self._engine.connect() as db:
            for row in db.execution_options(yield_per=5_000).execute(query):
                yield rows.record(row)

    def records_of_items(self, items: Iterable[str]) -> list[AnnotationRecord]:
        """Every record of those items, in any state, in the order of ids."""
        table = tables.annotation
        with self._engine.connect() as db:
            found = (
                rows.record(r)
                for part in chunks(sorted(set(items)))
                for r in db.execute(sa.select(table).where(table.c.item.in_(part)))
            )
            return sorted(found, key=lambda r: r.id)

    def apply_intake(self, project: int, plan: IntakePlan, watermark: datetime | None) -> None:
        """Write what intake decided and move the watermark, in one transaction."""
        annotation, assignment, desk = tables.annotation, tables.assignment, tables.desk
        with self._engine.begin() as db:
            if plan.records:
                self._upsert_newer(db, [rows.record_row(r) for r in plan.records])
                history = [{"id": r.id, "updated_at": rows.stamp(r.updated_at), "raw": r.raw} for r in plan.records]
                self._insert_new(db, tables.annotation_history, history)
            for part in chunks(list(plan.deleted)):
                db.execute(
                    annotation.update().where(annotation.c.id.in_(part)).values(state=AnnotationState.DELETED.value)
                )
            if plan.states:
                db.execute(
                    assignment.update()
                    .where(assignment.c.key == sa.bindparam("b_key"))
                    .values(state=sa.bindparam("b_state")),
                    [{"b_key": k, "b_state": s.value} for k, s in plan.states],
                )
            if watermark is not None:
                db.execute(desk.update().where(desk.c.project == project).values(watermark=rows.stamp(watermark)))

    def _upsert_newer(self, db: sa.Connection, values: list[dict[str, Any]]) -> None:
        """A read that was overtaken by a newer one of another worker must not undo it."""
        table = tables.annotation
        insert = self._insert(table)
        changed = {c: insert.excluded[c] for c in values[0] if c != "id"}
        newer = insert.excluded.updated_at >= table.c.updated_at
        db.execute(insert.on_conflict_do_update(index_elements=["id"], set_=changed, where=newer), values)
