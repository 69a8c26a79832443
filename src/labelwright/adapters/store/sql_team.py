"""What happened to people: status, rates, qualification, messages, hand-over of work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from labelwright.adapters.store import rows as base_rows
from labelwright.adapters.store import rows_people as rows
from labelwright.adapters.store import tables, tables_people
from labelwright.adapters.store.base import SqlBase, chunks
from labelwright.adapters.store.rows import moment, stamp
from labelwright.model.money import Rate, read_rate
from labelwright.model.people import Message, Qualification, Shown, StatusChange
from labelwright.model.project import Annotator, Assignment, AssignmentState

_WAITING = (AssignmentState.PLANNED.value, AssignmentState.DELIVERED.value)


class TeamSql(SqlBase):
    """The history of the team."""

    def change_status(self, annotator: Annotator, change: StatusChange) -> None:
        """The new status with its audit, in one transaction; nothing when the status is there already."""
        table = tables.annotator
        with self._engine.begin() as db:
            changed = db.execute(
                table.update()
                .where(table.c.id == annotator.id, table.c.status != change.after.value)
                .values(status=change.after.value, reason=change.reason)
            )
            if changed.rowcount:
                db.execute(tables_people.status_change.insert().values(**rows.change_row(change)))

    def status_changes(self, annotator: str | None = None) -> list[StatusChange]:
        """Every change in the order in which they happened."""
        table = tables_people.status_change
        query = sa.select(table).order_by(table.c.id)
        if annotator is not None:
            query = query.where(table.c.annotator == annotator)
        with self._engine.connect() as db:
            return [rows.change(r) for r in db.execute(query)]

    def put_rate(self, annotator: str, rate: Rate, since: datetime) -> None:
        """From then on the work is paid so."""
        values = {"annotator": annotator, "since": stamp(since), "rate": str(rate)}
        with self._engine.begin() as db:
            self._upsert(db, tables_people.rate, [values], ["annotator", "since"])

    def rates(self) -> dict[str, list[tuple[datetime, Rate]]]:
        """By annotator, each in the order of time."""
        table = tables_people.rate
        found: dict[str, list[tuple[datetime, Rate]]] = {}
        with self._engine.connect() as db:
            for r in db.execute(sa.select(table).order_by(table.c.annotator, table.c.since)):
                found.setdefault(r.annotator, []).append((moment(r.since), read_rate(r.rate)))
        return found

    def put_qualification(self, record: Qualification) -> None:
        """Keep a try, in place of what was known of it."""
        with self._engine.begin() as db:
            table = tables_people.qualification
            self._upsert(db, table, [rows.qualification_row(record)], ["annotator", "attempt"])

    def qualifications(self, annotator: str | None = None) -> list[Qualification]:
        """Every try, in the order of annotators and attempts."""
        table = tables_people.qualification
        query = sa.select(table).order_by(table.c.annotator, table.c.attempt)
        if annotator is not None:
            query = query.where(table.c.annotator == annotator)
        with self._engine.connect() as db:
            return [rows.qualification(r) for r in db.execute(query)]

    def put_messages(self, messages: Sequence[Message]) -> None:
        """Keep these; one whose occasion is known already stays as it is."""
        with self._engine.begin() as db:
            self._insert_new(db, tables_people.message, [rows.message_row(m) for m in messages])

    def messages(self, to: str | None = None) -> list[Message]:
        """What one recipient, or everybody, was told, in the order of time."""
        table = tables_people.message
        query = sa.select(table).order_by(table.c.at, table.c.id)
        if to is not None:
            query = query.where(table.c.to == to)
        with self._engine.connect() as db:
            return [rows.message(r) for r in db.execute(query)]

    def record_mailed(self, ids: Iterable[str], now: datetime) -> None:
        """These went out by e-mail."""
        table = tables_people.message
        with self._engine.begin() as db:
            for part in chunks(sorted(set(ids))):
                db.execute(table.update().where(table.c.id.in_(part)).values(mailed_at=stamp(now)))

    def put_shown(self, shown: Shown) -> None:
        """A desk shows this version from then on; nothing when it does so already."""
        table = tables_people.shown
        mine = sa.select(table.c.version).where(table.c.project == shown.project)
        with self._engine.begin() as db:
            last = db.execute(mine.order_by(table.c.at.desc(), table.c.version.desc()).limit(1)).scalar()
            if last != shown.version:
                values = {"project": shown.project, "version": shown.version, "at": stamp(shown.at)}
                self._insert_new(db, table, [values])

    def shown(self, project: int) -> list[Shown]:
        """What a desk has shown, in the order of time."""
        table = tables_people.shown
        query = sa.select(table).where(table.c.project == project).order_by(table.c.at, table.c.version)
        with self._engine.connect() as db:
            return [Shown(r.project, r.version, moment(r.at)) for r in db.execute(query)]

    def hand_over(self, replacements: Mapping[str, Assignment | None]) -> int:
        """Withdraw assignments that still wait, each with the one that takes its place; how many were withdrawn."""
        table = tables.assignment
        withdrawn: list[str] = []
        with self._engine.begin() as db:
            for part in chunks(sorted(replacements)):
                waiting = sa.and_(table.c.key.in_(part), table.c.state.in_(_WAITING))
                changed = table.update().where(waiting).values(state=AssignmentState.WITHDRAWN.value)
                withdrawn += [r.key for r in db.execute(changed.returning(table.c.key))]
            new = [a for key in withdrawn if (a := replacements[key]) is not None]
            self._insert_new(db, table, [base_rows.assignment_row(a) for a in new])
        return len(withdrawn)
