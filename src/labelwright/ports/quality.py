"""What the store remembers about people's work beside their answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from labelwright.model.money import Rate
from labelwright.model.people import (
    Adjudication,
    GoldItem,
    Message,
    Qualification,
    ReviewRequest,
    Shown,
    StatusChange,
)
from labelwright.model.project import Annotator, Assignment


class GoldStore(Protocol):
    """Known labels, and how they came to be known."""

    def put_gold(self, gold: Sequence[GoldItem]) -> None:
        """Keep these, in place of what was known of the same item and control; the items must be there."""
        ...

    def gold(self, control: str | None = None) -> list[GoldItem]:
        """Every gold item with its exposures, retired ones too, in the order of items."""
        ...

    def put_adjudications(self, records: Sequence[Adjudication]) -> None:
        """Keep these, in place of an earlier word of the same expert on the same item and control."""
        ...

    def adjudications(self, control: str | None = None) -> list[Adjudication]:
        """Every expert's word, in the order of time."""
        ...

    def request_review(self, requests: Sequence[ReviewRequest]) -> None:
        """Ask for an expert; an item that was asked for before stays as it is."""
        ...

    def reviews(self, *, waiting: bool | None = None) -> list[ReviewRequest]:
        """Items that were sent to an expert; only those that wait, or only those that are settled."""
        ...

    def close_reviews(self, items: Iterable[str], now: datetime) -> None:
        """These items are settled."""
        ...


class TeamStore(Protocol):
    """What happened to people: status, rates, qualification, messages."""

    def change_status(self, annotator: Annotator, change: StatusChange) -> None:
        """The new status with its audit, in one transaction; nothing when the status is there already."""
        ...

    def status_changes(self, annotator: str | None = None) -> list[StatusChange]:
        """Every change in the order in which they happened."""
        ...

    def put_rate(self, annotator: str, rate: Rate, since: datetime) -> None:
        """From then on the work is paid so."""
        ...

    def rates(self) -> dict[str, list[tuple[datetime, Rate]]]:
        """By annotator, each in the order of time."""
        ...

    def put_qualification(self, record: Qualification) -> None:
        """Keep a try, in place of what was known of it."""
        ...

    def qualifications(self, annotator: str | None = None) -> list[Qualification]:
        """Every try, in the order of annotators and attempts."""
        ...

    def put_messages(self, messages: Sequence[Message]) -> None:
        """Keep these; one whose occasion is known already stays as it is."""
        ...

    def messages(self, to: str | None = None) -> list[Message]:
        """What one recipient, or everybody, was told, in the order of time."""
        ...

    def record_mailed(self, ids: Iterable[str], now: datetime) -> None:
        """These went out by e-mail."""
        ...

    def put_shown(self, shown: Shown) -> None:
        """A desk shows this version from then on; nothing when it does so already."""
        ...

    def shown(self, project: int) -> list[Shown]:
        """What a desk has shown, in the order of time."""
        ...

    def hand_over(self, replacements: Mapping[str, Assignment | None]) -> int:
        """Withdraw assignments that still wait, each with the one that takes its place; how many were withdrawn.

        In one transaction: an answer that came in between keeps its assignment, and its replacement is left out.
        """
        ...
