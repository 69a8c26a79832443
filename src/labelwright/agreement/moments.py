"""Alpha at the interval level for numbers with many different values: three sums an item, and no table of values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.agreement import reasons
from labelwright.agreement.measuring import Basis, Prepared, no_overlap
from labelwright.agreement.statistic import Floats, Statistic, Sums
from labelwright.coding import Coded

# Relative rounding of sums of squares below which all values are equal.
_ROUNDING = 1e-12


def prepare_moments(coded: Coded, name: str, values: Floats) -> Prepared:
    """Alpha with (c - k)² as a statistic over the items.

    For one item with m values the squared differences of all ordered pairs sum to 2 (m sum x² - (sum x)²).

    Args:
        coded: the annotations.
        name: the measure's name.
        values: number of each class, shape (classes,).
    """
    sizes = np.diff(coded.starts)
    paired = sizes > 1
    if not paired.any():
        return no_overlap(name, coded)
    x = values[coded.label] - np.median(values[coded.label])
    total = np.bincount(coded.item, weights=x, minlength=coded.n_items)[paired]
    squares = np.bincount(coded.item, weights=x * x, minlength=coded.n_items)[paired]
    m = sizes[paired].astype(np.float64)
    features, row, times = np.unique(
        np.column_stack((m, total, squares)), axis=0, return_inverse=True, return_counts=True
    )
    rows = np.full(coded.n_items, -1)
    rows[paired] = row.ravel()
    basis = Basis(name, int(times.sum()), int(m.sum()), coded.n_dropped)
    return Prepared(
        basis, _statistic(np.asarray(features, np.float64), times.astype(np.int64)), reasons.ONE_CLASS, rows
    )


def _statistic(items: Floats, times: NDArray[np.int64]) -> Statistic:
    m, total, squares = items.T
    within = np.maximum(0, 2 * (m * squares - total * total) / (m - 1))
    return Statistic(np.column_stack((within, m, total, squares)), times, _finish)


def _finish(sums: Sums) -> Sums:
    within, n, total, squares = sums.T
    expected = 2 * (n * squares - total * total)
    expected = np.where(expected.real <= _ROUNDING * (n * squares).real, np.nan, expected)
    return np.asarray(1 - (n - 1) * within / expected)
