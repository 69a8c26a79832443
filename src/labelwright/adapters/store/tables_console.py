"""The console's own tables: who may do what, who did what, and views that are made ahead so that pages load at once."""

from __future__ import annotations

import sqlalchemy as sa

from labelwright.adapters.store.tables import metadata

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

account = sa.Table(
    "account",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("email", sa.String(320), nullable=True, unique=True),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("password", sa.String(200), nullable=True),
    sa.Column("annotator", sa.String(80), nullable=True),
    sa.Column("subject", sa.String(300), nullable=True, unique=True),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.String(40), nullable=False),
)

#: A session is known by the hash of its cookie; times are seconds since the epoch.
session = sa.Table(
    "session",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("account", sa.String(40), sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("made_at", sa.Float, nullable=False),
    sa.Column("ends_at", sa.Float, nullable=False),
)

api_token = sa.Table(
    "api_token",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("account", sa.String(40), sa.ForeignKey("account.id"), nullable=False),
    sa.Column("scopes", sa.String(200), nullable=False),
    sa.Column("created_at", sa.String(40), nullable=False),
    sa.Column("ends_at", sa.Float, nullable=True),
)

#: A link that lets somebody in once; known by its hash.
sign_in_link = sa.Table(
    "sign_in_link",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("account", sa.String(40), nullable=True),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("ends_at", sa.Float, nullable=False),
    sa.Column("used_at", sa.Float, nullable=True),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", _BIG, primary_key=True, autoincrement=True),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("who", sa.String(200), nullable=False),
    sa.Column("via", sa.String(20), nullable=False),
    sa.Column("action", sa.String(60), nullable=False),
    sa.Column("target", sa.String(600), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
)

#: Documents that take long to make. ``stamp`` tells of which state of the project.
snapshot = sa.Table(
    "snapshot",
    metadata,
    sa.Column("name", sa.String(60), primary_key=True),
    sa.Column("stamp", sa.String(400), nullable=False),
    sa.Column("made_at", sa.String(40), nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
)

#: One row an item, ready to be searched, filtered and sorted. Can be made again from the other tables at any time.
browse_item = sa.Table(
    "browse_item",
    metadata,
    sa.Column("item", sa.String(512), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("label", sa.String(400), nullable=True),
    sa.Column("posterior", sa.Float, nullable=True),
    sa.Column("disagreement", sa.Float, nullable=True),
    sa.Column("answers", sa.Integer, nullable=False),
    sa.Column("round", sa.Integer, nullable=True),
    sa.Column("changed_at", sa.String(40), nullable=True),
    sa.Column("answered_at", sa.String(40), nullable=True),
    *(
        sa.Index(f"ix_browse_item_{c}_item", c, "item")
        for c in ("state", "label", "posterior", "disagreement", "answers", "round", "changed_at")
    ),
    # A period's items that differ are found in the index alone.
    sa.Index("ix_browse_item_answered_at_disagreement_item", "answered_at", "disagreement", "item"),
)

#: Who said what, one row an answer that counts.
browse_answer = sa.Table(
    "browse_answer",
    metadata,
    sa.Column("item", sa.String(512), primary_key=True),
    sa.Column("control", sa.String(200), primary_key=True),
    sa.Column("annotator", sa.String(80), primary_key=True),
    sa.Column("label", sa.String(400), nullable=False),
    sa.Index("ix_browse_answer_annotator_item", "annotator", "item"),
    sa.Index("ix_browse_answer_control_label_item", "control", "label", "item"),
)

#: Values of the metadata columns that the settings name.
browse_slice = sa.Table(
    "browse_slice",
    metadata,
    sa.Column("item", sa.String(512), primary_key=True),
    sa.Column("field", sa.String(200), primary_key=True),
    sa.Column("value", sa.String(400), nullable=False),
    sa.Index("ix_browse_slice_field_value_item", "field", "value", "item"),
)
