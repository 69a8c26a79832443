"""The table of certificates."""

from __future__ import annotations

import sqlalchemy as sa

from labelwright.adapters.store.tables import metadata

#: Labels and drawn items are written once; the verdict changes as audited items come back.
certification = sa.Table(
    "certification",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("control", sa.String(200), nullable=False),
    sa.Column("labels", sa.Text, nullable=False),
    sa.Column("drawn", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
)
