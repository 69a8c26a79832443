"""Tables of the loop: steps of rounds, workers, and what the lead has told it."""

from __future__ import annotations

import sqlalchemy as sa

from labelwright.adapters.store.tables import metadata

#: One row a step of a round. Not bound to ``round``: a round that is being selected has a step and is no round yet.
loop_step = sa.Table(
    "loop_step",
    metadata,
    sa.Column("round", sa.Integer, primary_key=True),
    sa.Column("step", sa.String(20), primary_key=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("changed_at", sa.String(40), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("worker", sa.String(120), nullable=False),
    sa.Column("retry_at", sa.String(40), nullable=True),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=True),
)

#: Workers and when they were last alive.
loop_worker = sa.Table(
    "loop_worker",
    metadata,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("seen_at", sa.String(40), nullable=False),
)

#: What holds the loop: ``paused``, ``stopped``.
loop_note = sa.Table(
    "loop_note",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
