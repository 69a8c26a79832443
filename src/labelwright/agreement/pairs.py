"""Who agreed with whom: a table of classes for every pair of annotators that shares an item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.coding import Coded

# Up to so many cells the tables of all pairs are counted in one array.
_DENSE_CELLS = 1 << 24


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
    cells = np.concatenate([_cells(coded, lag) for lag in _lags(coded)] or [np.zeros(0, np.int64)])
    square = n_classes * n_classes
    if n_annotators**2 * square <= _DENSE_CELLS:
        tally = np.bincount(cells, minlength=n_annotators**2 * square)
        by_pair = tally.reshape(-1, square)
        shared = np.flatnonzero(by_pair.any(axis=1))
        tables = by_pair[shared]
    else:
        pair, cell = np.divmod(cells, square)
        shared, row = np.unique(pair, return_inverse=True)
        tables = np.bincount(row.ravel() * square + cell, minlength=shared.size * square)
    a, b = np.divmod(shared, n_annotators)
    return PairTables(a, b, tables.reshape(shared.size, n_classes, n_classes))


def _lags(coded: Coded) -> range:
    """Distances between two rows of one item."""
    most = int(np.diff(coded.starts).max()) if coded.n_items else 0
    return range(1, most)


def _cells(coded: Coded, lag: int) -> NDArray[np.int64]:
    """The cell (a, b, class of a, class of b) of every two rows of an item that are ``lag`` rows apart."""
    same = np.flatnonzero(coded.item[lag:] == coded.item[:-lag])
    first, second = coded.annotator[same].astype(np.int64), coded.annotator[same + lag].astype(np.int64)
    x, y = coded.label[same].astype(np.int64), coded.label[same + lag].astype(np.int64)
    swap = first > second
    a, b = np.where(swap, second, first), np.where(swap, first, second)
    of_a, of_b = np.where(swap, y, x), np.where(swap, x, y)
    return np.asarray(((a * coded.n_annotators + b) * coded.n_classes + of_a) * coded.n_classes + of_b)


@dataclass(frozen=True, eq=False)
class PairRows:
    """Every two annotations of one item, as one row.

    Attributes:
        item: item code, shape (rows,).
        cell: cell of the tables laid out flat: pair × classes² + class of a × classes + class of b; shape (rows,).
    """

    item: NDArray[np.int64]
    cell: NDArray[np.int64]


def pair_rows(coded: Coded, found: PairTables) -> PairRows:
    """Which item adds to which cell of the tables: what resampling items needs."""
    square = coded.n_classes**2
    lags = _lags(coded)
    items = [coded.item[lag:][coded.item[lag:] == coded.item[:-lag]].astype(np.int64) for lag in lags]
    pair, cell = np.divmod(np.concatenate([_cells(coded, lag) for lag in lags]), square)
    known = found.a.astype(np.int64) * coded.n_annotators + found.b
    _, item = np.unique(np.concatenate(items), return_inverse=True)
    return PairRows(item, np.searchsorted(known, pair) * square + cell)
