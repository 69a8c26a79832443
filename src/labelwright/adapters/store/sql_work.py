"""Items that were drawn, and who gets them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from labelwright.adapters.store import rows, tables, tables_people
from labelwright.adapters.store.base import SqlBase, chunks
from labelwright.model.consensus import ConsensusState
from labelwright.model.desk import purposes_of
from labelwright.model.project import (
    Assignment,
    AssignmentState,
    Item,
    Purpose,
)


class WorkSql(SqlBase):
    """Items and assignments."""

    def items(self, ids: Iterable[str] | None = None) -> dict[str, Item]:
        """Items that were drawn, by id: all of them, or those asked for."""
        table = tables.item
        with self._engine.connect() as db:
            if ids is None:
                return {r.id: rows.item(r) for r in db.execute(sa.select(table).order_by(table.c.id))}
            found = (
                r for part in chunks(sorted(set(ids))) for r in db.execute(sa.select(table).where(table.c.id.in_(part)))
            )
            return {r.id: rows.item(r) for r in found}

    def drawn_rows(self) -> list[int]:
        """Pool rows of items that were drawn for anything but a trial, of gold, and of what the lead excluded.

        An item whose assignments were all withdrawn, as those are that nobody answered before a round was closed, is
        as if it had never been drawn.
        """
        row = tables.item.c.row
        with self._engine.connect() as db:
            return [int(r.row) for r in db.execute(sa.select(row).where(row.is_not(None), _drawn()))]

    def drawn_items(self) -> list[Item]:
        """The same items themselves."""
        with self._engine.connect() as db:
            return [rows.item(r) for r in db.execute(sa.select(tables.item).where(_drawn()).order_by(tables.item.c.id))]

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
                for part in chunks(sorted(set(keys)))
                for r in db.execute(sa.select(table).where(table.c.key.in_(part)))
            )
            return {r.key: rows.assignment(r) for r in found}

    def counts(self) -> dict[tuple[str, str, str], int]:
        """How many assignments there are by annotator, purpose and state."""
        table = tables.assignment
        columns = (table.c.round, table.c.annotator, table.c.purpose, table.c.state)  # in the order of an index
        found: Counter[tuple[str, str, str]] = Counter()
        with self._engine.connect() as db:
            for r in db.execute(sa.select(*columns, sa.func.count().label("n")).group_by(*columns)):
                found[r.annotator, r.purpose, r.state] += int(r.n)
        return dict(found)

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
            for part in chunks(sorted(keys)):
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
            for part in chunks(sorted(keys)):
                db.execute(
                    table.update()
                    .where(table.c.key.in_(part), table.c.state.in_(waiting))
                    .values(state=AssignmentState.WITHDRAWN.value)
                )

    def record_gone(self, keys: Iterable[str]) -> None:
        """The tasks of these withdrawn assignments are off the desk."""
        table = tables.assignment
        with self._engine.begin() as db:
            for part in chunks(sorted(keys)):
                db.execute(table.update().where(table.c.key.in_(part)).values(task=None))

    def needs_delivery(self, annotator: str, *, kind: str, low: int) -> bool:
        """Whether a desk of that kind may want a task more or less, as far as is known without looking at it."""
        table = tables.assignment
        purposes = sorted(p.value for p in purposes_of(kind))
        mine = sa.and_(table.c.annotator == annotator, table.c.purpose.in_(purposes))
        is_state = {s: table.c.state == s.value for s in AssignmentState}
        query = sa.select(
            *(sa.func.count().filter(is_state[s]) for s in (AssignmentState.PLANNED, AssignmentState.DELIVERED)),
            sa.func.count().filter(is_state[AssignmentState.WITHDRAWN], table.c.task.is_not(None)),
        ).where(mine)
        with self._engine.connect() as db:
            row = db.execute(query).one()
        planned, delivered, unwanted = (int(n) for n in row)
        return bool((planned and delivered < low) or unwanted)


def _drawn() -> sa.ColumnElement[bool]:
    item, assignment, consensus = tables.item.c.id, tables.assignment, tables.consensus
    real = sa.select(assignment.c.item).where(
        assignment.c.purpose != Purpose.TRIAL.value, assignment.c.state != AssignmentState.WITHDRAWN.value
    )
    excluded = sa.select(consensus.c.item).where(consensus.c.state == ConsensusState.EXCLUDED.value)
    return sa.or_(item.in_(real), item.in_(sa.select(tables_people.gold.c.item)), item.in_(excluded))
