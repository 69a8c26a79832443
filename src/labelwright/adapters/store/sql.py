"""The store on SQLite or PostgreSQL: the same code, the same tests. Every public method is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from labelwright.adapters.store import rows, tables
from labelwright.assignment.intake import IntakePlan
from labelwright.model.desk import AnnotationRecord, DeskRecord
from labelwright.model.project import (
    AnnotationState,
    Annotator,
    Assignment,
    AssignmentState,
    Item,
    Purpose,
    RoundRecord,
    RoundState,
)

#: Values in one `IN (…)`: SQLite allows 32,766 bound values.
_CHUNK = 5_000


class SqlStore:
    """Everything that Labelwright must remember, in one relational database.

    Args:
        engine: from `labelwright.adapters.store.engine.open_engine`, with the schema migrated.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    # ------------------------------------------------------------ documents

    def put_document(self, kind: str, text: str, now: datetime) -> int:
        """Keep a version of the schema or guidelines; the same text again is the same version."""
        digest = sha256(text.encode()).hexdigest()
        table = tables.document
        with self._engine.begin() as db:
            last = db.execute(
                sa.select(table).where(table.c.kind == kind).order_by(table.c.version.desc()).limit(1)
            ).first()
            if last is not None and last.sha256 == digest:
                return int(last.version)
            version = (last.version if last else 0) + 1
            db.execute(
                table.insert().values(kind=kind, version=version, sha256=digest, text=text, created_at=rows.stamp(now))
            )
            return int(version)

    def document(self, kind: str, version: int | None = None) -> tuple[int, str] | None:
        """A version (the newest without a number) and its text; None when there is none."""
        table = tables.document
        query = sa.select(table.c.version, table.c.text).where(table.c.kind == kind).order_by(table.c.version.desc())
        if version is not None:
            query = query.where(table.c.version == version)
        with self._engine.connect() as db:
            row = db.execute(query.limit(1)).first()
        return (int(row.version), str(row.text)) if row else None

    # ------------------------------------------------------------ people and desks

    def put_annotator(self, annotator: Annotator) -> None:
        """Add an annotator or bring the one with that id up to date."""
        with self._engine.begin() as db:
            self._upsert(db, tables.annotator, [rows.annotator_row(annotator)], ["id"])

    def annotators(self) -> list[Annotator]:
        """The team, in the order of ids."""
        with self._engine.connect() as db:
            return [rows.annotator(r) for r in db.execute(sa.select(tables.annotator).order_by(tables.annotator.c.id))]

    def put_desk(self, desk: DeskRecord) -> None:
        """Add a desk; the watermark of one that is known stays as it is."""
        values = {"project": desk.project, "annotator": desk.annotator, "kind": desk.kind, "url": desk.url}
        with self._engine.begin() as db:
            self._upsert(db, tables.desk, [values], ["project"])

    def desks(self, kind: str | None = None) -> list[DeskRecord]:
        """All desks, or those of one kind."""
        query = sa.select(tables.desk).order_by(tables.desk.c.annotator, tables.desk.c.kind)
        if kind is not None:
            query = query.where(tables.desk.c.kind == kind)
        with self._engine.connect() as db:
            return [rows.desk(r) for r in db.execute(query)]

    # ------------------------------------------------------------ items and assignments

    def items(self, ids: Iterable[str] | None = None) -> dict[str, Item]:
        """Items that were drawn, by id: all of them, or those asked for."""
        table = tables.item
        with self._engine.connect() as db:
            if ids is None:
                return {r.id: rows.item(r) for r in db.execute(sa.select(table).order_by(table.c.id))}
            found = (
                r
                for part in _chunks(sorted(set(ids)))
                for r in db.execute(sa.select(table).where(table.c.id.in_(part)))
            )
            return {r.id: rows.item(r) for r in found}

    def drawn_rows(self) -> list[int]:
        """Pool rows of items that were drawn for anything but a trial."""
        item, assignment = tables.item, tables.assignment
        real = sa.select(assignment.c.item).where(assignment.c.purpose != Purpose.TRIAL.value)
        with self._engine.connect() as db:
            found = db.execute(sa.select(item.c.row).where(item.c.row.is_not(None), item.c.id.in_(real)))
            return [int(r.row) for r in found]

    def add_assignments(self, items: Mapping[str, tuple[Item, int | None]], assignments: Sequence[Assignment]) -> None:
        """Items that are drawn and who gets them, at once; what is there already stays as it is."""
        with self._engine.begin() as db:
            self._add(db, items, assignments)

    def assignments(
        self, *, annotator: str | None = None, round_number: int | None = None, trial: bool | None = None
    ) -> list[Assignment]:
        """Assignments of an annotator, of a round, with or without trials."""
        table = tables.assignment
        query = sa.select(table).order_by(table.c.round, table.c.annotator, table.c.position, table.c.key)
        if annotator is not None:
            query = query.where(table.c.annotator == annotator)
        if round_number is not None:
            query = query.where(table.c.round == round_number)
        if trial is not None:
            same = table.c.purpose == Purpose.TRIAL.value
            query = query.where(same if trial else ~same)
        with self._engine.connect() as db:
            return [rows.assignment(r) for r in db.execute(query)]

    def assignments_of_keys(self, keys: Iterable[str]) -> dict[str, Assignment]:
        """Assignments by key."""
        table = tables.assignment
        with self._engine.connect() as db:
            found = (
                r
                for part in _chunks(sorted(set(keys)))
                for r in db.execute(sa.select(table).where(table.c.key.in_(part)))
            )
            return {r.key: rows.assignment(r) for r in found}

    def counts(self) -> dict[tuple[str, str, str], int]:
        """How many assignments there are by annotator, purpose and state."""
        table = tables.assignment
        columns = (table.c.annotator, table.c.purpose, table.c.state)
        with self._engine.connect() as db:
            found = db.execute(sa.select(*columns, sa.func.count().label("n")).group_by(*columns))
            return {(r.annotator, r.purpose, r.state): int(r.n) for r in found}

    def record_delivery(self, tasks: Mapping[str, int]) -> None:
        """These assignments stand on their desk as these tasks. What is done stays done."""
        table = tables.assignment
        planned = AssignmentState.PLANNED.value
        state = sa.case((table.c.state == planned, AssignmentState.DELIVERED.value), else_=table.c.state)
        statement = table.update().where(table.c.key == sa.bindparam("b_key"))
        with self._engine.begin() as db:
            if tasks:
                db.execute(
                    statement.values(task=sa.bindparam("b_task"), state=state),
                    [{"b_key": k, "b_task": t} for k, t in tasks.items()],
                )

    def record_vanished(self, keys: Iterable[str]) -> None:
        """The tasks of these assignments are gone: they are planned again, as one attempt more."""
        table = tables.assignment
        with self._engine.begin() as db:
            for part in _chunks(sorted(keys)):
                db.execute(
                    table.update()
                    .where(table.c.key.in_(part), table.c.state == AssignmentState.DELIVERED.value)
                    .values(state=AssignmentState.PLANNED.value, task=None, attempt=table.c.attempt + 1)
                )

    def withdraw(self, keys: Iterable[str]) -> None:
        """These assignments are no longer wanted, unless they are done."""
        table = tables.assignment
        waiting = [AssignmentState.PLANNED.value, AssignmentState.DELIVERED.value]
        with self._engine.begin() as db:
            for part in _chunks(sorted(keys)):
                db.execute(
                    table.update()
                    .where(table.c.key.in_(part), table.c.state.in_(waiting))
                    .values(state=AssignmentState.WITHDRAWN.value)
                )

    def record_gone(self, keys: Iterable[str]) -> None:
        """The tasks of these withdrawn assignments are off the desk."""
        table = tables.assignment
        with self._engine.begin() as db:
            for part in _chunks(sorted(keys)):
                db.execute(table.update().where(table.c.key.in_(part)).values(task=None))

    def needs_delivery(self, annotator: str, *, trial: bool, low: int) -> bool:
        """Whether a desk may want a task more or less, as far as is known without looking at it."""
        table = tables.assignment
        kind = table.c.purpose == Purpose.TRIAL.value
        mine = sa.and_(table.c.annotator == annotator, kind if trial else ~kind)
        is_state = {s: table.c.state == s.value for s in AssignmentState}
        query = sa.select(
            *(sa.func.count().filter(is_state[s]) for s in (AssignmentState.PLANNED, AssignmentState.DELIVERED)),
            sa.func.count().filter(is_state[AssignmentState.WITHDRAWN], table.c.task.is_not(None)),
        ).where(mine)
        with self._engine.connect() as db:
            row = db.execute(query).one()
        planned, delivered, unwanted = (int(n) for n in row)
        return bool((planned and delivered < low) or unwanted)

    # ------------------------------------------------------------ rounds

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

    # ------------------------------------------------------------ events

    def append_event(self, project: int, now: datetime) -> None:
        """A hint where to look: the webhook's only effect."""
        with self._engine.begin() as db:
            db.execute(tables.event.insert().values(received_at=rows.stamp(now), project=project, handled=False))

    def pending_events(self) -> tuple[int, frozenset[int]]:
        """The newest event that is not handled (0: none) and the projects that such events name."""
        table = tables.event
        with self._engine.connect() as db:
            found = db.execute(sa.select(table.c.id, table.c.project).where(table.c.handled.is_(False))).all()
        return max((r.id for r in found), default=0), frozenset(r.project for r in found)

    def handle_events(self, up_to: int) -> None:
        """Every event up to this one has been looked into."""
        table = tables.event
        with self._engine.begin() as db:
            db.execute(table.update().where(table.c.id <= up_to, table.c.handled.is_(False)).values(handled=True))

    # ------------------------------------------------------------ annotations

    def records_of_tasks(self, project: int, tasks: Iterable[int]) -> list[AnnotationRecord]:
        """Every record of those tasks, in any state."""
        table = tables.annotation
        with self._engine.connect() as db:
            return [
                rows.record(r)
                for part in _chunks(sorted(set(tasks)))
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

    def apply_intake(self, project: int, plan: IntakePlan, watermark: datetime | None) -> None:
        """Write what intake decided and move the watermark, in one transaction."""
        annotation, assignment, desk = tables.annotation, tables.assignment, tables.desk
        with self._engine.begin() as db:
            if plan.records:
                self._upsert_newer(db, [rows.record_row(r) for r in plan.records])
                history = [{"id": r.id, "updated_at": rows.stamp(r.updated_at), "raw": r.raw} for r in plan.records]
                self._insert_new(db, tables.annotation_history, history)
            for part in _chunks(list(plan.deleted)):
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

    # ------------------------------------------------------------ leases

    def acquire(self, name: str, owner: str, now: datetime, seconds: float) -> bool:
        """Take the lease when it is free, ended or ours; True when we hold it."""
        table = tables.lease
        until, at = now.timestamp() + seconds, now.timestamp()
        with self._engine.begin() as db:
            self._insert_new(db, table, [{"name": name, "owner": "", "until": 0.0}])
            taken = db.execute(
                table.update()
                .where(table.c.name == name, sa.or_(table.c.until <= at, table.c.owner == owner))
                .values(owner=owner, until=until)
            )
            return bool(taken.rowcount)

    def release(self, name: str, owner: str) -> None:
        """Give the lease back, if it is ours."""
        table = tables.lease
        with self._engine.begin() as db:
            db.execute(table.update().where(table.c.name == name, table.c.owner == owner).values(until=0.0))

    # ------------------------------------------------------------ inside a transaction

    def _add(
        self, db: sa.Connection, items: Mapping[str, tuple[Item, int | None]], assignments: Sequence[Assignment]
    ) -> None:
        self._insert_new(db, tables.item, [rows.item_row(item, row) for item, row in items.values()])
        self._insert_new(db, tables.assignment, [rows.assignment_row(a) for a in assignments])

    def _insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        dialect = self._engine.dialect.name
        return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)

    def _insert_new(self, db: sa.Connection, table: sa.Table, values: list[dict[str, Any]]) -> None:
        if values:
            db.execute(self._insert(table).on_conflict_do_nothing(), values)

    def _upsert(self, db: sa.Connection, table: sa.Table, values: list[dict[str, Any]], key: list[str]) -> None:
        insert = self._insert(table)
        changed = {c: insert.excluded[c] for c in values[0] if c not in key}
        db.execute(insert.on_conflict_do_update(index_elements=key, set_=changed), values)

    def _upsert_newer(self, db: sa.Connection, values: list[dict[str, Any]]) -> None:
        """A read that was overtaken by a newer one of another worker must not undo it."""
        table = tables.annotation
        insert = self._insert(table)
        changed = {c: insert.excluded[c] for c in values[0] if c != "id"}
        newer = insert.excluded.updated_at >= table.c.updated_at
        db.execute(insert.on_conflict_do_update(index_elements=["id"], set_=changed, where=newer), values)


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[i : i + _CHUNK] for i in range(0, len(values), _CHUNK))
