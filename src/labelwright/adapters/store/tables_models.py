"""Tables of models and of what they suggest and answer."""

from __future__ import annotations

import sqlalchemy as sa

from labelwright.adapters.store.tables import metadata

#: Trained models. Their files are on the shelf; ``card`` says what they learned from and how they were measured.
model = sa.Table(
    "model",
    metadata,
    sa.Column("version", sa.String(80), primary_key=True),
    sa.Column("kind", sa.String(80), nullable=False),
    sa.Column("state", sa.String(20), nullable=False, index=True),
    sa.Column("round", sa.Integer, nullable=True),
    sa.Column("trained_at", sa.String(40), nullable=False),
    sa.Column("path", sa.Text, nullable=True),
    sa.Column("card", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=True),
)

#: What a desk showed with a task, or that it deliberately showed nothing (``arm``: shown, control, unsure).
suggestion = sa.Table(
    "suggestion",
    metadata,
    sa.Column("key", sa.String(64), sa.ForeignKey("assignment.key"), primary_key=True),
    sa.Column("arm", sa.String(20), nullable=False, index=True),
    sa.Column("version", sa.String(80), nullable=False),
    sa.Column("label", sa.Text, nullable=True),
    sa.Column("confidence", sa.Float, nullable=True),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("made_at", sa.String(40), nullable=False),
)

#: Every call to a model behind an address that answers like an annotator: what it said, whether it fits the schema,
#: and what it cost. ``cost`` is in the currency of the budget.
model_answer = sa.Table(
    "model_answer",
    metadata,
    sa.Column("annotator", sa.String(80), primary_key=True),
    sa.Column("item", sa.String(512), sa.ForeignKey("item.id"), primary_key=True),
    sa.Column("control", sa.String(200), primary_key=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("label", sa.Text, nullable=True),
    sa.Column("raw", sa.Text, nullable=False),
    sa.Column("problem", sa.Text, nullable=True),
    sa.Column("tokens_in", sa.Integer, nullable=False),
    sa.Column("tokens_out", sa.Integer, nullable=False),
    sa.Column("cost", sa.Float, nullable=True),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("answered_at", sa.String(40), nullable=False),
)
