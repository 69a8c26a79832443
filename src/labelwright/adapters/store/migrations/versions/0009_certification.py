"""Certificates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "certification",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("control", sa.String(length=200), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("drawn", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_certification")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("certification")
