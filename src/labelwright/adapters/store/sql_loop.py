"""The loop's memory: steps, workers, notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from labelwright.adapters.store import rows, tables
from labelwright.adapters.store.base import SqlBase
from labelwright.adapters.store.tables_loop import loop_note, loop_step, loop_worker
from labelwright.model.loop import Step, StepRecord, StepState, holder

_ORDER = {step: place for place, step in enumerate(Step)}


class LoopSql(SqlBase):
    """Steps of rounds, workers, and what the lead has told the loop."""

    def put_step(self, record: StepRecord) -> bool:
        """Keep how far a step is; False when it is finished already, which stays."""
        finished = (StepState.DONE.value, StepState.SKIPPED.value)
        values = _step_row(record)
        with self._engine.begin() as db:
            insert = self._insert(loop_step)
            changed = {c: insert.excluded[c] for c in values if c not in ("round", "step")}
            keep = loop_step.c.state.not_in(finished)
            statement = insert.values(values).on_conflict_do_update(
                index_elements=["round", "step"], set_=changed, where=keep
            )
            return db.execute(statement.returning(loop_step.c.round)).first() is not None

    def steps(self, round_number: int | None = None) -> list[StepRecord]:
        """Steps of one round or of all, in the order of rounds and steps."""
        query = sa.select(loop_step)
        if round_number is not None:
            query = query.where(loop_step.c.round == round_number)
        with self._engine.connect() as db:
            found = [_step(r) for r in db.execute(query)]
        return sorted(found, key=lambda s: (s.round, _ORDER[s.step]))

    def beat(self, worker: str, now: datetime) -> None:
        """This worker is alive."""
        with self._engine.begin() as db:
            self._upsert(db, loop_worker, [{"name": worker, "seen_at": rows.stamp(now)}], ["name"])

    def workers(self) -> dict[str, datetime]:
        """Workers and when they were last alive."""
        with self._engine.connect() as db:
            return {r.name: rows.moment(r.seen_at) for r in db.execute(sa.select(loop_worker))}

    def forget_workers(self, names: Sequence[str]) -> None:
        """These are dead: what they held is free."""
        with self._engine.begin() as db:
            db.execute(loop_worker.delete().where(loop_worker.c.name.in_(names)))
            owners = [*names, *(holder(n) for n in names)]
            db.execute(tables.lease.update().where(tables.lease.c.owner.in_(owners)).values(until=0.0))

    def note(self, name: str) -> str | None:
        """What was noted under that name."""
        with self._engine.connect() as db:
            return db.execute(sa.select(loop_note.c.value).where(loop_note.c.name == name)).scalar()

    def put_note(self, name: str, value: str | None) -> None:
        """Note it; None takes it away."""
        with self._engine.begin() as db:
            if value is None:
                db.execute(loop_note.delete().where(loop_note.c.name == name))
            else:
                self._upsert(db, loop_note, [{"name": name, "value": value}], ["name"])


def _step_row(record: StepRecord) -> dict[str, Any]:
    return {
        "round": record.round,
        "step": record.step.value,
        "state": record.state.value,
        "changed_at": rows.stamp(record.changed_at),
        "tries": record.tries,
        "worker": record.worker,
        "retry_at": rows.stamp(record.retry_at) if record.retry_at else None,
        "result": orjson.dumps(dict(record.result)).decode(),
        "reason": record.reason,
    }


def _step(row: sa.Row[Any]) -> StepRecord:
    return StepRecord(
        round=row.round,
        step=Step(row.step),
        state=StepState(row.state),
        changed_at=rows.moment(row.changed_at),
        tries=row.tries,
        worker=row.worker,
        retry_at=rows.moment(row.retry_at) if row.retry_at else None,
        result=orjson.loads(row.result),
        reason=row.reason,
    )
