"""The list of items knows when each was answered last, so that a period opens at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_INDEX = "ix_browse_item_answered_at_disagreement_item"
#: What counts for agreement: valid, and not a reviewer's.
_LAST = """
UPDATE browse_item SET answered_at = (
    SELECT max(annotation.updated_at) FROM annotation
    WHERE annotation.item = browse_item.item AND annotation.state = 'valid'
    AND annotation.purpose NOT IN ('review', 'trial')
)
"""


def upgrade() -> None:
    """Apply it."""
    op.add_column("browse_item", sa.Column("answered_at", sa.String(length=40), nullable=True))
    op.execute(_LAST)
    op.create_index(_INDEX, "browse_item", ["answered_at", "disagreement", "item"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index(_INDEX, "browse_item")
    op.drop_column("browse_item", "answered_at")
