"""The index of the pool: one line an item, in Parquet, with its place in the user's files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, overload

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

#: Columns of metadata stand in the index under their name after this.
METADATA = "m:"

PLACE = ("file", "record", "offset", "length", "media")
_TYPES = {"file": pl.Int32, "record": pl.Int64, "offset": pl.Int64, "length": pl.Int64}
_STRINGS = ("id", "media", "group", "existing")


def schema_of(metadata: Sequence[str]) -> dict[str, Any]:
    """Column types of an index with those metadata columns."""
    texts = dict.fromkeys((*_STRINGS, *(METADATA + name for name in metadata)), pl.String)
    return {**_TYPES, **texts}


class IndexWriter:
    """Writes an index in a stream."""

    def __init__(self, path: Path, metadata: Sequence[str]) -> None:
        self._schema = schema_of(metadata)
        self._writer = pq.ParquetWriter(path, _arrow(pl.DataFrame(schema=self._schema)).schema, compression="zstd")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def write(self, frame: pl.DataFrame) -> None:
        """More rows, as one row group."""
        if len(frame):
            self._writer.write_table(_arrow(frame.select(list(self._schema))))


def without(path: Path, out: Path, rows: NDArray[np.int64]) -> None:
    """Write the index anew, without those rows."""
    with pq.ParquetFile(path) as file, pq.ParquetWriter(out, file.schema_arrow, compression="zstd") as writer:
        keep = np.ones(file.metadata.num_rows, dtype=bool)
        keep[rows] = False
        start = 0
        for group in range(file.metadata.num_row_groups):
            table = file.read_row_group(group)
            left = table.filter(pl.Series(keep[start : start + table.num_rows]).to_arrow())
            start += table.num_rows
            if left.num_rows:
                writer.write_table(left)


class Index:
    """An index that was written; columns are read when they are asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with pq.ParquetFile(path) as file:
            groups = file.metadata.num_row_groups
            counts = [file.metadata.row_group(group).num_rows for group in range(groups)]
        self._ends = np.cumsum(counts, dtype=np.int64)

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def column(self, name: str) -> Column:
        """One column by row."""
        return Column(pl.read_parquet(self.path, columns=[name])[name])

    def take(self, rows: NDArray[np.int64]) -> pl.DataFrame:
        """The lines of those rows, in that order; only the row groups that hold them are read."""
        wanted = np.unique(rows)
        groups = np.unique(np.searchsorted(self._ends, wanted, side="right"))
        parts = []
        with pq.ParquetFile(self.path) as file:
            for group in groups.tolist():
                end = int(self._ends[group])
                start = int(self._ends[group - 1]) if group else 0
                low, high = np.searchsorted(wanted, [start, end])
                parts.append(file.read_row_group(group).take(pl.Series(wanted[low:high] - start).to_arrow()))
        lines = _polars(pa.concat_tables(parts)) if parts else pl.read_parquet(self.path, n_rows=0)
        return lines[np.searchsorted(wanted, rows)]

    def stream(self, size: int, stretch: tuple[int, int] | None = None) -> Iterator[tuple[int, pl.DataFrame]]:
        """First row and places of at most ``size`` rows at a time, each of one file; all, or those of a stretch."""
        low, high = (0, len(self)) if stretch is None else (max(stretch[0], 0), min(stretch[1], len(self)))
        first, last = np.searchsorted(self._ends, [low, max(high - 1, low)], side="right")
        row = int(self._ends[first - 1]) if first else 0
        groups = list(range(first, min(last, len(self._ends) - 1) + 1)) if low < high else []
        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(size, row_groups=groups, columns=list(PLACE)):
                lines = _polars(pa.table(batch))
                skipped = min(max(low - row, 0), len(lines))
                kept = lines[skipped : max(high - row, 0)]
                start, row = row + skipped, row + len(lines)
                for part in kept.partition_by("file", maintain_order=True):
                    yield start, part
                    start += len(part)

    def rows_of(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The row of each id, -1 where there is none, shape (ids,); the index is read in a stream, not held."""
        wanted = pl.LazyFrame({"id": pl.Series(list(ids), dtype=pl.String)})
        lines = pl.scan_parquet(self.path).select("id").with_row_index("row")
        found = lines.join(wanted.unique(), on="id", how="semi").collect(engine="streaming").unique("id", keep="first")
        rows = wanted.collect().join(found, on="id", how="left", maintain_order="left")["row"]
        return rows.cast(pl.Int64).fill_null(-1).to_numpy()


class Column(Sequence[str]):
    """A column of strings, held compactly, that behaves as a sequence; null reads as the empty string."""

    def __init__(self, values: pl.Series) -> None:
        self._values = values.fill_null("")

    def __len__(self) -> int:
        return len(self._values)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        """The value at a row, or those of a slice."""
        if isinstance(at, slice):
            return self._values[at].to_list()
        return str(self._values[at])

    def __iter__(self) -> Iterator[str]:
        return iter(self._values.to_list())


def _arrow(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


def _polars(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    if not isinstance(frame, pl.DataFrame):  # pragma: no cover (a table is a frame)
        raise TypeError(type(frame))
    return frame
