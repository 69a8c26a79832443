"""Parquet: batches of a row group at a time, and single rows from just the row groups that hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from labelwright.adapters.pool.batch import PLACES, Batch
from labelwright.adapters.pool.rejects import Reject, name_of
from labelwright.adapters.pool.source import Source, Wanted, stamp
from labelwright.model.errors import DataError

ROWS = 1 << 16


class ParquetReader:
    """Parquet files with flat column names; data columns hold strings, lists or structs."""

    def open(self, path: Path, encoding: str | None) -> Source:  # noqa: ARG002 (Parquet text is UTF-8 by definition)
        """Read the file's footer."""
        size, modified, digest = stamp(path)
        try:
            schema = pq.read_schema(path)
        except (pa.ArrowException, OSError) as error:
            raise _broken(path, error) from error
        kinds = {column.name: _kind(column.type) for column in schema}
        return Source(path, "parquet", tuple(schema.names), size, modified, digest, kinds=kinds)

    def read(self, source: Source, wanted: Wanted) -> Iterator[Batch]:
        """All rows."""
        _check_types(source, wanted)
        start = 0
        for table in _tables(source, wanted.columns):
            yield _batch(source, table, start, wanted)
            start += table.num_rows

    def fetch(self, source: Source, places: pl.DataFrame, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Rows from the row groups that hold them, each group read in a stream."""
        records = places["record"].to_numpy()
        order = np.argsort(records, kind="stable")
        found = dict(_rows(source, records[order], list(columns)))
        return [found[int(record)] for record in records]

    def stream(self, source: Source, columns: Sequence[str]) -> Callable[[pl.DataFrame], list[dict[str, Any]]]:
        """As `fetch`, for places that come in the order of the file: every row group is read once."""
        return _Stream(source, columns)


def _tables(source: Source, columns: Sequence[str], groups: Sequence[int] | None = None) -> Iterator[pa.RecordBatch]:
    try:
        with pq.ParquetFile(source.path) as file:
            yield from file.iter_batches(ROWS, row_groups=groups, columns=list(columns))
    except (pa.ArrowException, OSError) as error:
        raise _broken(source.path, error) from error


def _rows(source: Source, records: np.ndarray[Any, Any], columns: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Record number and values of sorted records."""
    with pq.ParquetFile(source.path) as file:
        counts = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
    ends = np.cumsum(counts)
    groups = np.unique(np.searchsorted(ends, records, side="right"))
    for group in groups.tolist():
        start = int(ends[group]) - counts[group]
        last = int(records[np.searchsorted(records, ends[group]) - 1])
        for table in _tables(source, columns, [group]):
            low, high = np.searchsorted(records, [start, start + table.num_rows])
            picked = np.unique(records[low:high])
            if len(picked):
                yield from zip(
                    picked.tolist(), table.take(pl.Series(picked - start).to_arrow()).to_pylist(), strict=True
                )
            start += table.num_rows
            if start > last:
                break


def _batch(source: Source, table: pa.RecordBatch, start: int, wanted: Wanted) -> Batch:
    records = np.arange(start, start + table.num_rows)
    table, records, rejects = _without_broken_text(source, table, records)
    places = pl.DataFrame({"record": records}).with_columns(
        pl.lit(None, dtype=PLACES[name]).alias(name) for name in ("line", "offset", "length")
    )
    values = pl.DataFrame({name: _as_strings(table.column(name), source.kinds[name]) for name in wanted.columns})
    return Batch(places, values, rejects)


def _as_strings(column: pa.Array, kind: str) -> pl.Series:
    if kind in ("list", "object"):
        dumped = [None if value is None else _dumps(value) if value else "" for value in column.to_pylist()]
        return pl.Series(dumped, dtype=pl.String)
    series = pl.from_arrow(column)
    if not isinstance(series, pl.Series):  # pragma: no cover (one array is one series)
        raise TypeError(type(series))
    return series.cast(pl.Binary).cast(pl.String) if series.dtype == pl.Binary else series.cast(pl.String)


def _without_broken_text(
    source: Source,
    table: pa.RecordBatch,
    records: np.ndarray[Any, Any],
) -> tuple[pa.RecordBatch, np.ndarray[Any, Any], tuple[Reject, ...]]:
    """Parquet writers do not all check that strings are UTF-8; reading broken ones would not end well."""
    try:
        table.validate(full=True)
    except pa.ArrowInvalid:
        keep, rejects = np.ones(len(records), dtype=bool), []
        for name in table.schema.names:
            for at in _broken_rows(table.column(name)):
                if keep[at]:
                    rejects.append(Reject(name_of(source.path), int(records[at]) + 1, "not UTF-8", field=name))
                keep[at] = False
        return table.filter(pl.Series(keep).to_arrow()), records[keep], tuple(rejects)
    return table, records, ()


def _broken_rows(column: pa.Array) -> list[int]:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return []
    binary = pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary()
    return [at for at, raw in enumerate(column.view(binary).to_pylist()) if raw is not None and not _is_utf8(raw)]


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _kind(of: pa.DataType) -> str:
    if pa.types.is_dictionary(of):
        of = of.value_type
    if pa.types.is_string(of) or pa.types.is_large_string(of) or pa.types.is_string_view(of) or pa.types.is_null(of):
        return "text"
    if pa.types.is_list(of) or pa.types.is_large_list(of) or pa.types.is_fixed_size_list(of):
        return "list"
    if pa.types.is_struct(of) or pa.types.is_map(of):
        return "object"
    return str(of)


def _check_types(source: Source, wanted: Wanted) -> None:
    for column in wanted.data:
        kind = source.kinds[column]
        if kind not in ("text", "list", "object"):
            raise DataError(
                f"Column {column} holds {kind} where text is expected",
                where=str(source.path),
                next_step="Name another column, or save it as text",
            )


def _dumps(value: Any) -> str:
    return orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode()


def _broken(path: Path, error: Exception) -> DataError:
    return DataError(f"The Parquet file cannot be read: {error}", where=str(path), next_step="Write it again")


def _groups_from(source: Source, record: int) -> tuple[int, list[int]]:
    """The row groups from the one that holds a record on, and the number of their first record."""
    with pq.ParquetFile(source.path) as file:
        counts = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
    ends = np.cumsum(counts)
    first = int(np.searchsorted(ends, record, side="right"))
    return int(ends[first]) - counts[first], list(range(first, len(counts)))


class _Stream:
    """Rows at ascending records, each row group read once for all calls together."""

    def __init__(self, source: Source, columns: Sequence[str]) -> None:
        self._source, self._columns = source, columns
        self._tables: Iterator[pa.RecordBatch] | None = None
        self._start = 0
        self._table: pa.RecordBatch | None = None

    def __call__(self, places: pl.DataFrame) -> list[dict[str, Any]]:
        records = places["record"].to_numpy()
        if self._tables is None and len(records):
            self._start, groups = _groups_from(self._source, int(records[0]))
            self._tables = _tables(self._source, self._columns, groups)
        found: list[dict[str, Any]] = []
        while self._tables is not None and len(found) < len(records):
            if self._table is None or records[len(found)] >= self._start + self._table.num_rows:
                self._start += self._table.num_rows if self._table is not None else 0
                self._table = next(self._tables)
                continue
            high = int(np.searchsorted(records, self._start + self._table.num_rows))
            at = pl.Series(records[len(found) : high] - self._start).to_arrow()
            found.extend(self._table.take(at).to_pylist())
        return found
