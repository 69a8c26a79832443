"""Models."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "model",
        sa.Column("version", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("round", sa.Integer(), nullable=True),
        sa.Column("trained_at", sa.String(length=40), nullable=False),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_model")),
    )
    op.create_index(op.f("ix_model_state"), "model", ["state"])
    op.create_table(
        "suggestion",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("arm", sa.String(length=20), nullable=False),
        sa.Column("version", sa.String(length=80), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["key"], ["assignment.key"], name=op.f("fk_suggestion_key_assignment")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_suggestion")),
    )
    op.create_index(op.f("ix_suggestion_arm"), "suggestion", ["arm"])
    op.create_table(
        "model_answer",
        sa.Column("annotator", sa.String(length=80), nullable=False),
        sa.Column("item", sa.String(length=512), nullable=False),
        sa.Column("control", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Float(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("answered_at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["item.id"], name=op.f("fk_model_answer_item_item")),
        sa.PrimaryKeyConstraint("annotator", "item", "control", name=op.f("pk_model_answer")),
    )
    op.add_column("annotator", sa.Column("kind", sa.String(length=20), nullable=False, server_default="person"))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("annotator", "kind")
    op.drop_table("model_answer")
    op.drop_table("suggestion")
    op.drop_table("model")
