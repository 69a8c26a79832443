"""Distinct rows of the count matrix: a table of millions of items has few, and every measure rests on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import log2

import numpy as np
from numpy.typing import NDArray

from labelwright.model.errors import DataError

# Sums of weights stay exact in float64 below 2 to this.
_EXACT_BITS = 53
_SMALL_TABLE = 1 << 16
# Most cells of the table of patterns (8 bytes each).
_MOST_CELLS = 1 << 26
_SEEDS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True, eq=False)
class Patterns:
    """Items with the same counts, together.

    Attributes:
        counts: how many annotators chose each class, int64, shape (n_patterns, n_classes), rows distinct, ascending.
        times: how many items have that row, int64, shape (n_patterns,).
    """

    counts: NDArray[np.int64]
    times: NDArray[np.int64]

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Annotations of an item with that pattern; shape (n_patterns,)."""
        return np.asarray(self.counts.sum(axis=1), dtype=np.int64)

    def at_least(self, annotations: int) -> Patterns:
        """Only the patterns of items with that many annotations."""
        keep = self.sizes >= annotations
        return self if bool(keep.all()) else Patterns(self.counts[keep], self.times[keep])


def count_patterns(item: NDArray[np.int32], label: NDArray[np.int32], n_classes: int) -> Patterns:
    """The distinct count rows of items that have an answer, in lexicographic order; rows sorted by item.

    Raises:
        DataError: there are too many different ones to hold, as with free text as label.
    """
    if not item.size:
        return Patterns(np.zeros((0, n_classes), np.int64), np.zeros(0, np.int64))
    base = int(np.bincount(item).max()) + 1
    if n_classes * log2(base) < _EXACT_BITS:
        digits = np.arange(n_classes - 1, -1, -1)
        return _packed(item, (np.float64(base) ** digits)[label], base, digits)
    return _hashed(item, label, n_classes)


def _packed(item: NDArray[np.int32], weight: NDArray[np.float64], base: int, digits: NDArray[np.int64]) -> Patterns:
    """Each count row as one number in base (most answers to an item + 1): exact, and one pass over the rows."""
    packed = np.bincount(item, weights=weight).astype(np.int64)
    if base**digits.size < min(_SMALL_TABLE, 8 * packed.size):
        tally = np.bincount(packed)
        codes = np.flatnonzero(tally)
        times = tally[codes]
    else:
        codes, times = np.unique(packed, return_counts=True)
    counts = codes[:, None] // np.int64(base) ** digits % base
    answered = codes > 0
    return Patterns(counts[answered], times[answered].astype(np.int64))


def _hashed(item: NDArray[np.int32], label: NDArray[np.int32], n_classes: int) -> Patterns:
    """For many classes: items with the same sum of random words have the same counts (two sums of 64 bits)."""
    first = np.flatnonzero(np.append(True, item[1:] != item[:-1]))
    sums = [np.add.reduceat(_words(n_classes, seed)[label], first) for seed in _SEEDS]
    _, where, place, times = np.unique(sums[0], return_index=True, return_inverse=True, return_counts=True)
    if not np.array_equal(sums[1], sums[1][where][place]):  # one chance in 10^7 at 10^6 patterns
        both = np.column_stack(sums)
        _, where, times = np.unique(both, axis=0, return_index=True, return_counts=True)
    if where.size * n_classes > _MOST_CELLS:
        raise DataError(
            f"{n_classes} classes in {where.size} combinations are too many to count",
            next_step="Is the label free text or a number? Use a measure for those (text distance, ICC)",
        )
    counts = _rows_of(np.append(first, item.size), where, label, n_classes)
    order = np.lexsort(counts.T[::-1])
    return Patterns(counts[order], times[order].astype(np.int64))


def item_rows(patterns: Patterns, item: NDArray[np.int32], label: NDArray[np.int32], n_items: int) -> NDArray[np.int64]:
    """The row of each item in the table of patterns; -1 for an item without an answer; shape (n_items,).

    Items and patterns are matched by two sums of random words, as where the patterns were found.
    """
    rows = np.full(n_items, -1)
    if not item.size:
        return rows
    first = np.flatnonzero(np.append(True, item[1:] != item[:-1]))
    n_classes = patterns.counts.shape[1]
    keys = [
        (np.add.reduceat(words[label], first), patterns.counts.astype(np.uint64) @ words)
        for words in (_words(n_classes, seed) for seed in _SEEDS)
    ]
    order = np.argsort(keys[0][1])
    place = order[np.searchsorted(keys[0][1][order], keys[0][0])]
    if not np.array_equal(keys[1][1][place], keys[1][0]):  # one chance in 10^7 at 10^6 patterns
        table = np.zeros((first.size, n_classes), np.int64)
        np.add.at(table, (np.repeat(np.arange(first.size), np.diff(np.append(first, item.size))), label), 1)
        _, both = np.unique(np.vstack((patterns.counts, table)), axis=0, return_inverse=True)
        place = both.ravel()[len(patterns.counts) :]
    rows[item[first]] = place
    return rows


def _words(n_classes: int, seed: int) -> NDArray[np.uint64]:
    """A random word for each class, always the same."""
    return np.random.default_rng(seed).integers(2**64, size=n_classes, dtype=np.uint64)


def _rows_of(
    first: NDArray[np.int64], where: NDArray[np.int64], label: NDArray[np.int32], n_classes: int
) -> NDArray[np.int64]:
    """Count rows of some items; item i has the rows ``first[i]`` to ``first[i + 1]``."""
    sizes = first[where + 1] - first[where]
    ends = np.cumsum(sizes)
    rows = np.arange(ends[-1]) + np.repeat(first[where] - (ends - sizes), sizes)
    cell = np.repeat(np.arange(where.size), sizes) * n_classes + label[rows]
    counts = np.bincount(cell, minlength=where.size * n_classes)
    return counts.astype(np.int64).reshape(where.size, n_classes)
