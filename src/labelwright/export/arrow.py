"""Columns as Arrow knows them, and a Parquet file as a stream of bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from operator import is_
from typing import TYPE_CHECKING, Any

from labelwright.export.columns import Column, Type, flat
from labelwright.export.encoding import BATCH_TEXT, batches
from labelwright.export.records import Record
from labelwright.model.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

#: Rows of a row group.
GROUP = 32_768

Cell = Callable[[Record], Any]


def arrow() -> Any:
    """PyArrow, which the core of the library does without.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(
            "Writing Parquet needs PyArrow", where="labelwright.export", next_step="pip install 'labelwright[server]'"
        ) from error
    return pa


def arrow_type(kind: Type) -> pa.DataType:
    """The Arrow type of a column; JSON is text."""
    pa = arrow()
    types = {
        Type.TEXT: pa.string(),
        Type.JSON: pa.string(),
        Type.INTEGER: pa.int64(),
        Type.REAL: pa.float64(),
        Type.TRUTH: pa.bool_(),
        Type.TEXTS: pa.list_(pa.string()),
        Type.INTEGERS: pa.list_(pa.int64()),
        Type.REALS: pa.list_(pa.float64()),
    }
    return types[kind]


def cell_of(column: Column) -> Cell:
    """How a record gives a column's value to Arrow."""
    of, kind = column.of, column.type
    if column.exact:
        return of
    return lambda record: flat(of(record), kind)


def take_of(column: Column) -> Callable[[Any], Sequence[Any]]:
    """How `Columns` give a column's values to Arrow."""
    take, kind = column.take, column.type
    if column.exact:
        return take
    return lambda columns: [flat(value, kind) for value in take(columns)]


def parquet(groups: Iterable[Sequence[Sequence[Any]]], schema: pa.Schema) -> Iterator[bytes]:
    """A Parquet file (zstd), one row group after the other.

    Args:
        groups: for each row group the columns in the schema's order; read once.
        schema: names, types and key-value metadata.
    """
    from concurrent.futures import Future, ThreadPoolExecutor  # noqa: PLC0415 - what writes no Parquet starts without

    pa = arrow()
    sink = _Sink()
    with pa.parquet.ParquetWriter(sink, schema, compression="zstd") as writer, ThreadPoolExecutor(1) as beside:
        writing: Future[None] | None = None
        for group in groups:
            columns = [_array(pa, values, kind) for values, kind in zip(group, schema.types, strict=True)]
            batch = pa.record_batch(columns, schema=schema)
            if writing is not None:  # compressed while this batch was made
                writing.result()
                yield sink.drain()
            writing = beside.submit(writer.write_batch, batch)
        if writing is not None:
            writing.result()
    yield sink.drain()


def by_row(
    rows: Iterable[Any],
    cells: Iterable[Callable[[Any], Any]],
    batches: Callable[[Iterable[Any], int], Iterator[list[Any]]] = batches,
) -> Iterator[list[list[Any]]]:
    """Row groups for `parquet` from rows.

    Args:
        rows: read once.
        cells: how a row gives each column, in the schema's order.
        batches: rows in lists of at most so many.
    """
    getters = tuple(cells)
    for batch in batches(rows, GROUP):
        yield [list(map(cell, batch)) for cell in getters]


def by_column(parts: Iterable[Any], takes: Iterable[Callable[[Any], Sequence[Any]]]) -> Iterator[list[list[Any]]]:
    """The same from `Columns`, which is many times as fast.

    Args:
        parts: of at most 1,024 rows each, read once.
        takes: how these give each column, in the schema's order.
    """
    getters = tuple(takes)
    group: list[list[Any]] = [[] for _ in getters]
    rows = text = 0
    for columns in parts:
        for values, take in zip(group, getters, strict=True):
            values.extend(take(columns))
        rows += len(columns.id)
        text += sum([len(v) for data in columns.data for v in data.values() if type(v) is str])
        if rows >= GROUP or text >= BATCH_TEXT:
            yield group
            group, rows, text = [[] for _ in getters], 0, 0
    if rows:
        yield group


def _array(pa: Any, values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """The values of a batch; one and the same object in all rows, as many columns have it, is converted once."""
    first = values[0]
    if first is values[-1] and all(map(is_, values, repeat(first))):
        return pa.repeat(pa.scalar(first, kind), len(values))
    return pa.array(values, kind)


class _Sink(io.RawIOBase):
    """Takes what a writer writes until it is drained."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def drain(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)
