"""Distinct rows of the count matrix: a table of millions of items has few, and every measure rests on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

# Sums of weights stay exact in float64 below this.
_EXACT = 2**53
_SMALL_TABLE = 1 << 16


@dataclass(frozen=True, eq=False)
class Patterns:
    """Items with the same counts, together.

    Attributes:
        counts: how many annotators chose each class, int64, shape (n_patterns, n_classes), rows distinct.
        times: how many items have that row, int64, shape (n_patterns,).
    """

    counts: NDArray[np.int64]
    times: NDArray[np.int64]

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Annotations of an item with that pattern; shape (n_patterns,)."""
        return self.counts.sum(axis=1)

    def at_least(self, annotations: int) -> Patterns:
        """Only the patterns of items with that many annotations."""
        keep = self.sizes >= annotations
        return self if bool(keep.all()) else Patterns(self.counts[keep], self.times[keep])


def count_patterns(item: NDArray[np.int32], label: NDArray[np.int32], n_items: int, n_classes: int) -> Patterns:
    """The distinct count rows of items that have an answer, in lexicographic order of their counts."""
    if not item.size:
        return Patterns(np.zeros((0, n_classes), np.int64), np.zeros(0, np.int64))
    base = int(np.bincount(item, minlength=1).max()) + 1
    digits = np.arange(n_classes - 1, -1, -1)
    if float(base) ** n_classes < _EXACT:
        return _packed(item, np.float64(base) ** digits[label], base, digits)
    return _unpacked(item, label, n_items, n_classes)


def _packed(item: NDArray[np.int32], weight: NDArray[np.float64], base: int, digits: NDArray[np.int64]) -> Patterns:
    """Each count row as one number in base (most answers to an item + 1): exact, and one pass over the rows."""
    packed = np.bincount(item, weights=weight).astype(np.int64)
    if float(base) ** digits.size < _SMALL_TABLE:
        tally = np.bincount(packed)
        codes = np.flatnonzero(tally)
        times = tally[codes]
    else:
        codes, times = np.unique(packed, return_counts=True)
    counts = codes[:, None] // np.int64(base) ** digits % base
    answered = codes > 0
    return Patterns(counts[answered], times[answered].astype(np.int64))


def _unpacked(item: NDArray[np.int32], label: NDArray[np.int32], n_items: int, n_classes: int) -> Patterns:
    """The same by comparing whole rows, for many classes."""
    cell = item.astype(np.int64) * n_classes + label
    table = np.bincount(cell, minlength=n_items * n_classes).reshape(n_items, n_classes)
    table = table[table.any(axis=1)]
    counts, times = np.unique(table, axis=0, return_counts=True)
    return Patterns(counts.astype(np.int64), times.astype(np.int64))
