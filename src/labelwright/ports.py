"""What the use cases need of the outside, as Protocols. Adapters implement them; tests of `app` need nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from labelwright.model.desk import DeskSpec, Member, SeenAnnotation, SeenChange, SeenTask, TaskToDeliver
from labelwright.model.project import Item
from labelwright.model.schema import Schema
from labelwright.model.values import Answer


__all__ = [
    "Clock",
    "Codec",
    "DeskSpec",
    "Desks",
    "Learner",
    "Member",
    "Pool",
    "PoolSpec",
    "PoolSummary",
    "Progress",
    "SeenAnnotation",
    "SeenChange",
    "SeenTask",
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

    def strata(self, column: str) -> Sequence[str]:
        """Values of a metadata or label column by row."""
        ...

    def items(self, rows: Sequence[int]) -> list[Item]:
        """The items of those rows, in that order."""
        ...

    def batches(self, size: int) -> Iterator[tuple[NDArray[np.int64], list[Mapping[str, Any]]]]:
        """Rows and their data in a stream, for scoring."""
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
