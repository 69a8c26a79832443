"""Opens the database and brings its tables up to date."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from labelwright.adapters.store.sql import SqlStore
from labelwright.model.errors import OutsideServiceError, UsageError


def open_store(url: str) -> SqlStore:
    """A store whose tables are up to date.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql://user:password@host:port/database``.

    Raises:
        UsageError: the address is of no kind that is known.
        OutsideServiceError: the database cannot be reached or written.
    """
    engine = _engine(url)
    try:
        _migrate(engine)
    except sa.exc.OperationalError as problem:
        raise _unusable(engine, problem) from problem
    sa.event.listen(engine, "handle_error", _tell)
    return SqlStore(engine)


def _tell(context: sa.engine.ExceptionContext) -> None:
    """A database that is gone, full or locked is an outage: the use cases try again and say so."""
    problem = context.sqlalchemy_exception
    if isinstance(problem, sa.exc.OperationalError) and not context.is_pre_ping and context.engine is not None:
        raise _unusable(context.engine, problem) from problem


def _unusable(engine: sa.Engine, problem: sa.exc.OperationalError) -> OutsideServiceError:
    shown = engine.url.render_as_string(hide_password=True)
    cause = str(problem.orig).strip().splitlines()[0] if str(problem.orig).strip() else "no reason given"
    return OutsideServiceError(
        f"The database cannot be used: {cause}",
        where=shown,
        next_step="See that it runs, that the user may write, and that the disk is not full",
    )


def sqlite_url(path: Path) -> str:
    """The address of a SQLite file."""
    return f"sqlite:///{path}"


def _engine(url: str) -> sa.Engine:
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(url, connect_args={"timeout": 30})
        sa.event.listen(engine, "connect", _tune_sqlite)
        return engine
    for prefix in ("postgresql://", "postgres://", "postgresql+psycopg://"):
        if url.startswith(prefix):
            return sa.create_engine(
                "postgresql+psycopg://" + url.removeprefix(prefix),
                pool_pre_ping=True,
                connect_args={"connect_timeout": 10},
            )
    raise UsageError(
        "This database address is of no known kind",
        where=url.split("://", 1)[0],
        next_step="Use sqlite:///FILE or postgresql://user:password@host:port/database",
    )


def _tune_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    """WAL lets the webhook append while a report reads; NORMAL is durable against a killed process."""
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _migrate(engine: sa.Engine) -> None:
    head = _newest_revision()
    with engine.connect() as db:
        if _revision(db) == head:
            return
    from alembic import command  # noqa: PLC0415 - a third of a second that most starts do not need
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    try:
        with engine.begin() as db:
            config.attributes["connection"] = db
            command.upgrade(config, "head")
    except sa.exc.DBAPIError:
        # Two processes may open a new database at once: the other one has made the tables meanwhile.
        with engine.connect() as db:
            if _revision(db) != head:
                raise


def _revision(db: sa.Connection) -> str | None:
    if not sa.inspect(db).has_table("alembic_version"):
        return None
    return db.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _newest_revision() -> str:
    """Migrations are numbered files: the last name is the newest."""
    versions = Path(__file__).parent / "migrations" / "versions"
    return max(p.name for p in versions.glob("[0-9]*.py")).split("_", 1)[0]
