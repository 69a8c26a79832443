"""The tables of people and money: gold, adjudications, messages, audit, qualification, rates."""

from __future__ import annotations

import sqlalchemy as sa

from labelwright.adapters.store.tables import metadata

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: Items whose label is known. Exposures are counted from the assignments, so that they cannot go wrong.
gold = sa.Table(
    "gold",
    metadata,
    sa.Column("item", sa.String(512), sa.ForeignKey("item.id"), primary_key=True),
    sa.Column("control", sa.String(200), primary_key=True),
    sa.Column("label", sa.Text, nullable=True),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("source", sa.String(20), nullable=False),
    sa.Column("by", sa.String(80), nullable=False),
    sa.Column("explanation", sa.Text, nullable=True),
    sa.Column("added_at", sa.String(40), nullable=True),
    sa.Column("retired_at", sa.String(40), nullable=True),
    sa.Column("retired_reason", sa.Text, nullable=True),
    sa.Column("suspected", sa.Text, nullable=True),
)

adjudication = sa.Table(
    "adjudication",
    metadata,
    sa.Column("item", sa.String(512), sa.ForeignKey("item.id"), primary_key=True),
    sa.Column("control", sa.String(200), primary_key=True),
    sa.Column("by", sa.String(80), primary_key=True),
    sa.Column("annotation", _BIG, nullable=False),
    sa.Column("label", sa.Text, nullable=True),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=True),
    sa.Column("before", sa.Text, nullable=True),
    sa.Column("asked", sa.String(40), nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
)

#: Items that an expert shall see, and why.
review = sa.Table(
    "review",
    metadata,
    sa.Column("item", sa.String(512), sa.ForeignKey("item.id"), primary_key=True),
    sa.Column("why", sa.String(40), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("asked_at", sa.String(40), nullable=True),
    sa.Column("closed_at", sa.String(40), nullable=True, index=True),
)

#: The id names the occasion, so that the same thing is told once, whatever crashed.
message = sa.Table(
    "message",
    metadata,
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("to", sa.String(80), nullable=False, index=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("item", sa.String(512), nullable=True),
    sa.Column("mailed_at", sa.String(40), nullable=True),
)

status_change = sa.Table(
    "status_change",
    metadata,
    sa.Column("id", _BIG, primary_key=True, autoincrement=True),
    sa.Column("annotator", sa.String(80), sa.ForeignKey("annotator.id"), nullable=False, index=True),
    sa.Column("before", sa.String(20), nullable=False),
    sa.Column("after", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", sa.String(80), nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
)

qualification = sa.Table(
    "qualification",
    metadata,
    sa.Column("annotator", sa.String(80), sa.ForeignKey("annotator.id"), primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True),
    sa.Column("keys", sa.Text, nullable=False),
    sa.Column("opened_at", sa.String(40), nullable=False),
    sa.Column("closed_at", sa.String(40), nullable=True),
    sa.Column("passed", sa.Boolean, nullable=True),
    sa.Column("result", sa.Text, nullable=False),
)

#: Since when a desk has shown a version of the guidelines, by Label Studio's clock.
shown = sa.Table(
    "guidelines_shown",
    metadata,
    sa.Column("project", _BIG, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("at", sa.String(40), primary_key=True),
)

#: An answer is paid at the rate of its own time.
rate = sa.Table(
    "annotator_rate",
    metadata,
    sa.Column("annotator", sa.String(80), sa.ForeignKey("annotator.id"), primary_key=True),
    sa.Column("since", sa.String(40), primary_key=True),
    sa.Column("rate", sa.String(40), nullable=False),
)
