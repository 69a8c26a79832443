"""When a job will be done and what it will have cost, with intervals that were checked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from labelwright.model.errors import UsageError

Floats = NDArray[np.float64]
_DRAWS = 2000
# Above so many prices their mean is normal, and needs no draws of weights.
_FEW_PRICES = 2000
# Fewer working days or prices say nothing about their spread.
LEAST = 3
_LONGEST = 3650
# Points that a burn-down holds ahead; a picture shows no more.
_POINTS = 200
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
_UNITS = {DAY: "day", HOUR: "hour", MINUTE: "minute"}
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
    """Answers still to come at one time, as recorded (low and high the same) or as forecast."""

    at: datetime
    remaining: float
    low: float
    high: float
    forecast: bool


@dataclass(frozen=True, slots=True)
class Ends:
    """The day on which the last answer is expected (its beginning), and the ends of the 90 % interval."""

    expected: datetime
    earliest: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to be expected.

    Attributes:
        steps: days (or hours, minutes: what was counted) from now until the last answer.
        finish: when that is; None where unknown.
        cost: of the whole job, spent and to come.
        remaining: answers that are still to come.
        burn_down: after each recorded day, then after each day ahead.
    """

    steps: Range
    finish: Ends | None
    cost: Range
    remaining: int
    burn_down: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """What was done so far.

    Attributes:
        counts: answers of each whole day so far, days without any as 0; oldest first.
        begun: answers of the day that is not over.
        start: when the first of these days began.
        step: a day; for jobs of hours an hour or a minute.
    """

    counts: Sequence[int]
    start: datetime
    begun: int = 0
    step: timedelta = DAY

    @property
    def now(self) -> datetime:
        """When the day began that is not over."""
        return self.start + self.step * len(self.counts)

    @property
    def unit(self) -> str:
        """The step in a word."""
        return _UNITS.get(self.step, "step")


def forecast_job(done: Record, costs: Sequence[float], remaining: int, rng: np.random.Generator) -> Forecast:
    """Finish and total cost, from the days and the prices so far.

    Days to come are drawn from the recorded ones, brought to the rhythm of the weekdays where there are three weeks of
    them, with weights from a Dirichlet distribution (the Bayesian bootstrap, D. Rubin, Annals of Statistics 9, 1981),
    wider than usual for few days as Student's t is. The prices of answers to come are drawn in the same way.

    Args:
        done: answers of each day so far.
        costs: price of each answer so far.
        remaining: answers still to come.
        rng: source of randomness.

    Raises:
        UsageError: a number is negative.
    """
    if min(remaining, done.begun) < 0 or any(n < 0 for n in done.counts) or any(c < 0 for c in costs):
        raise UsageError("Answers and prices cannot be negative", where=f"remaining {remaining}")
    counts = np.asarray(done.counts, np.float64)
    cost, recorded = _cost(np.asarray(costs, np.float64), remaining, rng), _recorded(done, remaining)
    if not remaining:
        return Forecast(Range(0.0, 0.0, 0.0), Ends(done.now, done.now, done.now), cost, 0, recorded)
    if counts.size < LEAST or not counts.any():
        reason = f"{counts.size} whole {done.unit}s with {int(counts.sum())} answers say too little; {LEAST} are needed"
        return Forecast(Range(None, reason=reason), None, cost, remaining, recorded)
    paths = _paths(done, remaining, rng)
    burn_down = (*recorded, *_ahead(paths, done))
    steps = _interval((paths > 0).sum(axis=1) + 1.0)
    if steps.value is None or steps.low is None or steps.high is None or steps.high > _LONGEST:
        reason = f"at the pace so far it is not done within {_LONGEST:,} {done.unit}s"
        return Forecast(Range(None, reason=reason), None, cost, remaining, burn_down)
    ends = [done.now + done.step * (math.ceil(x) - 1) for x in (steps.value, steps.low, steps.high)]
    return Forecast(steps, Ends(*ends), cost, remaining, burn_down)


def _paths(done: Record, remaining: int, rng: np.random.Generator) -> Floats:
    """Answers still to come after each day ahead, shape (draws, days); 0 from the last day on."""
    counts = np.asarray(done.counts, np.float64)
    rhythm = _rhythm(counts) if done.step == DAY else np.ones(_WEEK)
    usual = np.tile(rhythm, counts.size // _WEEK + 1)[-counts.size :]
    pool = counts[usual > 0] / usual[usual > 0]
    weights = np.cumsum(rng.dirichlet(np.full(pool.size, _concentration(pool.size)), _DRAWS), axis=1)
    left = np.full(_DRAWS, float(remaining))
    days: list[Floats] = []
    begun = float(done.begun)
    while left.max() > 0 and len(days) < _LONGEST:
        at = (weights < rng.random(_DRAWS)[:, None]).sum(axis=1)
        drawn = pool[np.minimum(at, pool.size - 1)] * rhythm[len(days) % _WEEK]
        # What this day brought already is not among what remains.
        left, begun = np.maximum(left - np.maximum(drawn - begun, 0.0), 0.0), 0.0
        days.append(left)
    return np.stack(days, axis=1)


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
    if prices.size < LEAST:
        return Range(None, reason=f"{prices.size} answers have a price; {LEAST} are needed")
    few = prices.size <= _FEW_PRICES
    weights = rng.dirichlet(np.full(prices.size, _concentration(prices.size)), _DRAWS) if few else None
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


def _recorded(done: Record, remaining: int) -> tuple[Point, ...]:
    """What remained at the end of each recorded day."""
    later = np.cumsum(np.asarray([*done.counts[1:], done.begun][::-1], np.float64))[::-1]
    left = (remaining + later)[: len(done.counts)]
    return tuple(
        Point(done.start + done.step * (k + 1), float(x), float(x), float(x), forecast=False)
        for k, x in enumerate(left)
    )


def _ahead(paths: Floats, done: Record) -> tuple[Point, ...]:
    last = paths.shape[1] - 1
    shown = np.unique(np.linspace(0, last, min(_POINTS, last + 1)).round().astype(np.int64))
    bands = np.quantile(paths[:, shown], [0.5, 0.05, 0.95], axis=0).T
    return tuple(
        Point(done.now + done.step * (int(k) + 1), float(m), float(low), float(high), forecast=True)
        for k, (m, low, high) in zip(shown, bands, strict=True)
    )
