"""People and money: gold, adjudications, messages, audit, qualification, rates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "guidelines_shown",
        sa.Column("project", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("project", "version", "at", name=op.f("pk_guidelines_shown")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("to", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("item", sa.String(length=512), nullable=True),
        sa.Column("mailed_at", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_to"), ["to"], unique=False)

    op.create_table(
        "adjudication",
        sa.Column("item", sa.String(length=512), nullable=False),
        sa.Column("control", sa.String(length=200), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("annotation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("asked", sa.String(length=40), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["item.id"], name=op.f("fk_adjudication_item_item")),
        sa.PrimaryKeyConstraint("item", "control", "by", name=op.f("pk_adjudication")),
    )
    op.create_table(
        "annotator_rate",
        sa.Column("annotator", sa.String(length=80), nullable=False),
        sa.Column("since", sa.String(length=40), nullable=False),
        sa.Column("rate", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["annotator"], ["annotator.id"], name=op.f("fk_annotator_rate_annotator_annotator")),
        sa.PrimaryKeyConstraint("annotator", "since", name=op.f("pk_annotator_rate")),
    )
    op.create_table(
        "gold",
        sa.Column("item", sa.String(length=512), nullable=False),
        sa.Column("control", sa.String(length=200), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("added_at", sa.String(length=40), nullable=True),
        sa.Column("retired_at", sa.String(length=40), nullable=True),
        sa.Column("retired_reason", sa.Text(), nullable=True),
        sa.Column("suspected", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["item"], ["item.id"], name=op.f("fk_gold_item_item")),
        sa.PrimaryKeyConstraint("item", "control", name=op.f("pk_gold")),
    )
    op.create_table(
        "qualification",
        sa.Column("annotator", sa.String(length=80), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.String(length=40), nullable=False),
        sa.Column("closed_at", sa.String(length=40), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["annotator"], ["annotator.id"], name=op.f("fk_qualification_annotator_annotator")),
        sa.PrimaryKeyConstraint("annotator", "attempt", name=op.f("pk_qualification")),
    )
    op.create_table(
        "review",
        sa.Column("item", sa.String(length=512), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.String(length=40), nullable=True),
        sa.Column("closed_at", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["item"], ["item.id"], name=op.f("fk_review_item_item")),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_review")),
    )
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_closed_at"), ["closed_at"], unique=False)

    op.create_table(
        "status_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("annotator", sa.String(length=80), nullable=False),
        sa.Column("before", sa.String(length=20), nullable=False),
        sa.Column("after", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["annotator"], ["annotator.id"], name=op.f("fk_status_change_annotator_annotator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_change")),
    )
    with op.batch_alter_table("status_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_status_change_annotator"), ["annotator"], unique=False)

    with op.batch_alter_table("annotator", schema=None) as batch_op:
        batch_op.add_column(sa.Column("skills", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("languages", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("rate", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("weekly_hours", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("reason", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("read_guidelines", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_table("annotator_rate")
    op.drop_table("guidelines_shown")
    op.drop_table("qualification")
    op.drop_table("status_change")
    op.drop_table("message")
    op.drop_table("review")
    op.drop_table("adjudication")
    op.drop_table("gold")
    with op.batch_alter_table("annotator") as batch_op:
        for name in ("read_guidelines", "reason", "weekly_hours", "rate", "languages", "skills"):
            batch_op.drop_column(name)
