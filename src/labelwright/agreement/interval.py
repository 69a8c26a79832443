"""Intervals over items: percentile and BCa bootstrap, and the normal one around a closed-form standard error.

Sources: Efron (1987), Better bootstrap confidence intervals, JASA 82; Gwet (2014), Handbook of Inter-Rater
Reliability, 4th edition, chapter 5 (items are the sample, annotators are fixed).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwright.agreement.statistic import Floats, Statistic
from labelwright.model.errors import UsageError

Interval: TypeAlias = Literal["bootstrap", "bca", "analytic"]
KINDS = ("bootstrap", "bca", "analytic")
TOO_FEW = "no interval: it rests on fewer than two items"

# Cells of the resampling table held at once (8 bytes each).
_CELLS_AT_ONCE = 1 << 22
# Items of a kind from which a multinomial draw takes less time than drawing items.
_ITEMS_OF_A_KIND = 8
# Items drawn in one pass: few enough for the cache, so that many small pairs cost no call of their own per replicate.
_DRAWS_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Sampling:
    """What interval is wanted, and how.

    Attributes:
        interval: ``bootstrap``, ``bca``, ``analytic`` or None.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage wanted, between 0 and 1.
        ddof: what is taken from the number of items in the closed-form variance.

    Raises:
        UsageError: the interval is not known, or a number is out of its range.
    """

    interval: str | None = None
    replicates: int = 1000
    seed: int = 0
    confidence: float = 0.95
    ddof: int = 1

    def __post_init__(self) -> None:
        if self.interval is not None and self.interval not in KINDS:
            raise UsageError(f"Unknown interval {self.interval!r}", next_step=f"Use one of {', '.join(KINDS)} or None")
        if self.replicates < 1:
            raise UsageError("A bootstrap needs at least one replicate", where=f"replicates={self.replicates}")
        if not 0 < self.confidence < 1:
            raise UsageError("A confidence lies between 0 and 1", where=f"confidence={self.confidence}")


@dataclass(frozen=True, slots=True)
class Bounds:
    """An interval, or the reason why there is none."""

    low: float | None = None
    high: float | None = None
    standard_error: float | None = None
    reason: str | None = None


def interval_of(statistic: Statistic, value: float, sampling: Sampling) -> Bounds:
    """The interval of a statistic that is wanted, or the reason why there is none."""
    if sampling.interval is None:
        return Bounds()
    if sampling.interval == "analytic":
        return normal(value, statistic.standard_error(ddof=sampling.ddof), sampling.confidence)
    return bootstrap(statistic, sampling)


class OverItems(Protocol):
    """Anything that can be computed on a sample of items."""

    @property
    def times(self) -> NDArray[np.int64]:
        """How many items are of each kind; shape (kinds,)."""
        ...

    def at(self, weights: NDArray[Any]) -> Floats:
        """Values when each kind occurs ``weights[r]`` times; shape (replicates,)."""
        ...


def replicate(statistic: OverItems, replicates: int, seed: int) -> Floats:
    """Bootstrap values of a statistic: items drawn with replacement; shape (replicates,), NaN where undefined."""
    rng = np.random.default_rng(seed)
    times = statistic.times
    rows = max(1, _CELLS_AT_ONCE // max(1, times.size))
    parts = [statistic.at(resampled(times, min(rows, replicates - done), rng)) for done in range(0, replicates, rows)]
    return np.concatenate(parts)


def resampled(times: NDArray[np.int64], size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """How often each kind of item is drawn when items are drawn with replacement; shape (size, kinds).

    Few kinds: a multinomial, whose cost does not depend on the number of items. Nearly as many kinds as items: item
    by item.
    """
    n = int(times.sum())
    if times.size * _ITEMS_OF_A_KIND < n:
        return rng.multinomial(n, times / n, size=size)
    kind = np.repeat(np.arange(times.size), times)
    rows = max(1, _DRAWS_AT_ONCE // n)
    return np.concatenate([_drawn(kind, times.size, min(rows, size - done), rng) for done in range(0, size, rows)])


def _drawn(kind: NDArray[np.int64], kinds: int, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Counts of the kinds among items drawn with replacement, in one pass over all replicates; shape (size, kinds)."""
    cells = kind[rng.integers(kind.size, size=(size, kind.size))]
    cells += np.arange(0, size * kinds, kinds)[:, None]
    return np.bincount(cells.ravel(), minlength=size * kinds).reshape(size, kinds)


def bootstrap(statistic: Statistic, sampling: Sampling) -> Bounds:
    """Percentile interval, or for ``bca`` the bias-corrected and accelerated one."""
    if statistic.n_items < 2:
        return Bounds(reason=TOO_FEW)
    values = replicate(statistic, sampling.replicates, sampling.seed)
    pull = acceleration(statistic) if sampling.interval == "bca" else None
    return quantiles(values, float(statistic.at(statistic.times[None, :])[0]), pull, sampling)


def quantiles(values: Floats, point: float, pull: float | None, sampling: Sampling) -> Bounds:
    """The interval between two quantiles of bootstrap values.

    Replicates in which the coefficient is undefined are left out; when they are more than a twentieth, there is no
    interval.

    Args:
        values: bootstrap values, NaN where undefined.
        point: the coefficient itself.
        pull: acceleration of the BCa interval; None for the percentile interval.
        sampling: the confidence, and how many replicates were wanted.
    """
    known = values[np.isfinite(values)]
    if known.size < 0.95 * values.size:
        return Bounds(reason=f"no interval: undefined in {values.size - known.size} of {values.size} replicates")
    tail = (1 - sampling.confidence) / 2
    tails = (tail, 1 - tail) if pull is None else _bca_tails(known, point, pull, tail)
    low, high = np.quantile(known, tails)
    return Bounds(float(low), float(high), float(known.std(ddof=1)) if known.size > 1 else None)


def _bca_tails(values: Floats, point: float, pull: float, tail: float) -> tuple[float, float]:
    """The two quantiles of the bootstrap values that bias and acceleration ask for (Efron 1987, eq. 6.8)."""
    from scipy.special import ndtr, ndtri  # noqa: PLC0415 - late: only this interval needs it

    below = np.count_nonzero(values < point) + 0.5 * np.count_nonzero(values == point)
    bias = ndtri(np.clip(below / values.size, 0.5 / values.size, 1 - 0.5 / values.size))
    shifted = bias + ndtri(np.array([tail, 1 - tail]))
    low, high = ndtr(bias + shifted / (1 - pull * shifted))
    return float(low), float(high)


def acceleration(statistic: Statistic) -> float:
    """What the BCa interval needs of the jackknife."""
    return skewness(statistic.without_one(), statistic.times)


def skewness(left_out: Floats, times: NDArray[np.int64]) -> float:
    """Skewness over six of jackknife values, each occurring ``times`` times (Efron 1987, eq. 6.6)."""
    known = np.isfinite(left_out)
    if not known.any():
        return 0.0
    times = times[known]
    distance = np.average(left_out[known], weights=times) - left_out[known]
    spread = float(times @ distance**2)
    return float(times @ distance**3) / (6 * spread**1.5) if spread > 0 else 0.0


def normal(value: float, standard_error: float | None, confidence: float, highest: float = 1.0) -> Bounds:
    """The value plus and minus a multiple of its standard error, cut at the highest that it can be."""
    if standard_error is None:
        return Bounds(reason=TOO_FEW)
    from scipy.special import ndtri  # noqa: PLC0415 - late: only this interval needs it

    reach = float(ndtri(0.5 + confidence / 2)) * standard_error
    return Bounds(value - reach, min(highest, value + reach), standard_error)
