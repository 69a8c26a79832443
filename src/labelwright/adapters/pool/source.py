"""One file (or folder) of the pool: what was found out about it, and the protocol of its reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from labelwright.adapters.pool.batch import Batch
from labelwright.model.errors import DataError

_END = 1 << 16


@dataclass(frozen=True, slots=True)
class Source:
    """What is known about one file of the pool, so that its rows can be fetched later.

    Attributes:
        path: absolute.
        format: csv, jsonl, json, parquet or media.
        columns: the columns it has, in its order.
        size: in bytes.
        modified: of the file, in nanoseconds.
        digest: of its head and tail (of the list of files, for a folder).
        encoding: of a text format.
        delimiter: of a delimited format.
        kinds: of a JSON format's columns: text, number, list or object, by what most of its first rows hold.
        start: offset of the first record, in bytes.
    """

    path: Path
    format: str
    columns: tuple[str, ...]
    size: int = 0
    modified: int = 0
    digest: str = ""
    encoding: str | None = None
    delimiter: str | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)
    start: int = 0

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {**asdict(self), "path": str(self.path), "kinds": dict(self.kinds)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Source:
        """What `as_dict` made."""
        return cls(**{**values, "path": Path(values["path"]), "columns": tuple(values["columns"])})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which columns a reader hands on: those that are data, then the others."""

    data: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Each once."""
        return tuple(dict.fromkeys(self.data + self.others))


class Reader(Protocol):
    """A file format."""

    def open(self, path: Path, encoding: str | None) -> Source:
        """Look at the file: its columns and what is needed to read it. Raises DataError when it cannot be read."""
        ...

    def read(self, source: Source, wanted: Wanted) -> Iterator[Batch]:
        """All rows in a stream, in the file's order."""
        ...

    def fetch(self, source: Source, places: pl.DataFrame, columns: Sequence[str]) -> list[dict[str, Any]]:
        """The rows at those places (record, offset, length, media), in that order, with their own types."""
        ...

    def stream(self, source: Source, columns: Sequence[str]) -> Callable[[pl.DataFrame], list[dict[str, Any]]]:
        """What fetches rows as `fetch` does, for places that come in the order of the file."""
        ...


def stamp(path: Path) -> tuple[int, int, str]:
    """Size, time of change (ns) and a hash of the first and last 64 KiB of a file."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_END)
            size = stream.seek(0, 2)
            stream.seek(max(size - _END, 0))
            tail = stream.read(_END)
        return size, path.stat().st_mtime_ns, blake2b(head + tail, digest_size=16).hexdigest()
    except OSError as error:
        raise DataError("The file cannot be read", where=str(path), next_step=str(error.strerror or error)) from error


def fingerprint(sources: Sequence[Source]) -> str:
    """One hash over size, time and ends of every file."""
    facts = "\n".join(f"{source.size} {source.modified} {source.digest}" for source in sources)
    return blake2b(facts.encode(), digest_size=16).hexdigest()
