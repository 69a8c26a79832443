"""What is known of each item's label."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import orjson
import sqlalchemy as sa

from labelwright.adapters.store import rows, tables
from labelwright.adapters.store.base import SqlBase, chunks
from labelwright.model.consensus import ConsensusState, ItemConsensus


class ConsensusSql(SqlBase):
    """The consensus, by item and control."""

    def put_consensus(
        self, records: Sequence[ItemConsensus], unless: AbstractSet[ConsensusState] = frozenset()
    ) -> None:
        """Keep these, in place of what was known of the same item and control; but what is in these states stays.

        The database itself looks at the state, so that a word spoken while somebody else was counting is not lost.
        """
        # One comparison a state: a list of them cannot be expanded where many rows go in at once.
        free = sa.and_(sa.true(), *(tables.consensus.c.state != state.value for state in sorted(unless)))
        with self._engine.begin() as db:
            for part in chunks([_row(r) for r in records]):
                self._upsert(db, tables.consensus, list(part), ["item", "control"], free)

    def consensus(self, control: str | None = None, items: Iterable[str] | None = None) -> list[ItemConsensus]:
        """What is known of all items or of those asked for, in the order of item and control."""
        table = tables.consensus
        query = sa.select(table).order_by(table.c.item, table.c.control)
        if control is not None:
            query = query.where(table.c.control == control)
        with self._engine.connect() as db:
            if items is None:
                return [_record(r) for r in db.execute(query)]
            parts = chunks(sorted(set(items)))
            return [_record(r) for part in parts for r in db.execute(query.where(table.c.item.in_(part)))]


def _row(record: ItemConsensus) -> dict[str, Any]:
    return {
        "item": record.item,
        "control": record.control,
        "state": record.state.value,
        "label": record.label,
        "answer": orjson.dumps([dict(r) for r in record.answer]).decode(),
        "posterior": record.posterior,
        "distribution": orjson.dumps(dict(record.distribution)).decode(),
        "votes": record.votes,
        "method": record.method,
        "by": record.by,
        "reason": record.reason,
        "updated_at": rows.stamp(record.updated_at) if record.updated_at else None,
    }


def _record(row: sa.Row[Any]) -> ItemConsensus:
    return ItemConsensus(
        item=row.item,
        control=row.control,
        state=ConsensusState(row.state),
        label=row.label,
        answer=tuple(orjson.loads(row.answer)),
        posterior=row.posterior,
        distribution=orjson.loads(row.distribution),
        votes=row.votes,
        method=row.method,
        by=row.by,
        reason=row.reason,
        updated_at=rows.moment(row.updated_at) if row.updated_at else None,
    )
