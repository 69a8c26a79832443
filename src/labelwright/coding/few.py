"""Codes for short columns of strings: what takes long there is every single call, so there are few of them.

Equal strings have equal hashes. Two different ones share a 64-bit hash with a chance of about n² / 2^65: less than
10^-11 for the longest column that comes here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl

#: Above, a table of strings is as fast, and safe against chance.
FEW_ROWS = 1 << 13
# So many rows tell whether there are runs at all.
_HEAD = 64
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
    hashes = [hashed.to_numpy() for hashed in frame.select_seq(pl.all().hash()).get_columns()]
    for column, (codes, first) in zip(columns, _coded(hashes), strict=True):
        yield column, codes, first


def _coded(columns: list[NDArray[np.uint64]]) -> list[Coding]:
    """Runs of equal neighbours where no two runs are alike; else a slot for each string; else by sorting."""
    found = [_in_runs(hashes) for hashes in columns]
    rest = [hashes for hashes, coding in zip(columns, found, strict=True) if coding is None]
    others = iter((_slotted(rest) or [_alone(h) for h in rest]) if rest else ())
    return [coding or next(others) for coding in found]


def _in_runs(hashes: NDArray[np.uint64]) -> Coding | None:
    """By runs, or None where there are many of them or two are alike."""
    head = hashes[:_HEAD]
    if np.count_nonzero(head[1:] != head[:-1]) * _GROUPED > head.size:
        return None
    changes = np.flatnonzero(hashes[1:] != hashes[:-1]) + 1
    if changes.size * _GROUPED >= hashes.size:
        return None
    starts = np.concatenate((_START, changes))
    ordered = np.sort(hashes[starts])
    if bool((ordered[1:] == ordered[:-1]).any()):
        return None
    begins = np.zeros(hashes.size, np.int32)
    begins[changes] = 1
    return np.cumsum(begins, dtype=np.int32), starts


def _slotted(columns: list[NDArray[np.uint64]]) -> list[Coding] | None:
    """By a table of slots for each, or None where two different hashes would share one."""
    n = columns[0].size
    hashes = np.concatenate(columns)
    slots = (hashes >> _SHIFT).view(np.int64)
    for k in range(1, len(columns)):
        slots[k * n : (k + 1) * n] += k << _SLOT_BITS
    table = np.empty(len(columns) << _SLOT_BITS, np.int64)
    table[slots[::-1]] = np.arange(hashes.size - 1, -1, -1)  # the first row is written last
    first = table[slots]
    if bool((hashes[first] != hashes).any()):
        return None
    new = np.zeros(hashes.size, np.int32)
    new[first] = 1
    codes, firsts = (np.cumsum(new, dtype=np.int32) - np.int32(1))[first], np.flatnonzero(new)
    if len(columns) == 1:
        return [(codes, firsts)]
    edges = np.searchsorted(firsts, np.arange(len(columns) + 1) * n).tolist()
    return [
        (codes[k * n : (k + 1) * n] - np.int32(low), firsts[low:high] - k * n)
        for k, (low, high) in enumerate(pairwise(edges))
    ]


def _alone(hashes: NDArray[np.uint64]) -> Coding:
    slotted = _slotted([hashes])
    return _sorted(hashes) if slotted is None else slotted[0]


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
