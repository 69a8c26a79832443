"""Who may do what in the console, and how items are looked through: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What somebody is in the console."""

    LEAD = "lead"
    REVIEWER = "reviewer"
    ANNOTATOR = "annotator"
    READER = "read-only"


class Scope(StrEnum):
    """What a role or an API token allows."""

    READ = "read"  # every view but the accounts
    REVIEW = "review"  # final words, and what becomes of single items
    MANAGE = "manage"  # people, rounds, guidelines, setup, accounts
    OWN = "own"  # one's own page


#: What each role allows.
SCOPES: Mapping[Role, frozenset[Scope]] = {
    Role.LEAD: frozenset(Scope),
    Role.REVIEWER: frozenset({Scope.READ, Scope.REVIEW, Scope.OWN}),
    Role.READER: frozenset({Scope.READ}),
    Role.ANNOTATOR: frozenset({Scope.OWN}),
}


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in.

    Attributes:
        password: an argon2 hash; None where only links or single sign-on let them in.
        annotator: the annotator that this person is, if any.
        subject: ``issuer|subject`` of a single sign-on.
    """

    id: str
    name: str
    role: Role
    created_at: datetime
    email: str | None = None
    password: str | None = field(default=None, repr=False)
    annotator: str | None = None
    subject: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser, by the SHA-256 of its cookie. Times are seconds since the epoch."""

    hash: str
    account: str
    csrf: str = field(repr=False)
    made_at: float
    ends_at: float


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token of a script, by its SHA-256. It never allows more than its account."""

    id: str
    hash: str = field(repr=False)
    name: str
    account: str
    scopes: frozenset[Scope]
    created_at: datetime
    ends_at: float | None = None


@dataclass(frozen=True, slots=True)
class SignInLink:
    """A link that lets somebody in once. Without an account it makes one with the role."""

    hash: str
    role: Role
    ends_at: float
    account: str | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who changed what. ``via`` is session, token, link or system."""

    id: int
    at: datetime
    who: str
    via: str
    action: str
    target: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document that was made ahead; ``stamp`` tells of which state of the project."""

    name: str
    stamp: str
    made_at: datetime
    seconds: float
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """One item as the console lists it.

    Attributes:
        text: what the screen shows, cut; it is searched.
        disagreement: 0 to 1; None below two answers.
        changed_at: of the last answer, review or label, as text of fixed width in UTC.
        answered_at: of the last answer that counts for agreement, in the same form: a reviewer's, who saw the others',
            does not; None without one.
        said: (control, annotator, label) of each answer that counts.
        slices: values of the metadata columns.
    """

    item: str
    text: str
    state: str
    label: str | None = None
    posterior: float | None = None
    disagreement: float | None = None
    answers: int = 0
    round: int | None = None
    changed_at: str | None = None
    answered_at: str | None = None
    said: tuple[tuple[str, str, str], ...] = ()
    slices: Mapping[str, str] = field(default_factory=dict)


#: Columns that a list of items can be sorted by.
SORTS = ("item", "posterior", "disagreement", "answers", "round", "changed_at")


#: Stretches in which the list's facets count: above the first and up to the second number.
STRETCHES: Mapping[str, tuple[tuple[float, float], ...]] = {
    "disagreement": ((0.0, 0.0), (0.0, 0.5), (0.5, 1.0)),
    "posterior": ((0.0, 0.6), (0.6, 0.8), (0.8, 0.95), (0.95, 1.0)),
}


@dataclass(frozen=True, slots=True)
class ItemQuery:
    """Which items, in which order.

    Attributes:
        classes: items to whom one annotator gave the first and another the second class, under ``control``.
        values: field → values of a slice, one of which the item has; several fields hold together.
        disagreement: above the first and up to the second number; the number itself where both are the same.
        posterior: the same, of the label's probability.
        answered: whose last counting answer was given from the first time on and before the second.
        after: the last row's (sort value, item) of the page before; None for the first page.
    """

    search: str | None = None
    ids: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    round: int | None = None
    annotators: tuple[str, ...] = ()
    control: str | None = None
    classes: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    differing: bool = False
    disagreement: tuple[float, float] | None = None
    posterior: tuple[float, float] | None = None
    answered: tuple[datetime, datetime] | None = None
    sort: str = "item"
    descending: bool = False
    after: tuple[Any, str] | None = None
    limit: int = 50
