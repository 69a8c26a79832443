"""What the use cases need of the outside, as Protocols. Adapters implement them; tests of `app` need nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from labelwright.assignment.intake import IntakePlan
from labelwright.model.desk import (
    AnnotationRecord,
    DeskRecord,
    DeskSpec,
    Member,
    SeenAnnotation,
    SeenChange,
    SeenTask,
    TaskToDeliver,
)
from labelwright.model.project import Annotator, Assignment, Item, RoundRecord
from labelwright.model.schema import Schema
from labelwright.model.values import Answer

__all__ = [
    "Clock",
    "Codec",
    "DeskSpec",
    "Desks",
    "Learner",
    "Media",
    "Member",
    "Pool",
    "PoolSpec",
    "PoolSummary",
    "Progress",
    "SeenAnnotation",
    "SeenChange",
    "SeenTask",
    "Shelf",
    "Store",
    "TaskToDeliver",
]


class Clock(Protocol):
    """The only source of the time of day."""

    def now(self) -> datetime:
        """The time now, with its zone (UTC)."""
        ...


# ---------------------------------------------------------------- Label Studio


class Desks(Protocol):
    """Label Studio, seen as desks. Every method is safe to repeat after a crash."""

    def version(self) -> str:
        """Release of the server. Raises OutsideServiceError with the next step when it cannot be used."""
        ...

    def url_of(self, desk: int) -> str:
        """The annotator's way in: opens the label stream at once."""
        ...

    def add_member(self, email: str, password: str, name: str) -> Member:
        """Sign an annotator up through the invitation; the account that exists already is returned as it is."""
        ...

    def member(self, email: str) -> Member | None:
        """The account with that address, if there is one."""
        ...

    def open_desk(self, spec: DeskSpec) -> int:
        """The desk with the spec's marker, made when missing and brought to the spec when it differs."""
        ...

    def watch(self, desk: int, url: str, headers: Mapping[str, str]) -> None:
        """One webhook from the desk to ``url``, with own headers; others of ours are replaced."""
        ...

    def deliver(self, desk: int, tasks: Sequence[TaskToDeliver]) -> list[int]:
        """Put tasks on the desk, in this order; their ids in this order."""
        ...

    def tasks(self, desk: int) -> list[SeenTask]:
        """Every task on the desk: the sweep of ids."""
        ...

    def changes(self, desk: int, since: datetime | None) -> Iterator[SeenChange]:
        """Tasks updated after ``since`` in the order of their update, with all their annotations."""
        ...

    def withdraw(self, desk: int, tasks: Sequence[int]) -> None:
        """Delete tasks that nobody has touched."""
        ...


class Codec(Protocol):
    """Label Studio's JSON to values and back, unchanged."""

    def decode(self, raw: str, schema: Schema) -> Answer:
        """One annotation's JSON to an answer; what is not understood is kept as Opaque."""
        ...

    def encode(self, answer: Answer) -> list[dict[str, Any]]:
        """An answer to Label Studio's ``result`` list."""
        ...


# ---------------------------------------------------------------- the store


class Store(Protocol):
    """Everything that Labelwright must remember. Every method is one transaction."""

    def close(self) -> None:
        """Give the connections back."""
        ...

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

    def items(self, ids: Iterable[str] | None = None) -> dict[str, Item]:
        """Items that were drawn, by id."""
        ...

    def drawn_rows(self) -> list[int]:
        """Pool rows of items that were drawn for anything but a trial."""
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

    def needs_delivery(self, annotator: str, *, trial: bool, low: int) -> bool:
        """Whether a desk may want a task more or less, as far as is known without looking at it."""
        ...

    def open_round(
        self, record: RoundRecord, items: Mapping[str, tuple[Item, int | None]], assignments: Sequence[Assignment]
    ) -> None:
        """A round with all its items and assignments, or nothing of it."""
        ...

    def close_round(self, number: int, now: datetime, result: Mapping[str, Any]) -> None:
        """The round is over; its result is kept."""
        ...

    def rounds(self) -> list[RoundRecord]:
        """All rounds in order."""
        ...

    def append_event(self, project: int, now: datetime) -> None:
        """A hint where to look."""
        ...

    def pending_events(self) -> tuple[int, frozenset[int]]:
        """The newest event that is not handled (0: none) and the projects that such events name."""
        ...

    def handle_events(self, up_to: int) -> None:
        """Every event up to this one has been looked into."""
        ...

    def records_of_tasks(self, project: int, tasks: Iterable[int]) -> list[AnnotationRecord]:
        """Every record of those tasks, in any state."""
        ...

    def live_records(self, project: int) -> list[AnnotationRecord]:
        """Every record of a desk that is not deleted."""
        ...

    def records(self) -> Iterator[AnnotationRecord]:
        """Every record of the workspace, in a stream."""
        ...

    def apply_intake(self, project: int, plan: IntakePlan, watermark: datetime | None) -> None:
        """Write what intake decided and move the watermark."""
        ...

    def acquire(self, name: str, owner: str, now: datetime, seconds: float) -> bool:
        """Take the lease when it is free, ended or ours."""
        ...

    def release(self, name: str, owner: str) -> None:
        """Give the lease back, if it is ours."""
        ...


class Shelf(Protocol):
    """Models and their scores, by round."""

    def put_model(self, round_number: int, learner: Learner, card: Mapping[str, Any]) -> str:
        """Save a model with its card; returns its path."""
        ...

    def put_scores(self, round_number: int, rows: NDArray[np.int64], probabilities: NDArray[np.float64]) -> None:
        """Class probabilities of pool rows under the model of that round."""
        ...

    def scores(self, round_number: int) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
        """What `put_scores` kept, or None."""
        ...


# ---------------------------------------------------------------- the pool


@dataclass(frozen=True, slots=True)
class PoolSpec:
    """Where the pool is and which columns mean what. Column names are those of the user's files."""

    files: tuple[Path, ...]
    fields: Mapping[str, str]  # data field of the schema -> column
    id_column: str | None = None
    group_column: str | None = None
    label_column: str | None = None  # existing labels, kept apart
    metadata_columns: tuple[str, ...] = ()
    encoding: str | None = None
    links: tuple[str, ...] = ()  # data fields whose values are links to media, checked for form


@dataclass(frozen=True, slots=True)
class PoolSummary:
    """What an import found. ``reasons`` counts rejects by reason."""

    rows: int
    items: int
    duplicates: int
    rejected: int
    reasons: Mapping[str, int]
    encoding: str | None
    fingerprint: str
    notes: tuple[str, ...] = ()


class Pool(Protocol):
    """All items, in the user's own files; rows are numbered from 0 in the order of the index."""

    def import_files(self, spec: PoolSpec) -> PoolSummary:
        """Read every file once in a stream: build the index of ids, write the rejects."""
        ...

    def summary(self) -> PoolSummary:
        """What the last import found."""
        ...

    def __len__(self) -> int:
        """How many items there are."""
        ...

    def ids(self) -> Sequence[str]:
        """Item ids by row."""
        ...

    def rows_of(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """Rows of item ids, -1 where there is no such item, shape (ids,)."""
        ...

    def changed(self) -> list[Path]:
        """Files that are not as they were imported."""
        ...

    def strata(self, column: str) -> Sequence[str]:
        """Values of a metadata or label column by row."""
        ...

    def items(self, rows: Sequence[int]) -> list[Item]:
        """The items of those rows, in that order."""
        ...

    def batches(self, size: int) -> Iterator[tuple[NDArray[np.int64], list[Mapping[str, Any]]]]:
        """Rows and their data in a stream, for scoring."""
        ...


# ---------------------------------------------------------------- media


class Media(Protocol):
    """What the labeling screen loads in place of a path on this disk."""

    @property
    def fields(self) -> frozenset[str]:
        """Data fields that the screen loads from an address rather than shows as text."""
        ...

    def shown(self, item: Item, name: str) -> Any:
        """The value of a data field as the screen takes it; the item itself keeps the plain path."""
        ...


# ---------------------------------------------------------------- learners


class Learner(Protocol):
    """A model that learns from labeled items and gives class probabilities."""

    classes: tuple[str, ...]

    def fit(self, texts: Sequence[str], labels: Sequence[str], weights: NDArray[np.float64] | None, seed: int) -> None:
        """Learn from scratch; the same input and seed give the same model."""
        ...

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Class probabilities, shape (items, classes)."""
        ...

    def save(self, path: Path) -> None:
        """Write the model so that `load` reads it without running code from the file."""
        ...


class Progress(Protocol):
    """Where long work tells how far it is (a bar at a terminal, nothing in a test)."""

    def start(self, what: str, total: int | None) -> None:
        """A new piece of work of ``total`` steps (None: unknown)."""
        ...

    def step(self, n: int = 1) -> None:
        """``n`` steps further."""
        ...

    def done(self) -> None:
        """The piece of work is finished."""
        ...
