"""The user's own embedding: one vector an item, from Parquet or from .npy with its ids beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.model.errors import DataError


class Vectors(Mapping[str, NDArray[Any]]):
    """Vectors by item id; those of a .npy file stay on the disk until they are asked for.

    Args:
        ids: one a row, each once.
        table: shape (rows, dimensions).
    """

    def __init__(self, ids: list[str], table: NDArray[Any]) -> None:
        self._row = {name: at for at, name in enumerate(ids)}
        self._table = table

    def __getitem__(self, item: str) -> NDArray[Any]:
        return np.asarray(self._table[self._row[item]], dtype=np.float32)

    def __iter__(self) -> Iterator[str]:
        return iter(self._row)

    def __len__(self) -> int:
        return len(self._row)


def read_vectors(path: Path, id_column: str = "id", column: str | None = None) -> Vectors:
    """Read an embedding.

    Args:
        path: a Parquet file, or ``NAME.npy`` of shape (items, dimensions) with the ids in ``NAME.ids.txt``, one a line.
        id_column: of the Parquet file.
        column: its column of lists; without one the first such, else all columns of numbers together.

    Raises:
        DataError: the file is not there or is no such thing, an id comes twice, or the vectors differ in length.
    """
    try:
        ids, table = _from_npy(path) if path.suffix == ".npy" else _from_parquet(path, id_column, column)
    except (OSError, ValueError, pl.exceptions.PolarsError) as problem:
        raise _wrong(f"The vectors cannot be read: {problem}", path) from problem
    if table.ndim != 2 or len(ids) != len(table):
        raise _wrong(f"{len(ids)} ids do not go with vectors of shape {table.shape}", path)
    if len(set(ids)) != len(ids):
        raise _wrong("An id comes twice", path)
    return Vectors(ids, table)


def _from_npy(path: Path) -> tuple[list[str], NDArray[Any]]:
    ids = path.with_suffix(".ids.txt").read_text(encoding="utf-8").splitlines()
    return ids, np.load(path, mmap_mode="r", allow_pickle=False)


def _from_parquet(path: Path, id_column: str, column: str | None) -> tuple[list[str], NDArray[Any]]:
    schema = pl.read_parquet_schema(path)
    if id_column not in schema or (column is not None and column not in schema):
        absent = id_column if id_column not in schema else column
        raise _wrong(f"The file has no column {absent}; it has {', '.join(schema)}", path)
    lists = [
        n for n, kind in schema.items() if isinstance(kind, pl.List | pl.Array) and (column is None or n == column)
    ]
    if lists:
        frame = pl.read_parquet(path, columns=[id_column, lists[0]])
        return frame[id_column].cast(pl.String).to_list(), _table(frame[lists[0]], path)
    numbers = [column] if column else [n for n, kind in schema.items() if kind.is_numeric() and n != id_column]
    frame = pl.read_parquet(path, columns=[id_column, *numbers])
    return frame[id_column].cast(pl.String).to_list(), frame.select(numbers).cast(pl.Float32).to_numpy()


def _table(column: pl.Series, path: Path) -> NDArray[Any]:
    if isinstance(column.dtype, pl.Array):
        return column.to_numpy().astype(np.float32)
    sizes = column.list.len().unique().to_list()
    if len(sizes) != 1:
        raise _wrong(f"The vectors differ in length: {', '.join(map(str, sorted(sizes)[:5]))}", path)
    return column.explode().cast(pl.Float32).to_numpy().reshape(len(column), -1)


def _wrong(what: str, path: Path) -> DataError:
    return DataError(
        what,
        where=str(path),
        next_step="Give Parquet with a column of ids and one of lists, or NAME.npy with the ids in NAME.ids.txt",
    )
