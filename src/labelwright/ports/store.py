"""The store, in parts by what they remember."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from labelwright.model.consensus import ConsensusState, ItemConsensus
from labelwright.model.desk import (
    AnnotationRecord,
    DeskRecord,
)
from labelwright.model.project import Annotator, Assignment, Item, RoundRecord, RoundState
from labelwright.ports.certification import CertificationStore
from labelwright.ports.console import ConsoleStore
from labelwright.ports.loop import LoopStore
from labelwright.ports.models import ModelStore
from labelwright.ports.quality import GoldStore, TeamStore

if TYPE_CHECKING:  # a command that assigns nothing does without numpy
    from labelwright.assignment.intake import IntakePlan


class PeopleStore(Protocol):
    """Documents, annotators, desks."""

    def put_document(self, kind: str, text: str, now: datetime) -> int:
        """Keep a version of the schema or guidelines; the same text again is the same version."""
        ...

    def document(self, kind: str, version: int | None = None) -> tuple[int, str] | None:
        """A version (the newest without a number) and its text."""
        ...

    def put_annotator(self, annotator: Annotator) -> None:
        """Add an annotator or bring the one with that id up to date."""
        ...

    def annotators(self) -> list[Annotator]:
        """The team, in the order of ids."""
        ...

    def put_desk(self, desk: DeskRecord) -> None:
        """Add a desk; the watermark of one that is known stays."""
        ...

    def desks(self, kind: str | None = None) -> list[DeskRecord]:
        """All desks, or those of one kind."""
        ...


class WorkStore(Protocol):
    """Items that were drawn, and who gets them."""

    def items(self, ids: Iterable[str] | None = None) -> dict[str, Item]:
        """Items that were drawn, by id."""
        ...

    def drawn_rows(self) -> list[int]:
        """Pool rows of items that are drawn for anything but a trial; what was withdrawn unanswered is not."""
        ...

    def drawn_items(self) -> list[Item]:
        """These items, in the order of ids."""
        ...

    def add_assignments(self, items: Mapping[str, tuple[Item, int | None]], assignments: Sequence[Assignment]) -> None:
        """Items with their pool rows, and who gets them, at once."""
        ...

    def assignments(
        self, *, annotator: str | None = None, round_number: int | None = None, trial: bool | None = None
    ) -> list[Assignment]:
        """Assignments of an annotator, of a round, with or without trials."""
        ...

    def assignments_of_keys(self, keys: Iterable[str]) -> dict[str, Assignment]:
        """Assignments by key."""
        ...

    def counts(self) -> dict[tuple[str, str, str], int]:
        """How many assignments there are by annotator, purpose and state."""
        ...

    def record_delivery(self, tasks: Mapping[str, int]) -> None:
        """These assignments stand on their desk as these tasks."""
        ...

    def record_vanished(self, keys: Iterable[str]) -> None:
        """The tasks of these assignments are gone: they are planned again."""
        ...

    def withdraw(self, keys: Iterable[str]) -> None:
        """These assignments are no longer wanted, unless they are done."""
        ...

    def record_gone(self, keys: Iterable[str]) -> None:
        """The tasks of these withdrawn assignments are off the desk."""
        ...

    def needs_delivery(self, annotator: str, *, kind: str, low: int) -> bool:
        """Whether a desk of that kind may want a task more or less, as far as is known without looking at it."""
        ...


class RoundStore(Protocol):
    """Rounds, each written with its items and assignments."""

    def open_round(
        self, record: RoundRecord, items: Mapping[str, tuple[Item, int | None]], assignments: Sequence[Assignment]
    ) -> None:
        """A round with all its items and assignments, or nothing of it."""
        ...

    def close_round(
        self, number: int, now: datetime, result: Mapping[str, Any], state: RoundState = RoundState.CLOSED
    ) -> None:
        """The round is over; its result is kept."""
        ...

    def rounds(self) -> list[RoundRecord]:
        """All rounds in order."""
        ...


class EventStore(Protocol):
    """What webhooks said, and who does what right now."""

    def append_event(self, project: int, now: datetime) -> None:
        """A hint where to look."""
        ...

    def pending_events(self) -> tuple[int, frozenset[int]]:
        """The newest event that is not handled (0: none) and the projects that such events name."""
        ...

    def handle_events(self, up_to: int) -> None:
        """Every event up to this one has been looked into."""
        ...

    def acquire(self, name: str, owner: str, now: datetime, seconds: float) -> bool:
        """Take the lease when it is free, ended or ours."""
        ...

    def release(self, name: str, owner: str) -> None:
        """Give the lease back, if it is ours."""
        ...


class AnnotationStore(Protocol):
    """Annotations as Label Studio gave them."""

    def records_of_tasks(self, project: int, tasks: Iterable[int]) -> list[AnnotationRecord]:
        """Every record of those tasks, in any state."""
        ...

    def live_records(self, project: int) -> list[AnnotationRecord]:
        """Every record of a desk that is not deleted."""
        ...

    def records(self) -> Iterator[AnnotationRecord]:
        """Every record of the workspace, in a stream."""
        ...

    def records_of_items(self, items: Iterable[str]) -> list[AnnotationRecord]:
        """Every record of those items, in any state, in the order of ids."""
        ...

    def apply_intake(self, project: int, plan: IntakePlan, watermark: datetime | None) -> None:
        """Write what intake decided and move the watermark."""
        ...


class ConsensusStore(Protocol):
    """What is known of each item's label."""

    def put_consensus(
        self, records: Sequence[ItemConsensus], unless: AbstractSet[ConsensusState] = frozenset()
    ) -> None:
        """Keep these, in place of what was known of the same item and control; but what is in these states stays."""
        ...

    def consensus(self, control: str | None = None, items: Iterable[str] | None = None) -> list[ItemConsensus]:
        """What is known of all items or of those asked for, in the order of item and control."""
        ...


class Store(
    PeopleStore,
    WorkStore,
    RoundStore,
    EventStore,
    AnnotationStore,
    ConsensusStore,
    GoldStore,
    TeamStore,
    ModelStore,
    LoopStore,
    ConsoleStore,
    CertificationStore,
    Protocol,
):
    """Everything that Labelwright must remember. Every method is one transaction."""

    def close(self) -> None:
        """Give the connections back."""
        ...
