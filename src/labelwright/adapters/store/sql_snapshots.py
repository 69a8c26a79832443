"""Documents that were made ahead, and the stamp that tells whether anything changed."""

from __future__ import annotations

import orjson
import sqlalchemy as sa

from labelwright.adapters.store import rows, tables, tables_loop
from labelwright.adapters.store import tables_console as console
from labelwright.adapters.store.base import SqlBase
from labelwright.model.console import Snapshot
from labelwright.model.project import AnnotationState, AssignmentState


class SnapshotsSql(SqlBase):
    """Snapshots."""

    def put_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a document in place of the one with its name."""
        values = {
            "name": snapshot.name,
            "stamp": snapshot.stamp,
            "made_at": rows.stamp(snapshot.made_at),
            "seconds": snapshot.seconds,
            "document": orjson.dumps(
                dict(snapshot.document), default=str, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY
            ).decode(),
        }
        with self._engine.begin() as db:
            self._upsert(db, console.snapshot, [values], ["name"])

    def snapshot(self, name: str) -> Snapshot | None:
        """The document of that name."""
        table = console.snapshot
        with self._engine.connect() as db:
            found = db.execute(sa.select(table).where(table.c.name == name)).one_or_none()
        if found is None:
            return None
        return Snapshot(name, found.stamp, rows.moment(found.made_at), found.seconds, orjson.loads(found.document))

    def snapshot_stamps(self) -> dict[str, str]:
        """Name → when it was made: tells what is new without reading it."""
        table = console.snapshot
        with self._engine.connect() as db:
            return {r.name: r.made_at for r in db.execute(sa.select(table.c.name, table.c.made_at))}

    def state_stamp(self) -> str:
        """Changes with annotations, consensus, rounds and people; its last part with where the work lies."""
        annotation, consensus, people, round_ = tables.annotation, tables.consensus, tables.annotator, tables.round_
        assigned, step = tables.assignment, tables_loop.loop_step
        queries = (
            sa.select(sa.func.max(annotation.c.updated_at)),
            sa.select(sa.func.count()).where(annotation.c.state == AnnotationState.DELETED.value),
            sa.select(sa.func.count()).select_from(annotation),
            sa.select(sa.func.max(consensus.c.updated_at)),
            sa.select(sa.func.count()).select_from(tables.item),
            sa.select(sa.func.count(), sa.func.count(round_.c.closed_at)).select_from(round_),
            sa.select(sa.func.count(), sa.func.count().filter(people.c.status == "active")).select_from(people),
        )
        work = (
            sa.select(sa.func.count()).where(assigned.c.state == AssignmentState.PLANNED.value),
            sa.select(sa.func.count()).where(assigned.c.state == AssignmentState.DELIVERED.value),
            sa.select(sa.func.count(), sa.func.max(step.c.changed_at)).select_from(step),
        )
        with self._engine.connect() as db:
            last = ",".join(str(v) for q in work for v in db.execute(q).one())
            return "|".join([*(",".join(str(v) for v in db.execute(q).one()) for q in queries), last])

    def documents(self, kind: str) -> list[tuple[int, str, str]]:
        """(version, text, when) of a kind of document."""
        table = tables.document
        query = sa.select(table.c.version, table.c.text, table.c.created_at).where(table.c.kind == kind)
        with self._engine.connect() as db:
            return [(int(v), str(t), str(at)) for v, t, at in db.execute(query.order_by(table.c.version))]
