"""The pool, in the user's own files, and the media behind its items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from labelwright.model.project import Item

if TYPE_CHECKING:  # a command that needs no pool does without numpy
    import numpy as np
    from numpy.typing import NDArray


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
    probe: bool = False  # files behind links are decoded, and refused where they are broken


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

    def changed(self) -> list[str]:
        """Files that are not as they were imported."""
        ...

    def strata(self, column: str) -> Sequence[str]:
        """Values of a metadata or label column by row."""
        ...

    def items(self, rows: Sequence[int]) -> list[Item]:
        """The items of those rows, in that order."""
        ...

    def batches(
        self, size: int, stretch: tuple[int, int] | None = None
    ) -> Iterator[tuple[NDArray[np.int64], list[Mapping[str, Any]]]]:
        """Rows and their data in a stream, for scoring: all, or those from the first to before the second."""
        ...


class Media(Protocol):
    """What the labeling screen loads in place of a path on this disk."""

    @property
    def fields(self) -> frozenset[str]:
        """Data fields that the screen loads from an address rather than shows as text."""
        ...

    def shown(self, item: Item, name: str) -> Any:
        """The value of a data field as the screen takes it; the item itself keeps the plain path."""
        ...

    def content(self, item: Item, name: str) -> bytes | None:
        """The bytes behind a field, of this disk or of the project's bucket; None where they are not to be had."""
        ...

    def thumbnail(self, item: Item, name: str) -> str | None:
        """The path on Labelwright's own server of a small picture of a field; None where there is none."""
        ...

    def path(self, item: Item, name: str) -> Path | None:
        """The file on this disk behind a field; None where it is an address or not there."""
        ...
