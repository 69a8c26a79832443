"""What webhooks said, and who does what right now."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from labelwright.adapters.store import rows, tables
from labelwright.adapters.store.base import SqlBase


class EventsSql(SqlBase):
    """Events and leases."""

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
