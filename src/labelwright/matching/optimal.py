"""The one matching of structures between two annotators: optimal, not greedy.

For each item and pair of annotators, the pairs of regions are chosen that maximise the sum of similarities, each region
in at most one pair (the assignment problem; Kuhn 1955, solved with Jonker and Volgenant's algorithm as in Crouse 2016,
`scipy.optimize.linear_sum_assignment`). Regions with a single candidate on both sides need no search, which is most of
them.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from labelwright.matching.arrays import Flags, Floats, Ints
from labelwright.matching.drawings import Candidates, Regions

#: What sharing their classes adds to a pair, so that of equally good matchings the one that agrees on more is taken.
_SAME_CLASS = 1e-6


def matched(regions: Regions, at_least: float = 0.0) -> Candidates:
    """Matched regions of every two annotators on every item, by place alone.

    Args:
        regions: what was drawn.
        at_least: similarity below which two regions are never matched, from 0 (anything shared will do) to 1.

    Returns:
        The chosen pairs, in the order of the regions. Classes decide only between equally good matchings.
    """
    found = regions.candidates.where(regions.candidates.similarity >= at_least)
    same = regions.class_code[found.left] == regions.class_code[found.right]
    return found.where(best(found, regions.cell, found.similarity + _SAME_CLASS * same))


def best(pairs: Candidates, block: Ints, score: Floats) -> Flags:
    """Which of the pairs make up the matching with the greatest sum of scores.

    Args:
        pairs: admissible pairs.
        block: what each region belongs to, shape (regions,); a region has one partner in each block.
        score: what each pair is worth, above 0, shape (pairs,).

    Returns:
        One flag a pair.
    """
    if len(score) == 0:
        return np.zeros(0, dtype=bool)
    wide = int(block.max()) + 1
    rivals_left = _counts(pairs.left * wide + block[pairs.right])
    rivals_right = _counts(pairs.right * wide + block[pairs.left])
    chosen: Flags = (rivals_left == 1) & (rivals_right == 1)
    rest = np.flatnonzero(~chosen)
    key = block[pairs.left[rest]] * wide + block[pairs.right[rest]]
    rest = rest[np.argsort(key, kind="stable")]
    breaks = np.flatnonzero(np.diff(np.sort(key))) + 1
    for rows in np.split(rest, breaks):
        chosen[rows[_solve(pairs.left[rows], pairs.right[rows], score[rows])]] = True
    return chosen


def _counts(keys: Ints) -> Ints:
    """How often each element's value occurs."""
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return np.asarray(counts[inverse])


def _solve(left: Ints, right: Ints, score: Floats) -> Ints:
    """Rows of the pairs that the assignment of one block takes."""
    if len(score) == 0:
        return np.zeros(0, dtype=np.int64)
    one, i = np.unique(left, return_inverse=True)
    two, j = np.unique(right, return_inverse=True)
    worth = np.zeros((len(one), len(two)))
    worth[i, j] = score
    row = np.full(worth.shape, -1, dtype=np.int64)
    row[i, j] = np.arange(len(score))
    taken = row[linear_sum_assignment(worth, maximize=True)]
    return taken[taken >= 0]
