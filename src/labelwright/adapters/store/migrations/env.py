"""Runs the migrations on the connection that the store hands over."""

from alembic import context

from labelwright.adapters.store import tables_console  # noqa: F401 - its tables stand in the metadata
from labelwright.adapters.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
