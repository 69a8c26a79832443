"""Weighted middles of a few numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labelwright.matching.arrays import Ints
from labelwright.matching.runs import Runs, merged

#: Halves that differ by rounding only are halves.
_ROUNDING = 1e-9


def medians(numbers: Sequence[float], weights: Sequence[float]) -> tuple[float, float]:
    """Least and greatest number with at most half of the weight on either side.

    They differ only where the weight falls into two halves.
    """
    if len(set(weights)) == 1:
        rank = sorted(numbers)
        return rank[(len(rank) - 1) // 2], rank[len(rank) // 2]
    rows = sorted(zip(numbers, weights, strict=True))
    half, below = sum(weights) / 2, 0.0
    low: float | None = None
    for number, weight in rows:
        below += weight
        if low is None and below >= half - _ROUNDING:
            low = number
        if below > half + _ROUNDING:
            return (number if low is None else low), number
    return (rows[-1][0] if low is None else low), rows[-1][0]


def median(numbers: Sequence[float], weights: Sequence[float]) -> float:
    """The weighted median; half way between two where the weight falls into two halves."""
    low, high = medians(numbers, weights)
    return (low + high) / 2


def voted(sets: Sequence[Runs], weights: Sequence[float]) -> Runs:
    """The whole numbers (pixels, frames) that at least half of the weight holds."""
    at: Ints = np.concatenate([part for runs in sets for part in (runs.starts, runs.ends)]).astype(np.int64)
    steps = [part for runs, w in zip(sets, weights, strict=True) for part in (w, -w) for _ in range(len(runs.starts))]
    places, inverse = np.unique(at, return_inverse=True)
    height = np.cumsum(np.bincount(inverse, steps, len(places)))
    inside = np.flatnonzero(height >= sum(weights) / 2 - _ROUNDING)
    inside = inside[inside < len(places) - 1]
    return merged(places[inside], places[inside + 1])
