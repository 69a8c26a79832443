"""Forecasts that say how unsure they are, and are right about it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from labelwright.model.errors import UsageError
from labelwright.planning.forecast import MINUTE, Record, forecast_job

TODAY = datetime(2026, 11, 27, tzinfo=UTC)


def so_far(counts, begun=0):
    """These days before today."""
    return Record(tuple(counts), TODAY - timedelta(days=len(counts)), begun)


def _job(rng):
    """A team of changing speed: days so far, answers to come, and the day on which it really ends."""
    pace = rng.gamma(4, 25)

    def days(n):
        return rng.poisson(rng.gamma(3, pace / 3, n))

    done = days(rng.integers(5, 25))
    remaining = int(rng.integers(2, 20) * pace) + 1
    # Part of today is over.
    today = int(days(1)[0])
    begun = int(rng.binomial(today, rng.uniform()))
    left, n = remaining - (today - begun), 1
    while left > 0:
        left, n = left - int(days(1)[0]), n + 1
    return done.tolist(), begun, remaining, n


def test_ninety_percent_intervals_cover_in_ninety_percent_of_simulated_jobs():
    """Finish and cost, over 200 simulated jobs (standard error 2 points)."""
    rng = np.random.default_rng(0)
    days = cost = 0
    for _ in range(200):
        done, begun, remaining, n = _job(rng)
        mean = rng.uniform(0.02, 0.2)
        prices = rng.lognormal(np.log(mean), 0.5, 20 + sum(done) % 200)
        found = forecast_job(so_far(done, begun), prices.tolist(), remaining, rng)
        days += found.steps.low <= n <= found.steps.high
        total = prices.sum() + rng.lognormal(np.log(mean), 0.5, remaining).sum()
        cost += found.cost.low <= total <= found.cost.high
    assert 0.85 <= days / 200 <= 0.97
    assert 0.85 <= cost / 200 <= 0.97


def test_free_weekends_stay_free():
    """Four weeks without work on two days: no answers are foretold for these."""
    week = [100, 110, 90, 105, 95, 0, 0]
    found = forecast_job(so_far(week * 4), [1.0] * 50, 1000, np.random.default_rng(1))
    assert 12 <= found.steps.value <= 15
    ahead = [p.remaining for p in found.burn_down if p.forecast]
    assert ahead[4] == ahead[5] == ahead[6]


def test_the_burn_down_goes_on_where_the_records_end():
    """Recorded days fall to what is left today; forecast days go on from there and end at nothing."""
    found = forecast_job(so_far([10, 20, 30, 25]), [1.0] * 85, 60, np.random.default_rng(2))
    recorded = [p for p in found.burn_down if not p.forecast]
    assert [p.remaining for p in recorded] == [135, 115, 85, 60]
    assert recorded[-1].at == TODAY
    ahead = [p for p in found.burn_down if p.forecast]
    assert (ahead[0].at, ahead[-1].high) == (TODAY + timedelta(days=1), 0.0)
    assert found.finish.earliest <= found.finish.expected <= found.finish.latest


def test_what_cannot_be_said_is_not_said():
    """Two days, or days without any answer: no date, and the reason."""
    for done in ([], [5, 6], [0, 0, 0, 0]):
        found = forecast_job(so_far(done), [], 10, np.random.default_rng(0))
        assert found.steps.value is None
        assert found.finish is None
        assert found.steps.reason
    over = forecast_job(so_far([5, 6, 7]), [1.0, 2.0, 3.0], 0, np.random.default_rng(0))
    assert (over.steps.value, over.cost.value) == (0, 6)
    with pytest.raises(UsageError, match="negative"):
        forecast_job(so_far([1]), [], -1, np.random.default_rng(0))


def test_a_job_that_never_ends_has_no_date():
    """One answer in ten minutes, a million to come: no date rather than the last one that was reckoned."""
    done = Record((0,) * 9 + (1,), TODAY, 0, MINUTE)
    found = forecast_job(done, [], 10**6, np.random.default_rng(0))
    assert (found.finish, found.steps.value) == (None, None)
    assert "not done within" in found.steps.reason
