"""When a job will be done and what it will have cost, with intervals that were checked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from labelwright.model.errors import UsageError

Floats = NDArray[np.float64]
_DRAWS = 2000
# Fewer working days or prices say nothing about their spread.
_LEAST_DAYS = 3
_LONGEST = 3650
_WEEK = 7
# Weeks from which weekdays are told apart.
_WEEKS = 3


@dataclass(frozen=True, slots=True)
class Range:
    """A forecast with its 90 % interval; None where nothing can be said, with the reason."""

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One day of a burn-down: answers still to come, as recorded (low and high the same) or as forecast."""

    day: date
    remaining: float
    low: float
    high: float
    forecast: bool


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to be expected.

    Attributes:
        days: calendar days from today until the last answer.
        finish: the day itself, lower and upper end of the interval; None where unknown.
        cost: of the whole job, spent and to come.
        remaining: answers that are still to come.
        burn_down: recorded days, then forecast ones.
    """

    days: Range
    finish: tuple[date, date, date] | None
    cost: Range
    remaining: int
    burn_down: tuple[Point, ...]


def forecast_job(
    done_per_day: Sequence[int], costs: Sequence[float], remaining: int, today: date, rng: np.random.Generator
) -> Forecast:
    """Finish date and total cost, from the days and the prices so far.

    Days to come are drawn from the recorded ones, brought to the rhythm of the weekdays where there are three weeks of
    them, with weights from a Dirichlet distribution (the Bayesian bootstrap, D. Rubin, Annals of Statistics 9, 1981),
    wider than usual for few days as Student's t is. The prices of answers to come are drawn in the same way.

    Args:
        done_per_day: answers of each calendar day so far, today not included, days without any as 0; oldest first.
        costs: price of each answer so far.
        remaining: answers still to come.
        today: the day from which it is counted.
        rng: source of randomness.

    Raises:
        UsageError: a number is negative.
    """
    if remaining < 0 or any(n < 0 for n in done_per_day) or any(c < 0 for c in costs):
        raise UsageError("Answers and prices cannot be negative", where=f"remaining {remaining}")
    counts, prices = np.asarray(done_per_day, np.float64), np.asarray(costs, np.float64)
    cost = _cost(prices, remaining, rng)
    if remaining and (counts.size < _LEAST_DAYS or not counts.any()):
        reason = f"{counts.size} days with answers on some of them say too little; {_LEAST_DAYS} are needed"
        return Forecast(Range(None, reason=reason), None, cost, remaining, _recorded(counts, remaining, today))
    paths = _paths(counts, remaining, rng)
    days = _interval((paths > 0).sum(axis=1) + (1.0 if remaining else 0.0))
    finish = tuple(
        today + timedelta(days=max(math.ceil(x) - 1, 0)) for x in (days.value, days.low, days.high) if x is not None
    )
    ahead = _ahead(paths, today)
    dates = (finish[0], finish[1], finish[2]) if len(finish) == 3 else None
    return Forecast(days, dates, cost, remaining, (*_recorded(counts, remaining, today), *ahead))


def _paths(counts: Floats, remaining: int, rng: np.random.Generator) -> Floats:
    """Answers still to come after each day ahead, shape (draws, days); 0 from the last day on."""
    rhythm = _rhythm(counts)
    usual = np.tile(rhythm, counts.size // _WEEK + 1)[-counts.size :]
    pool = counts[usual > 0] / usual[usual > 0]
    weights = np.cumsum(rng.dirichlet(np.full(pool.size, _concentration(pool.size)), _DRAWS), axis=1)
    left = np.full(_DRAWS, float(remaining))
    days: list[Floats] = []
    while left.max() > 0 and len(days) < _LONGEST:
        at = (weights < rng.random(_DRAWS)[:, None]).sum(axis=1)
        left = np.maximum(left - pool[np.minimum(at, pool.size - 1)] * rhythm[len(days) % _WEEK], 0.0)
        days.append(left)
    return np.stack(days, axis=1) if days else np.zeros((_DRAWS, 0))


def _rhythm(counts: Floats) -> Floats:
    """How busy each of the next seven weekdays is beside the mean, by the weeks so far; all the same without three."""
    if counts.size < _WEEKS * _WEEK:
        return np.ones(_WEEK)
    means = np.array([counts[counts.size % _WEEK :][k::_WEEK].mean() for k in range(_WEEK)])
    return np.asarray(means / means.mean())


def _concentration(n: int) -> float:
    """Of the Dirichlet weights: with it the mean varies as that of n normal values with unknown spread does."""
    return max((n - 4) / n, 0.1)


def _cost(prices: Floats, remaining: int, rng: np.random.Generator) -> Range:
    spent = float(prices.sum())
    if not remaining:
        return Range(spent, spent, spent)
    if prices.size < _LEAST_DAYS:
        return Range(None, reason=f"{prices.size} answers have a price; {_LEAST_DAYS} are needed")
    weights = rng.dirichlet(np.ones(prices.size), _DRAWS) if prices.size <= 2000 else None
    if weights is None:
        mean = prices.mean() + prices.std(ddof=1) / math.sqrt(prices.size) * rng.standard_normal(_DRAWS)
        spread = np.full(_DRAWS, prices.std(ddof=1))
    else:
        mean = weights @ prices
        spread = np.sqrt(np.maximum(weights @ prices**2 - mean**2, 0))
    ahead = remaining * mean + math.sqrt(remaining) * spread * rng.standard_normal(_DRAWS)
    return _interval(spent + np.maximum(ahead, 0.0))


def _interval(draws: Floats) -> Range:
    low, middle, high = np.quantile(draws, [0.05, 0.5, 0.95])
    return Range(float(middle), float(low), float(high))


def _recorded(counts: Floats, remaining: int, today: date) -> tuple[Point, ...]:
    left = remaining + np.concatenate((np.cumsum(counts[::-1])[::-1][1:], [0.0])) if counts.size else np.zeros(0)
    first = today - timedelta(days=int(counts.size))
    return tuple(
        Point(first + timedelta(days=k), float(x), float(x), float(x), forecast=False) for k, x in enumerate(left)
    )


def _ahead(paths: Floats, today: date) -> tuple[Point, ...]:
    bands = np.quantile(paths, [0.5, 0.05, 0.95], axis=0).T if paths.shape[1] else np.zeros((0, 3))
    return tuple(
        Point(today + timedelta(days=k), float(m), float(low), float(high), forecast=True)
        for k, (m, low, high) in enumerate(bands)
    )
