"""Label Studio, seen as desks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from labelwright.model.desk import (
    DeskSpec,
    Member,
    SeenChange,
    SeenTask,
    TaskToDeliver,
)
from labelwright.model.schema import Schema
from labelwright.model.values import Answer


class Desks(Protocol):
    """Label Studio, seen as desks. Every method is safe to repeat after a crash."""

    def version(self) -> str:
        """Release of the server. Raises OutsideServiceError with the next step when it cannot be used."""
        ...

    def ahead(self) -> timedelta:
        """How far the server's clock is ahead of ours, as its last answer told; zero where they are about the same."""
        ...

    def url_of(self, desk: int) -> str:
        """The annotator's way in: opens the label stream at once."""
        ...

    def url_of_task(self, desk: int, task: int) -> str:
        """The way to one task of a desk."""
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
