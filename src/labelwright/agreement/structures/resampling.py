"""Intervals over items whose features are real numbers, so that hardly two items are alike."""

from __future__ import annotations

import numpy as np

from labelwright.agreement.interval import Bounds, Sampling, acceleration, quantiles
from labelwright.agreement.measuring import Basis
from labelwright.agreement.result import Agreement
from labelwright.agreement.statistic import Finish, Statistic
from labelwright.matching.arrays import Floats

#: From so many different items on, drawing items is faster than drawing how often each pattern occurs.
_MANY_PATTERNS = 500
#: Items drawn at a time, to bound memory.
_DRAWN_AT_ONCE = 1 << 22


def measured(basis: Basis, features: Floats, finish: Finish, how: tuple[Sampling, str]) -> Agreement:
    """The result of a measure that is a function of sums over items.

    Args:
        basis: what it rests on.
        features: what each item adds to the sums, shape (items, k).
        finish: from sums, shape (replicates, k), to values, shape (replicates,).
        how: the interval that is wanted, and the reason where the measure has no value.
    """
    sampling, undefined = how
    patterns, times = np.unique(features, axis=0, return_counts=True)
    statistic = Statistic(patterns, times.astype(np.int64), finish)
    resampled = sampling.interval in ("bootstrap", "bca")
    value = statistic.value()
    if value is None or not resampled or len(patterns) < _MANY_PATTERNS:
        return basis.measured(statistic, sampling, undefined=undefined)
    return basis.defined(value, _bounds(statistic, features, sampling), sampling)


def _bounds(statistic: Statistic, features: Floats, sampling: Sampling) -> Bounds:
    """As `labelwright.agreement.interval.bootstrap`, item by item."""
    values = _replicates(features, statistic.finish, sampling)
    pull = acceleration(statistic) if sampling.interval == "bca" else None
    return quantiles(values, float(statistic.at(statistic.times[None, :])[0]), pull, sampling)


def _replicates(features: Floats, finish: Finish, sampling: Sampling) -> Floats:
    """Values over items drawn with replacement, shape (replicates,); NaN where undefined."""
    rng = np.random.default_rng(sampling.seed)
    n = len(features)
    rows = max(1, _DRAWN_AT_ONCE // n)
    parts = []
    for done in range(0, sampling.replicates, rows):
        count = min(rows, sampling.replicates - done)
        at = rng.integers(n, size=(count, n)) + np.arange(count)[:, None] * n
        weights = np.bincount(at.ravel(), minlength=count * n).reshape(count, n)
        with np.errstate(divide="ignore", invalid="ignore"):
            parts.append(finish(weights @ features))
    return np.concatenate(parts)
