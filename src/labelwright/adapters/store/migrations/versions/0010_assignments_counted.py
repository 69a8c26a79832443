"""Assignments are counted from an index alone."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    op.create_index(
        op.f("ix_assignment_counted"), "assignment", ["round", "annotator", "purpose", "state"], unique=False
    )
    op.drop_index(op.f("ix_assignment_round"), "assignment")


def downgrade() -> None:
    """Take it back."""
    op.create_index(op.f("ix_assignment_round"), "assignment", ["round"], unique=False)
    op.drop_index(op.f("ix_assignment_counted"), "assignment")
