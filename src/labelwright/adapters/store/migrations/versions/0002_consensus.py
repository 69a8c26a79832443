"""What is known of each item's label."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "consensus",
        sa.Column("item", sa.String(length=512), nullable=False),
        sa.Column("control", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("posterior", sa.Float(), nullable=True),
        sa.Column("distribution", sa.Text(), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=80), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["item"], ["item.id"], name=op.f("fk_consensus_item_item")),
        sa.PrimaryKeyConstraint("item", "control", name=op.f("pk_consensus")),
    )
    op.create_index(op.f("ix_consensus_state"), "consensus", ["state"])
    op.create_index(op.f("ix_consensus_posterior"), "consensus", ["posterior"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("consensus")
