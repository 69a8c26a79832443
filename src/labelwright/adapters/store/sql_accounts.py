"""Accounts, sessions, tokens, links, and the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from labelwright.adapters.store import rows
from labelwright.adapters.store import tables_console as tables
from labelwright.adapters.store.base import SqlBase
from labelwright.model.console import Account, ApiToken, AuditEntry, Role, Scope, Session, SignInLink


class AccountsSql(SqlBase):
    """Who may sign in, and who did what."""

    def put_account(self, account: Account) -> None:
        """Add an account or bring the one with that id up to date."""
        values = {**asdict(account), "role": account.role.value, "created_at": rows.stamp(account.created_at)}
        with self._engine.begin() as db:
            self._upsert(db, tables.account, [values], ["id"])

    def accounts(self) -> list[Account]:
        """Every account, in the order of names."""
        table = tables.account
        with self._engine.connect() as db:
            return [_account(r) for r in db.execute(sa.select(table).order_by(table.c.name, table.c.id))]

    def put_session(self, session: Session) -> None:
        """Keep a session."""
        with self._engine.begin() as db:
            db.execute(tables.session.insert().values(**asdict(session)))

    def session(self, digest: str) -> Session | None:
        """The session of a cookie's hash."""
        table = tables.session
        with self._engine.connect() as db:
            found = db.execute(sa.select(table).where(table.c.hash == digest)).one_or_none()
        return None if found is None else Session(**found._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    def end_sessions(self, now: float, *, digest: str | None = None, account: str | None = None) -> None:
        """End a session, or all of an account; those whose time is over go, too."""
        table = tables.session
        which = [table.c.ends_at < now]
        if digest is not None:
            which.append(table.c.hash == digest)
        if account is not None:
            which.append(table.c.account == account)
        with self._engine.begin() as db:
            db.execute(table.delete().where(sa.or_(*which)))

    def end_session_at(self, digest: str, ends_at: float) -> None:
        """A session that was replaced lives on for requests under way."""
        table = tables.session
        with self._engine.begin() as db:
            db.execute(table.update().where(table.c.hash == digest).values(ends_at=ends_at))

    def put_token(self, token: ApiToken) -> None:
        """Keep an API token."""
        values = {
            **asdict(token),
            "scopes": " ".join(sorted(s.value for s in token.scopes)),
            "created_at": rows.stamp(token.created_at),
        }
        with self._engine.begin() as db:
            db.execute(tables.api_token.insert().values(**values))

    def tokens(self) -> list[ApiToken]:
        """Every API token."""
        table = tables.api_token
        with self._engine.connect() as db:
            return [_token(r) for r in db.execute(sa.select(table).order_by(table.c.created_at, table.c.id))]

    def token(self, digest: str) -> ApiToken | None:
        """The API token of a hash."""
        table = tables.api_token
        with self._engine.connect() as db:
            found = db.execute(sa.select(table).where(table.c.hash == digest)).one_or_none()
        return None if found is None else _token(found)

    def delete_token(self, identity: str) -> bool:
        """Revoke an API token; False when there is none."""
        table = tables.api_token
        with self._engine.begin() as db:
            return db.execute(table.delete().where(table.c.id == identity)).rowcount > 0

    def put_link(self, link: SignInLink) -> None:
        """Keep a link that lets somebody in once."""
        with self._engine.begin() as db:
            db.execute(tables.sign_in_link.insert().values(**asdict(link) | {"role": link.role.value}))

    def use_link(self, digest: str, now: float) -> SignInLink | None:
        """The link, used up by this call; of two calls at once only one gets it."""
        table = tables.sign_in_link
        usable = sa.and_(table.c.hash == digest, table.c.used_at.is_(None), table.c.ends_at > now)
        with self._engine.begin() as db:
            if db.execute(table.update().where(usable).values(used_at=now)).rowcount != 1:
                return None
            found = db.execute(sa.select(table).where(table.c.hash == digest)).one()
        return SignInLink(found.hash, Role(found.role), found.ends_at, found.account)

    def append_audit(
        self, now: datetime, who: str, via: str, action: str, target: str, detail: Mapping[str, Any]
    ) -> None:
        """Write down who changed what."""
        values = {
            "at": rows.stamp(now),
            "who": who[:200],
            "via": via,
            "action": action,
            "target": target[:600],
            "detail": orjson.dumps(dict(detail), default=str).decode(),
        }
        with self._engine.begin() as db:
            db.execute(tables.audit.insert().values(**values))

    def audit(self, before: int | None, limit: int) -> list[AuditEntry]:
        """The newest entries before an id."""
        table = tables.audit
        query = sa.select(table).order_by(table.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(table.c.id < before)
        with self._engine.connect() as db:
            return [
                AuditEntry(r.id, rows.moment(r.at), r.who, r.via, r.action, r.target, orjson.loads(r.detail))
                for r in db.execute(query)
            ]


def _account(row: sa.Row[Any]) -> Account:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    return Account(**values | {"role": Role(row.role), "created_at": rows.moment(row.created_at)})


def _token(row: sa.Row[Any]) -> ApiToken:
    scopes = frozenset(Scope(s) for s in row.scopes.split())
    return ApiToken(row.id, row.hash, row.name, row.account, scopes, rows.moment(row.created_at), row.ends_at)
