"""Migrations of the store, applied by alembic."""
