"""What every reader hands on: some rows of one file as columns, with the place of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from labelwright.adapters.pool.rejects import Reject

#: A batch is handed on at so many rows …
ROWS = 20_000
#: … or so many characters, so that rows of a megabyte each do not pile up.
CHARACTERS = 32_000_000

PLACES = {"record": pl.Int64, "line": pl.Int64, "offset": pl.Int64, "length": pl.Int64}


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one file.

    Attributes:
        places: one line a row: record (from 0), line (from 1), offset and length in bytes (null where there are none).
        values: one line a row, the columns asked for, all as strings; structured values as JSON.
        rejects: rows that could not even be read; they are in neither frame.
    """

    places: pl.DataFrame
    values: pl.DataFrame
    rejects: tuple[Reject, ...] = ()


@dataclass(slots=True)
class BatchBuilder:
    """Collects rows until there are enough for a batch.

    Attributes:
        columns: the columns of ``values``.
    """

    columns: Sequence[str]
    _places: list[tuple[int, int, int, int]] = field(default_factory=list)
    _values: list[Sequence[str | None]] = field(default_factory=list)
    _rejects: list[Reject] = field(default_factory=list)
    _characters: int = 0

    def add(self, place: tuple[int, int, int, int], values: Sequence[str | None]) -> None:
        """A row that could be read; its place is record, line, offset, length."""
        self._places.append(place)
        self._values.append(values)
        self._characters += place[3]

    def reject(self, reject: Reject) -> None:
        """A row that could not be read."""
        self._rejects.append(reject)

    @property
    def full(self) -> bool:
        """There are enough rows."""
        return len(self._places) >= ROWS or self._characters >= CHARACTERS or len(self._rejects) >= ROWS

    def take(self) -> Batch:
        """The rows so far; the builder is empty afterwards."""
        places = pl.DataFrame(self._places, schema=PLACES, orient="row")
        by_column = zip(*self._values, strict=True) if self._values else ((),) * len(self.columns)
        values = pl.DataFrame(
            [
                pl.Series(name, list(column), dtype=pl.String)
                for name, column in zip(self.columns, by_column, strict=True)
            ],
        )
        batch = Batch(places, values, tuple(self._rejects))
        self._places, self._values, self._rejects, self._characters = [], [], [], 0
        return batch
