"""Who agreed with whom: a table of classes for every pair of annotators that shares an item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwright.coding import Coded
from labelwright.model.errors import DataError

Rows: TypeAlias = NDArray[np.int64] | slice

# Up to so many cells the tables of all pairs are counted in one array.
_DENSE_CELLS = 1 << 24
# Rows of pairs that are counted at once.
_ROWS_AT_ONCE = 1 << 19
# Most cells of tables held at once (8 bytes each).
_MOST_CELLS = 1 << 26


@dataclass(frozen=True, eq=False)
class PairTables:
    """Contingency tables of pairs of annotators, a < b.

    Attributes:
        a: annotator code, shape (pairs,).
        b: annotator code, shape (pairs,).
        tables: items by class of ``a`` (rows) and of ``b`` (columns), shape (pairs, classes, classes).
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    tables: NDArray[np.int64]


def pair_tables(coded: Coded) -> PairTables:
    """The tables of all pairs that share an item, ordered by a, then b."""
    n_annotators, n_classes = coded.n_annotators, coded.n_classes
    square = n_classes * n_classes
    if (n_annotators * n_classes) ** 2 <= _DENSE_CELLS:
        tables = _counted(coded)
        shared = np.flatnonzero(tables.any(axis=1))
        tables = tables[shared]
    else:
        rows = [_oriented(coded, first, second) for _, first, second in _meetings(coded)]
        cells, times = np.unique(np.concatenate(rows or [np.zeros(0, np.int64)]), return_counts=True)
        shared, row = np.unique(cells // square, return_inverse=True)
        tables = _filled(shared.size, square, row.ravel() * square + cells % square, times)
    a, b = np.divmod(shared, n_annotators)
    return PairTables(a, b, tables.reshape(shared.size, n_classes, n_classes))


def _filled(n: int, square: int, cells: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.int64]:
    """Tables with those cells.

    Raises:
        DataError: they take too much memory.
    """
    if n * square > _MOST_CELLS:
        raise DataError(
            f"Tables of {n} pairs of annotators and {round(square**0.5)} classes are too many to hold",
            next_step="Is the label free text or a number? Use a measure for those (text distance, ICC)",
        )
    tables = np.zeros(n * square, np.int64)
    tables[cells] = times
    return tables.reshape(n, square)


def _answers(coded: Coded) -> NDArray[np.int32]:
    """Who said what, as one code: annotator × classes + class; shape (n_annotations,)."""
    return np.asarray(coded.annotator * np.int32(coded.n_classes) + coded.label)


def _counted(coded: Coded) -> NDArray[np.int64]:
    """Tables of all pairs of annotators, a <= b; shape (annotators², classes²)."""
    width = coded.n_annotators * coded.n_classes
    answers, tally = _answers(coded), np.zeros(width * width, np.int64)
    waiting: list[NDArray[np.int32]] = []
    for _, first, second in _meetings(coded):
        waiting.append(answers[first] * np.int32(width) + answers[second])
        if sum(cells.size for cells in waiting) >= _ROWS_AT_ONCE:
            tally += np.bincount(waiting[0] if len(waiting) == 1 else np.concatenate(waiting), minlength=width * width)
            waiting.clear()
    if waiting:
        tally += np.bincount(waiting[0] if len(waiting) == 1 else np.concatenate(waiting), minlength=width * width)
    tables = tally.reshape(coded.n_annotators, coded.n_classes, coded.n_annotators, coded.n_classes)
    by_pair = tables.transpose(0, 2, 1, 3)
    both = by_pair + tables.transpose(2, 0, 3, 1)
    both[np.tril_indices(coded.n_annotators)] = 0
    return both.reshape(coded.n_annotators**2, coded.n_classes**2)


def _meetings(coded: Coded) -> Iterator[tuple[NDArray[np.int64], Rows, Rows]]:
    """Every two rows of one item, once: items, rows of the one, rows of the other, in blocks."""
    sizes = np.diff(coded.starts)
    for size in np.flatnonzero(np.bincount(sizes)[2:]) + 2:
        items = np.flatnonzero(sizes == size)
        starts = coded.starts[items]
        if items.size * size == coded.n_annotations:  # all items alike: the rows stand in order, no copies
            for low in range(size):
                for high in range(low + 1, size):
                    yield items, slice(low, None, size), slice(high, None, size)
        else:
            rows = starts[:, None] + np.arange(size)
            for lag in range(1, size):
                yield np.repeat(items, size - lag), rows[:, :-lag].ravel(), rows[:, lag:].ravel()


def _oriented(coded: Coded, first: Rows, second: Rows) -> NDArray[np.int64]:
    """The cell (a, b, class of a, class of b) with a < b of every two rows."""
    a, b = coded.annotator[first].astype(np.int64), coded.annotator[second].astype(np.int64)
    x, y = coded.label[first].astype(np.int64), coded.label[second].astype(np.int64)
    swap = a > b
    a, b = np.where(swap, b, a), np.where(swap, a, b)
    x, y = np.where(swap, y, x), np.where(swap, x, y)
    return np.asarray(((a * coded.n_annotators + b) * coded.n_classes + x) * coded.n_classes + y)


@dataclass(frozen=True, eq=False)
class PairRows:
    """Every two annotations of one item, as one row.

    Attributes:
        item: number of the item among those with two annotations, shape (rows,).
        cell: cell of the tables laid out flat: pair × classes² + class of a × classes + class of b; shape (rows,).
    """

    item: NDArray[np.int64]
    cell: NDArray[np.int64]


def pair_rows(coded: Coded, found: PairTables) -> PairRows:
    """Which item adds to which cell of the tables: what resampling items needs."""
    square = coded.n_classes**2
    blocks = [(items, _oriented(coded, first, second)) for items, first, second in _meetings(coded)]
    pair, cell = np.divmod(np.concatenate([cells for _, cells in blocks]), square)
    known = found.a.astype(np.int64) * coded.n_annotators + found.b
    _, item = np.unique(np.concatenate([items for items, _ in blocks]), return_inverse=True)
    return PairRows(item.ravel(), np.searchsorted(known, pair) * square + cell)
