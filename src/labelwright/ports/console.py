"""What the console remembers: accounts, what was done, and views that are made ahead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from labelwright.model.console import Account, ApiToken, AuditEntry, Facts, ItemQuery, Session, SignInLink, Snapshot


class AccountStore(Protocol):
    """Who may sign in, and who did what."""

    def put_account(self, account: Account) -> None:
        """Add an account or bring the one with that id up to date."""
        ...

    def accounts(self) -> list[Account]:
        """Every account, in the order of names."""
        ...

    def put_session(self, session: Session) -> None:
        """Keep a session."""
        ...

    def session(self, digest: str) -> Session | None:
        """The session of a cookie's hash."""
        ...

    def end_sessions(self, now: float, *, digest: str | None = None, account: str | None = None) -> None:
        """End a session, or all of an account; those whose time is over go, too."""
        ...

    def end_session_at(self, digest: str, ends_at: float) -> None:
        """A session that was replaced lives on for requests under way."""
        ...

    def put_token(self, token: ApiToken) -> None:
        """Keep an API token."""
        ...

    def tokens(self) -> list[ApiToken]:
        """Every API token."""
        ...

    def token(self, digest: str) -> ApiToken | None:
        """The API token of a hash."""
        ...

    def delete_token(self, identity: str) -> bool:
        """Revoke an API token; False when there is none."""
        ...

    def put_link(self, link: SignInLink) -> None:
        """Keep a link that lets somebody in once."""
        ...

    def use_link(self, digest: str, now: float) -> SignInLink | None:
        """The link, used up by this call; None when it was used, is over, or there is none."""
        ...

    def append_audit(
        self, now: datetime, who: str, via: str, action: str, target: str, detail: Mapping[str, Any]
    ) -> None:
        """Write down who changed what."""
        ...

    def audit(self, before: int | None, limit: int) -> list[AuditEntry]:
        """The newest entries before an id."""
        ...


class BrowseStore(Protocol):
    """Items ready to be looked through, and documents that were made ahead."""

    def put_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a document in place of the one with its name."""
        ...

    def snapshot(self, name: str) -> Snapshot | None:
        """The document of that name."""
        ...

    def snapshot_stamps(self) -> dict[str, str]:
        """Name → when it was made: tells what is new without reading it."""
        ...

    def state_stamp(self) -> str:
        """Changes with annotations, consensus, assignments, rounds and people."""
        ...

    def changed_items(self, since: str | None) -> list[str]:
        """Items with something newer than that time, and those that are not listed yet; all of them for None."""
        ...

    def newest_change(self) -> str | None:
        """The newest time of an annotation or a consensus."""
        ...

    def records_of_items(self, items: Iterable[str]) -> list[Any]:
        """Annotation records of those items, in any state."""
        ...

    def assignments_of_items(self, items: Iterable[str]) -> list[Any]:
        """Assignments of those items, trials left out."""
        ...

    def put_facts(self, facts: Sequence[Facts]) -> None:
        """List these items anew."""
        ...

    def browse(self, query: ItemQuery) -> list[Facts]:
        """One page; ``said`` holds the answers under every control."""
        ...

    def count_items(self, query: ItemQuery, most: int) -> int:
        """How many items fit the query, counted up to ``most``."""
        ...

    def facets(self) -> dict[str, dict[str, int]]:
        """Items by state, label, round, annotator and slice."""
        ...

    def throughput(self, width: int) -> list[tuple[str, str, int]]:
        """(time cut to ``width`` characters, annotator, answers that count), in order."""
        ...

    def time_span(self) -> tuple[str, str] | None:
        """The first and the last answer's time."""
        ...

    def assignment_counts_by_round(self) -> dict[int, dict[str, int]]:
        """Assignments by round and state, trials left out."""
        ...

    def documents(self, kind: str) -> list[tuple[int, str, str]]:
        """(version, text, when) of a kind of document."""
        ...


class ConsoleStore(AccountStore, BrowseStore, Protocol):
    """Everything that the console remembers."""
