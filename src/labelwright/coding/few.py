"""Codes for short columns of strings: what takes long there is every single call, so there are few of them.

Equal strings have equal hashes. Two different ones share a 64-bit hash with a chance of about n² / 2^65: less than
10^-11 for the longest column that comes here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl

#: Above, a table of strings is as fast, and safe against chance.
FEW_ROWS = 1 << 13
# Rows of a run from which runs are worth their while.
_GROUPED = 2
# Slots by the first bits of a hash; few different strings mostly have one each.
_SLOT_BITS = 12
_SHIFT = np.uint64(64 - _SLOT_BITS)
_START = np.zeros(1, np.int64)

Coding = tuple[NDArray[np.int32], NDArray[np.int64]]


def few_codes(columns: Sequence[pl.Series]) -> Iterator[tuple[pl.Series, NDArray[np.int32], NDArray[np.int64]]]:
    """Code strings without null in the order of their first appearance.

    Yields:
        Each column with its codes, shape (rows,), and the row at which each code appears first, shape (codes,).
    """
    import polars as pl  # noqa: PLC0415 - the frame is here already

    apart = len({column.name for column in columns}) == len(columns)
    frame = pl.DataFrame(columns if apart else [column.alias(str(k)) for k, column in enumerate(columns)])
    hashed = frame.select_seq(pl.all().hash())
    for column, hashes in zip(columns, hashed.get_columns(), strict=True):
        yield column, *_coded(hashes.to_numpy())


def _coded(hashes: NDArray[np.uint64]) -> Coding:
    """Runs of equal neighbours where no two runs are alike; else a slot for each string; else by sorting."""
    changes = np.flatnonzero(hashes[1:] != hashes[:-1]) + 1
    if changes.size * _GROUPED < hashes.size:
        starts = np.concatenate((_START, changes))
        ordered = np.sort(hashes[starts])
        if not bool((ordered[1:] == ordered[:-1]).any()):
            begins = np.zeros(hashes.size, np.int32)
            begins[changes] = 1
            return np.cumsum(begins, dtype=np.int32), starts
    return _slotted(hashes) or _sorted(hashes)


def _slotted(hashes: NDArray[np.uint64]) -> Coding | None:
    """By a table of slots, or None where two different hashes would share one."""
    slots = (hashes >> _SHIFT).view(np.int64)
    table = np.empty(1 << _SLOT_BITS, np.int64)
    table[slots[::-1]] = np.arange(hashes.size - 1, -1, -1)  # the first row is written last
    first = table[slots]
    if not np.array_equal(hashes[first], hashes):
        return None
    new = np.zeros(hashes.size, np.int32)
    new[first] = 1
    return (np.cumsum(new, dtype=np.int32) - np.int32(1))[first], np.flatnonzero(new)


def _sorted(hashes: NDArray[np.uint64]) -> Coding:
    order = hashes.argsort(kind="stable")
    ordered = hashes[order]
    new = np.empty(ordered.size, np.bool_)
    new[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    first = order[new]
    appearance = first.argsort()
    rank = np.empty(first.size, np.int32)
    rank[appearance] = np.arange(first.size, dtype=np.int32)
    codes = np.empty(ordered.size, np.int32)
    codes[order] = rank[np.cumsum(new) - 1]
    return codes, first[appearance]
