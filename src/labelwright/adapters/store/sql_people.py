"""Versions of the schema and the guidelines, the team and its desks."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa

from labelwright.adapters.store import rows, tables
from labelwright.adapters.store.base import SqlBase
from labelwright.model.desk import DeskRecord
from labelwright.model.project import (
    Annotator,
)


class PeopleSql(SqlBase):
    """Documents, annotators, desks."""

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
