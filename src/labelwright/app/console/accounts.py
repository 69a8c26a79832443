"""Signing in: passwords, links that work once, sessions that change their key, tokens of scripts."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Protocol

from labelwright.model.console import SCOPES, Account, ApiToken, Role, Scope, Session, SignInLink
from labelwright.model.errors import CheckFailedError, UsageError
from labelwright.ports import Clock
from labelwright.ports.console import ConsoleStore

#: Seconds that a session lives, and after which its key is changed.
SESSION_SECONDS = 14 * 86_400.0
ROTATE_SECONDS = 3_600.0
#: Seconds that a replaced key still opens, for requests under way.
GRACE_SECONDS = 60.0
LINK_SECONDS = 86_400.0
INVITATION_SECONDS = 14 * 86_400.0
TOKEN_PREFIX = "lw_"  # noqa: S105 - tells what it is to scanners of repositories
FEWEST_CHARACTERS = 10
_EMAIL = re.compile(r"^[^@\s<>,;]{1,200}@[^@\s<>,;]+\.[^@\s<>,;.]+$")


class Hasher(Protocol):
    """Slow hashes of passwords."""

    def hash(self, password: str) -> str:
        """A salted hash."""
        ...

    def verify(self, known: str | None, password: str) -> bool:
        """Whether they fit; takes as long when there is nothing to compare with."""
        ...


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, and what they may do. ``via`` is session or token."""

    account: Account
    scopes: frozenset[Scope]
    via: str
    csrf: str | None = None

    @property
    def who(self) -> str:
        """As the audit log names them."""
        return f"{self.account.name} <{self.account.email or self.account.id}>"


def digest(secret: str) -> str:
    """What is kept of a secret that is long and random."""
    return sha256(secret.encode()).hexdigest()


class Accounts:
    """Use cases of signing in.

    Args:
        store: remembers.
        clock: tells the time.
        hasher: of passwords.
    """

    def __init__(self, store: ConsoleStore, clock: Clock, hasher: Hasher) -> None:
        self._store, self._clock, self._hasher = store, clock, hasher

    def _now(self) -> float:
        return self._clock.now().timestamp()

    # ---- sessions

    def sign_in(self, email: str, password: str) -> Account | None:
        """The account whose password this is; None for every other reason."""
        wanted = email.strip().casefold()
        found = next((a for a in self._store.accounts() if (a.email or "").casefold() == wanted and a.active), None)
        return found if self._hasher.verify(found.password if found else None, password) else None

    def open_session(self, account: Account) -> tuple[str, Session]:
        """A new session and the cookie's value."""
        cookie, now = secrets.token_urlsafe(32), self._now()
        session = Session(digest(cookie), account.id, secrets.token_urlsafe(24), now, now + SESSION_SECONDS)
        self._store.end_sessions(now)
        self._store.put_session(session)
        return cookie, session

    def of_cookie(self, cookie: str) -> tuple[Principal, Session] | None:
        """Who holds this cookie."""
        session = self._store.session(digest(cookie))
        if session is None or session.ends_at < self._now():
            return None
        account = self._account(session.account)
        if account is None or not account.active:
            return None
        return Principal(account, SCOPES[account.role], "session", session.csrf), session

    def rotated(self, session: Session, account: Account) -> str | None:
        """Another cookie for an old session, with the same protection token; None while it is young."""
        now = self._now()
        if now - session.made_at < ROTATE_SECONDS or session.ends_at - now <= GRACE_SECONDS:
            return None
        cookie = secrets.token_urlsafe(32)
        self._store.put_session(Session(digest(cookie), account.id, session.csrf, now, session.ends_at))
        self._store.end_session_at(session.hash, now + GRACE_SECONDS)
        return cookie

    def sign_out(self, cookie: str) -> None:
        """End this session."""
        self._store.end_sessions(self._now(), digest=digest(cookie))

    # ---- links

    def link(self, role: Role, account: str | None = None, seconds: float = LINK_SECONDS) -> str:
        """A secret that lets somebody in once."""
        secret = secrets.token_urlsafe(24)
        self._store.put_link(SignInLink(digest(secret), role, self._now() + seconds, account))
        return secret

    def use_link(self, secret: str) -> Account:
        """The account that a link opens; the first lead's is made by it.

        Raises:
            CheckFailedError: it was used, its time is over, or its account is closed.
        """
        link = self._store.use_link(digest(secret), self._now())
        found = None
        if link is not None:
            found = self._account(link.account) if link.account else self._of_role(link.role)
        if found is None or not found.active:
            raise CheckFailedError(
                "This link does not work: it was used already, or its time is over",
                next_step="`labelwright up` prints a new one for the lead; others ask the lead",
            )
        return found

    def _of_role(self, role: Role) -> Account:
        """`labelwright up` lets in whoever sits at the machine: they are the first lead."""
        lead = next((a for a in self._store.accounts() if a.role is role and a.active), None)
        return lead or self.add("Lead", role)

    # ---- accounts

    def add(
        self, name: str, role: Role, email: str | None = None, annotator: str | None = None, subject: str | None = None
    ) -> Account:
        """A new account.

        Raises:
            UsageError: the address is none, or has an account.
        """
        account = Account(
            secrets.token_hex(8),
            name.strip() or "Somebody",
            role,
            self._clock.now(),
            annotator=annotator,
            subject=subject,
        )
        account = replace(account, email=self._free_email(email, account.id))
        self._store.put_account(account)
        return account

    def change(self, account: Account, *, role: Role | None = None, active: bool | None = None) -> Account:
        """Another role, or closed: every session ends, for rights have changed.

        Raises:
            CheckFailedError: it is the last lead.
        """
        changed = replace(account, role=role or account.role, active=account.active if active is None else active)
        leads = [a for a in self._store.accounts() if a.role is Role.LEAD and a.active and a.id != account.id]
        if not leads and not (changed.role is Role.LEAD and changed.active):
            raise CheckFailedError("This is the last lead", next_step="Make somebody else a lead first")
        self._store.put_account(changed)
        self._store.end_sessions(self._now(), account=account.id)
        return changed

    def set_profile(self, account: Account, name: str, email: str | None, password: str | None) -> Account:
        """Name, address and password of one's own; a new password ends every other session.

        Raises:
            UsageError: the password is short, or the address is none or somebody else's.
        """
        if password is not None and len(password) < FEWEST_CHARACTERS:
            raise UsageError("The password is too short", next_step=f"Take at least {FEWEST_CHARACTERS} characters")
        changed = replace(
            account,
            name=name.strip() or account.name,
            email=self._free_email(email, account.id),
            password=self._hasher.hash(password) if password else account.password,
        )
        self._store.put_account(changed)
        if password:
            self._store.end_sessions(self._now(), account=account.id)
        return changed

    def of_subject(self, subject: str, name: str, email: str | None, role: Role | None) -> Account | None:
        """The account of a single sign-on: known by its subject; made where the settings give newcomers a role.

        An address alone links to nothing: whoever can choose it at the provider would become somebody else.
        """
        found = next((a for a in self._store.accounts() if a.subject == subject), None)
        if found is not None:
            return found if found.active else None
        if role is None:
            return None
        taken = {(a.email or "").casefold() for a in self._store.accounts()}
        usable = email if email and _EMAIL.match(email) and email.casefold() not in taken else None
        return self.add(name, role, usable, subject=subject)

    def _account(self, identity: str) -> Account | None:
        return next((a for a in self._store.accounts() if a.id == identity), None)

    def _free_email(self, email: str | None, identity: str) -> str | None:
        if email is None or not email.strip():
            return None
        wanted = email.strip()
        if not _EMAIL.match(wanted):
            raise UsageError("This is not an e-mail address", next_step="Give one like ada@example.org")
        if any((a.email or "").casefold() == wanted.casefold() and a.id != identity for a in self._store.accounts()):
            raise UsageError("This address has an account already", next_step="Use another one")
        return wanted

    # ---- tokens

    def new_token(
        self, account: Account, name: str, scopes: Iterable[Scope], ends_at: float | None = None
    ) -> tuple[str, ApiToken]:
        """A token of a script; its secret is shown once.

        Raises:
            UsageError: it would allow more than the account.
        """
        wanted = frozenset(scopes)
        if not wanted or not wanted <= SCOPES[account.role]:
            raise UsageError("A token allows no more than its account", next_step="Choose from your own rights")
        secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
        token = ApiToken(
            secrets.token_hex(8),
            digest(secret),
            name.strip() or "token",
            account.id,
            wanted,
            self._clock.now(),
            ends_at,
        )
        self._store.put_token(token)
        return secret, token

    def of_token(self, secret: str) -> Principal | None:
        """Who holds this token; an account that lost rights loses them here, too."""
        token = self._store.token(digest(secret))
        if token is None or (token.ends_at is not None and token.ends_at < self._now()):
            return None
        account = self._account(token.account)
        if account is None or not account.active:
            return None
        return Principal(account, token.scopes & SCOPES[account.role], "token")


def same(one: str, other: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
