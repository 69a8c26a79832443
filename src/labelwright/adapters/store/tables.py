"""The relational tables. What Label Studio gave is kept raw beside what was read from it."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    },
)

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: Versions of the schema and the guidelines; an annotation names the one that was current.
document = sa.Table(
    "document",
    metadata,
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", sa.String(40), nullable=False),
)

#: Items that were drawn from the pool; the pool itself stays in its files.
item = sa.Table(
    "item",
    metadata,
    sa.Column("id", sa.String(512), primary_key=True),
    sa.Column("row", _BIG, nullable=True),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("metadata", sa.Text, nullable=False),
    sa.Column("group", sa.String(512), nullable=False),
    sa.Column("existing", sa.Text, nullable=True),
)

annotator = sa.Table(
    "annotator",
    metadata,
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("email", sa.String(320), nullable=False, unique=True),
    sa.Column("level", sa.String(20), nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("user", _BIG, nullable=True),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("skills", sa.Text, nullable=True),
    sa.Column("languages", sa.Text, nullable=True),
    sa.Column("rate", sa.String(40), nullable=True),
    sa.Column("weekly_hours", sa.Float, nullable=True),
    sa.Column("reason", sa.Text, nullable=True),
    sa.Column("read_guidelines", sa.Integer, nullable=True),
    sa.Column("kind", sa.String(20), nullable=False, server_default="person"),
)

#: One Label Studio project per annotator. ``watermark`` is the newest update that intake has taken in.
desk = sa.Table(
    "desk",
    metadata,
    sa.Column("project", _BIG, primary_key=True),
    sa.Column("annotator", sa.String(80), sa.ForeignKey("annotator.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("watermark", sa.String(40), nullable=True),
    sa.Column("swept_at", sa.String(40), nullable=True),
    sa.UniqueConstraint("annotator", "kind"),
)

assignment = sa.Table(
    "assignment",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("item", sa.String(512), sa.ForeignKey("item.id"), nullable=False, index=True),
    sa.Column("annotator", sa.String(80), sa.ForeignKey("annotator.id"), nullable=False),
    sa.Column("purpose", sa.String(20), nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("position", _BIG, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("task", _BIG, nullable=True),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.UniqueConstraint("item", "annotator", "purpose"),
    sa.Index("ix_assignment_annotator_state", "annotator", "state"),
    # How many there are, by any of these, without reading a row.
    sa.Index("ix_assignment_counted", "round", "annotator", "purpose", "state"),
)

#: What webhooks said: a hint where to look, appended before the 204 and never believed.
event = sa.Table(
    "event",
    metadata,
    sa.Column("id", _BIG, primary_key=True, autoincrement=True),
    sa.Column("received_at", sa.String(40), nullable=False),
    sa.Column("project", _BIG, nullable=False),
    sa.Column("handled", sa.Boolean, nullable=False, index=True),
)

#: The current state of every annotation that was ever seen, by Label Studio's own id.
annotation = sa.Table(
    "annotation",
    metadata,
    sa.Column("id", _BIG, primary_key=True, autoincrement=False),
    sa.Column("project", _BIG, nullable=False, index=True),
    sa.Column("task", _BIG, nullable=False),
    sa.Column("key", sa.String(64), nullable=True, index=True),
    sa.Column("item", sa.String(512), nullable=True, index=True),
    sa.Column("annotator", sa.String(80), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("created_at", sa.String(40), nullable=False),
    sa.Column("updated_at", sa.String(40), nullable=False),
    sa.Column("seconds", sa.Float, nullable=True),
    sa.Column("purpose", sa.String(20), nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("schema_version", sa.Integer, nullable=True),
    sa.Column("guidelines_version", sa.Integer, nullable=True),
    sa.Column("problems", sa.Text, nullable=True),
    sa.Column("raw", sa.Text, nullable=False),
    sa.Index("ix_annotation_updated_at", "updated_at"),
    sa.Index("ix_annotation_state_updated_at", "state", "updated_at"),
)

#: Earlier forms of edited annotations: the raw record is never thrown away.
annotation_history = sa.Table(
    "annotation_history",
    metadata,
    sa.Column("id", _BIG, primary_key=True, autoincrement=False),
    sa.Column("updated_at", sa.String(40), primary_key=True),
    sa.Column("raw", sa.Text, nullable=False),
)

round_ = sa.Table(
    "round",
    metadata,
    sa.Column("round", sa.Integer, primary_key=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("strategy", sa.String(40), nullable=False),
    sa.Column("opened_at", sa.String(40), nullable=False),
    sa.Column("closed_at", sa.String(40), nullable=True),
    sa.Column("result", sa.Text, nullable=True),
)

#: Who does what right now: a lease that ends by itself, so that a killed worker blocks nobody.
lease = sa.Table(
    "lease",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("owner", sa.String(80), nullable=False),
    sa.Column("until", sa.Float, nullable=False),
)

#: What is known of each item's label under each control.
consensus = sa.Table(
    "consensus",
    metadata,
    sa.Column("item", sa.String(512), sa.ForeignKey("item.id"), primary_key=True),
    sa.Column("control", sa.String(200), primary_key=True),
    sa.Column("state", sa.String(20), nullable=False, index=True),
    sa.Column("label", sa.Text, nullable=True),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("posterior", sa.Float, nullable=True, index=True),
    sa.Column("distribution", sa.Text, nullable=False),
    sa.Column("votes", sa.Integer, nullable=False),
    sa.Column("method", sa.String(80), nullable=False),
    sa.Column("by", sa.String(80), nullable=True),
    sa.Column("reason", sa.Text, nullable=True),
    sa.Column("updated_at", sa.String(40), nullable=True),
)
