"""Console: accounts, sessions, tokens, audit, and views that are made ahead."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=True),
        sa.Column("annotator", sa.String(length=80), nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("subject", name=op.f("uq_account_subject")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    op.create_table(
        "session",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("ends_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_session_account_account")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_account"), "session", ["account"])
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.String(length=40), nullable=False),
        sa.Column("ends_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_api_token_account_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_token_hash")),
    )
    op.create_table(
        "sign_in_link",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("ends_at", sa.Float(), nullable=False),
        sa.Column("used_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sign_in_link")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=True),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("via", sa.String(length=20), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("target", sa.String(length=600), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "snapshot",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("stamp", sa.String(length=400), nullable=False),
        sa.Column("made_at", sa.String(length=40), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_snapshot")),
    )
    op.create_table(
        "browse_item",
        sa.Column("item", sa.String(length=512), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=400), nullable=True),
        sa.Column("posterior", sa.Float(), nullable=True),
        sa.Column("disagreement", sa.Float(), nullable=True),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_browse_item")),
    )
    op.create_index(op.f("ix_browse_item_answers_item"), "browse_item", ["answers", "item"])
    op.create_index(op.f("ix_browse_item_changed_at_item"), "browse_item", ["changed_at", "item"])
    op.create_index(op.f("ix_browse_item_disagreement_item"), "browse_item", ["disagreement", "item"])
    op.create_index(op.f("ix_browse_item_label_item"), "browse_item", ["label", "item"])
    op.create_index(op.f("ix_browse_item_posterior_item"), "browse_item", ["posterior", "item"])
    op.create_index(op.f("ix_browse_item_round_item"), "browse_item", ["round", "item"])
    op.create_index(op.f("ix_browse_item_state_item"), "browse_item", ["state", "item"])
    op.create_table(
        "browse_answer",
        sa.Column("item", sa.String(length=512), nullable=False),
        sa.Column("control", sa.String(length=200), nullable=False),
        sa.Column("annotator", sa.String(length=80), nullable=False),
        sa.Column("label", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("item", "control", "annotator", name=op.f("pk_browse_answer")),
    )
    op.create_index(op.f("ix_browse_answer_annotator_item"), "browse_answer", ["annotator", "item"])
    op.create_index(op.f("ix_browse_answer_control_label_item"), "browse_answer", ["control", "label", "item"])
    op.create_table(
        "browse_slice",
        sa.Column("item", sa.String(length=512), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=False),
        sa.Column("value", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("item", "field", name=op.f("pk_browse_slice")),
    )
    op.create_index(op.f("ix_browse_slice_field_value_item"), "browse_slice", ["field", "value", "item"])
    op.create_index(op.f("ix_annotation_state_updated_at"), "annotation", ["state", "updated_at"])
    op.create_index(op.f("ix_annotation_updated_at"), "annotation", ["updated_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index(op.f("ix_annotation_updated_at"), "annotation")
    op.drop_index(op.f("ix_annotation_state_updated_at"), "annotation")
    op.drop_table("browse_slice")
    op.drop_table("browse_answer")
    op.drop_table("browse_item")
    op.drop_table("snapshot")
    op.drop_table("audit")
    op.drop_table("sign_in_link")
    op.drop_table("api_token")
    op.drop_table("session")
    op.drop_table("account")
