"""Proportional stratified sampling by the largest remainder (Hamilton's method)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.sampling.requests import check_count


def stratified(strata: Sequence[Any] | NDArray[Any], n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """``n`` distinct rows, each stratum within one item of its share of the pool.

    Seats left over after rounding down go to the largest remainders; equal remainders to the larger stratum,
    then to the one that comes first by name. Rows without a stratum (None) are a stratum of their own.

    Args:
        strata: the stratum of each row, shape (rows,).
        n: how many rows are wanted.
        rng: where chance comes from.

    Returns:
        Row numbers in random order, shape (n,): every beginning of it is a random sample, too.

    Raises:
        UsageError: n cannot be had.
    """
    check_count(n, len(strata))
    if not n:
        return np.empty(0, dtype=np.int64)
    codes, sizes = _codes(strata)
    seats = largest_remainder(sizes, n)
    # A random order of all rows, then stably by stratum: the first rows of each are a random draw from it.
    order = rng.permutation(len(codes))
    order = order[np.argsort(codes[order], kind="stable")]
    starts = np.cumsum(sizes) - sizes
    place = np.arange(len(codes)) - np.repeat(starts, sizes)
    chosen = order[place < np.repeat(seats, sizes)]
    return rng.permutation(chosen).astype(np.int64)


def largest_remainder(sizes: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Seats for each stratum: they add up to ``n``, each within one of ``n * size / total``, none above its size.

    Args:
        sizes: rows in each stratum, shape (strata,), at least one row in all.
        n: seats, at most the sum of ``sizes``.

    Returns:
        Seats, shape (strata,).
    """
    total = int(sizes.sum())
    # Whole numbers throughout: n * size / total is never rounded by floating point.
    seats, remainders = np.divmod(sizes * n, total)
    order = np.lexsort((np.arange(len(sizes)), -sizes, -remainders))
    seats[order[: n - int(seats.sum())]] += 1
    return seats


def _codes(strata: Sequence[Any] | NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Strata as codes 0, 1, … by name (rows without one first), and how many rows each has."""
    values = [None if value is None else str(value) for value in strata]
    ranks = pl.Series(values, dtype=pl.String).rank("dense").fill_null(0).to_numpy().astype(np.int64)
    _, codes, sizes = np.unique(ranks, return_inverse=True, return_counts=True)
    return codes, sizes.astype(np.int64)
