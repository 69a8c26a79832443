"""Rows of integer codes in order: sorted by item, and only the last answer of an annotator to an item."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.model.errors import DataError

# Up to so many answers to one item, duplicates are looked for by comparing neighbours; beyond, by sorting.
_NEIGHBOURS = 12
# Sorting so few rows takes less time than asking neighbour by neighbour.
_FEW_ROWS = 1 << 13
# From so many rows keys are counted, when their span is at most so many times the rows.
_MANY_ROWS, _SPAN = 1 << 16, 4
_WIDE = 2**31 - 1
_Codes = NDArray[np.int32]


def check_codes(codes: _Codes, n: int | None, what: str) -> int:
    """How many codes there are; every code must lie in 0 … n-1.

    Raises:
        DataError: a code is negative, or too high for ``n``.
    """
    top = int(codes.max()) + 1 if codes.size else 0
    if codes.size and codes.min() < 0:
        raise DataError(f"A code of the {what} column is negative", where=f"lowest {codes.min()}")
    if n is None:
        return top
    if top > n:
        raise DataError(f"A code of the {what} column is too high", where=f"highest {top - 1}, names for {n}")
    return n


def order_by(key: NDArray[np.int64]) -> NDArray[np.int64]:
    """Stable order of non-negative keys.

    Many keys out of a short span are counted; others are packed into one word with their row, which sorts faster than
    an argsort.
    """
    n, top = key.size, int(key.max(initial=0))
    if _MANY_ROWS <= n < _WIDE and top < min(_SPAN * n, _WIDE):
        return _counted(key, top)
    if n and top < 2**62 // n:
        return np.sort(key * n + np.arange(n)) % n
    return np.argsort(key, kind="stable")


def _counted(key: NDArray[np.int64], top: int) -> NDArray[np.int64]:
    """By a counting sort, as sparse matrices order their entries by row: nine times as fast at three million."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - takes long to load

    rows, column = np.arange(key.size, dtype=np.int32), np.zeros(key.size, np.int32)
    entries = coo_array((rows, (key.astype(np.int32), column)), shape=(top + 1, 1))
    entries.has_canonical_format = True  # else it would sum up what stands in one place
    return np.asarray(entries.tocsr().data, np.int64)


def last_answers(
    item: _Codes, annotator: _Codes, label: _Codes, n_annotators: int
) -> tuple[_Codes, _Codes, _Codes, int]:
    """Sort rows by item and keep, of several answers of one annotator to one item, the last.

    Returns:
        item, annotator, label and the number of rows dropped.
    """
    if item.size and not bool((item[1:] >= item[:-1]).all()):
        order = order_by(item.astype(np.int64))
        item, annotator, label = item[order], annotator[order], label[order]
    if not _has_duplicates(item, annotator, n_annotators):
        return item, annotator, label, 0
    key = item.astype(np.int64) * n_annotators + annotator
    order = order_by(key)
    key = key[order]
    last = np.append(key[1:] != key[:-1], True)
    rows = np.sort(order[last])
    return item[rows], annotator[rows], label[rows], int(item.size - rows.size)


def _has_duplicates(item: _Codes, annotator: _Codes, n_annotators: int) -> bool:
    """Whether an annotator answered an item twice; the rows are sorted by item."""
    if item.size < _FEW_ROWS:
        key = np.sort(item.astype(np.int64) * n_annotators + annotator)
        return bool((key[1:] == key[:-1]).any())
    for lag in range(1, min(_NEIGHBOURS + 1, item.size)):
        same_item = item[lag:] == item[:-lag]
        if bool((same_item & (annotator[lag:] == annotator[:-lag])).any()):
            return True
        if not bool(same_item.any()):
            return False
    key = np.sort(item.astype(np.int64) * n_annotators + annotator)
    return bool((key[1:] == key[:-1]).any())
