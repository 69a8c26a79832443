"""Known labels: gold, adjudications, and what waits for an expert."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from labelwright.adapters.store import rows_people as rows
from labelwright.adapters.store import tables, tables_people
from labelwright.adapters.store.base import SqlBase, chunks
from labelwright.adapters.store.rows import stamp
from labelwright.model.people import Adjudication, GoldItem, ReviewRequest
from labelwright.model.project import AssignmentState, Purpose

_EXPOSING = (Purpose.GOLD.value, Purpose.QUALIFICATION.value)


class QualitySql(SqlBase):
    """Gold, adjudications, requests for review."""

    def put_gold(self, gold: Sequence[GoldItem]) -> None:
        """Keep these, in place of what was known of the same item and control."""
        with self._engine.begin() as db:
            for part in chunks([rows.gold_row(g) for g in gold]):
                self._upsert(db, tables_people.gold, list(part), ["item", "control"])

    def gold(self, control: str | None = None) -> list[GoldItem]:
        """Every gold item with its exposures, in the order of items."""
        table, assignment = tables_people.gold, tables.assignment
        query = sa.select(table).order_by(table.c.item, table.c.control)
        if control is not None:
            query = query.where(table.c.control == control)
        seen = (
            sa.select(assignment.c.item, sa.func.count(sa.distinct(assignment.c.annotator)).label("n"))
            .where(
                assignment.c.purpose.in_(_EXPOSING),
                assignment.c.state.not_in([AssignmentState.PLANNED.value, AssignmentState.WITHDRAWN.value]),
            )
            .group_by(assignment.c.item)
        )
        with self._engine.connect() as db:
            exposures = {r.item: int(r.n) for r in db.execute(seen)}
            return [rows.gold(r, exposures.get(r.item, 0)) for r in db.execute(query)]

    def put_adjudications(self, records: Sequence[Adjudication]) -> None:
        """Keep these, in place of an earlier word of the same expert on the same item and control."""
        with self._engine.begin() as db:
            for part in chunks([rows.adjudication_row(r) for r in records]):
                self._upsert(db, tables_people.adjudication, list(part), ["item", "control", "by"])

    def adjudications(self, control: str | None = None) -> list[Adjudication]:
        """Every expert's word, in the order of time."""
        table = tables_people.adjudication
        query = sa.select(table).order_by(table.c.at, table.c.item, table.c.control, table.c.by)
        if control is not None:
            query = query.where(table.c.control == control)
        with self._engine.connect() as db:
            return [rows.adjudication(r) for r in db.execute(query)]

    def request_review(self, requests: Sequence[ReviewRequest]) -> None:
        """Ask for an expert; an item that was asked for before stays as it is."""
        with self._engine.begin() as db:
            for part in chunks([rows.review_row(r) for r in requests]):
                self._insert_new(db, tables_people.review, list(part))

    def reviews(self, *, waiting: bool | None = None) -> list[ReviewRequest]:
        """Items that were sent to an expert; only those that wait, or only those that are settled."""
        table = tables_people.review
        query = sa.select(table).order_by(table.c.asked_at, table.c.item)
        if waiting is not None:
            query = query.where(table.c.closed_at.is_(None) if waiting else table.c.closed_at.is_not(None))
        with self._engine.connect() as db:
            return [rows.review(r) for r in db.execute(query)]

    def close_reviews(self, items: Iterable[str], now: datetime) -> None:
        """These items are settled; what was settled before keeps its time."""
        table = tables_people.review
        with self._engine.begin() as db:
            for part in chunks(sorted(set(items))):
                db.execute(
                    table.update()
                    .where(table.c.item.in_(part), table.c.closed_at.is_(None))
                    .values(closed_at=stamp(now))
                )
