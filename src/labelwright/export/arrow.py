"""Columns as Arrow knows them, and a Parquet file as a stream of bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import repeat
from operator import is_
from typing import TYPE_CHECKING, Any

from labelwright.export.columns import Column, Type, flat
from labelwright.export.encoding import batches
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


def parquet(
    rows: Iterable[Any],
    schema: pa.Schema,
    cells: Mapping[str, Callable[[Any], Any]],
    batches: Callable[[Iterable[Any], int], Iterator[list[Any]]] = batches,
) -> Iterator[bytes]:
    """A Parquet file (zstd) of the rows, one row group after the other.

    Args:
        rows: read once.
        schema: names, types and key-value metadata.
        cells: how a row gives each column.
        batches: rows in lists of at most so many.
    """
    pa = arrow()
    sink = _Sink()
    with pa.parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
        for batch in batches(rows, GROUP):
            columns = [_array(pa, list(map(cells[f.name], batch)), f.type) for f in schema]
            writer.write_batch(pa.record_batch(columns, schema=schema))
            yield sink.drain()
    yield sink.drain()


def _array(pa: Any, values: list[Any], kind: pa.DataType) -> pa.Array:
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
