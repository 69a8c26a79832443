"""Codes for a column of millions of different strings, without a table of strings.

Equal strings have equal hashes. Two different ones share both of two 64-bit hashes with a chance of about
n² / 2^129: less than 10^-24 for a million.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl

# Below, a table of strings is as fast.
MANY_ROWS = 1 << 16
# Rows of a run from which runs are worth their while.
GROUPED = 1.5


def hashed_codes(series: pl.Series) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Code strings in the order of their first appearance.

    Args:
        series: strings without null.

    Returns:
        The codes, shape (rows,), and the row at which each code appears first, shape (codes,).
    """
    hashes = series.hash(seed=0).to_numpy()
    check = series.hash(seed=1).to_numpy()
    starts = np.flatnonzero(np.append(True, _differs(hashes, check)))
    if starts.size * GROUPED > hashes.size:  # not grouped: runs save nothing
        return _grouped(hashes, check)
    run = run_numbers(starts, hashes.size)
    if _all_different(hashes[starts]):
        return run, starts
    code, first = _grouped(hashes[starts], check[starts])
    return code[run], starts[first]


def run_numbers(starts: NDArray[np.int64], n: int) -> NDArray[np.int32]:
    """The run that each row belongs to."""
    begins = np.zeros(n, np.int8)
    begins[starts] = 1
    return np.cumsum(begins, dtype=np.int32) - np.int32(1)


def _all_different(hashes: NDArray[np.uint64]) -> bool:
    ordered = np.sort(hashes)
    return not bool((ordered[1:] == ordered[:-1]).any())


def _grouped(hashes: NDArray[np.uint64], check: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Codes of rows with equal hashes, by first appearance, and the first row of each."""
    return numbered(*_stable_order(hashes, check))


def numbered(order: NDArray[np.int64], begins: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Codes by first appearance, and the first row of each.

    Args:
        order: rows with equal values together, in their own order within; shape (rows,).
        begins: where in that order another value begins; same shape.
    """
    starts = np.flatnonzero(begins)
    leads = order[starts]
    is_lead = np.zeros(order.size, np.int8)
    is_lead[leads] = 1
    number = np.cumsum(is_lead, dtype=np.int32) - np.int32(1)
    code = np.empty(order.size, np.int32)
    code[order] = np.repeat(number[leads], np.diff(np.append(starts, order.size)))
    return code, np.flatnonzero(is_lead)


def _stable_order(hashes: NDArray[np.uint64], check: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Rows with equal hashes together, in their own order within; and where a new group begins.

    The upper bits of the hash and the row in one word sort much faster than an argsort.
    """
    bits = np.uint64(int(hashes.size).bit_length())
    packed = np.sort((hashes >> bits << bits) | np.arange(hashes.size, dtype=np.uint64))
    order = (packed & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    upper = packed >> bits
    meets = upper[1:] == upper[:-1]
    differs = _differs(hashes[order], check[order])
    if bool((meets & differs).any()):  # the upper bits of different strings met by chance
        order = np.asarray(np.lexsort((check, hashes)))
        differs = _differs(hashes[order], check[order])
    return order, np.append(True, differs)


def _differs(hashes: NDArray[np.uint64], check: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether each row differs from the one before; shape (rows - 1,)."""
    return np.asarray((hashes[1:] != hashes[:-1]) | (check[1:] != check[:-1]))
