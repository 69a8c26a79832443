"""Certificates."""

from __future__ import annotations

import orjson
import sqlalchemy as sa

from labelwright.adapters.store.base import SqlBase
from labelwright.adapters.store.tables_certification import certification
from labelwright.model.certification import CertificationRecord, CertificationVerdict


class CertificationSql(SqlBase):
    """Audit plans with what came of them."""

    def put_certification(self, record: CertificationRecord) -> None:
        """Keep it, in place of what was known under its number."""
        row = {
            "number": record.number,
            "control": record.control,
            "labels": orjson.dumps(dict(record.labels)).decode(),
            "drawn": orjson.dumps(list(record.drawn)).decode(),
            "verdict": orjson.dumps(record.verdict.as_dict()).decode(),
        }
        with self._engine.begin() as db:
            self._upsert(db, certification, [row], ["number"])

    def certifications(self) -> list[CertificationRecord]:
        """All, in the order of their numbers; the last one is in force."""
        with self._engine.connect() as db:
            rows = db.execute(sa.select(certification).order_by(certification.c.number)).all()
        return [
            CertificationRecord(
                r.number,
                r.control,
                orjson.loads(r.labels),
                tuple(orjson.loads(r.drawn)),
                CertificationVerdict.from_dict(orjson.loads(r.verdict)),
            )
            for r in rows
        ]
