"""How often the forecast's intervals hold what happens, on simulated teams."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from labelwright.planning.forecast import Record, forecast_job

FORECASTS = 1000


def forecasts() -> dict[str, Any]:
    """How often the 90 % intervals hold: simulated teams of changing speed, part of today over, half with weekends."""
    start, days, cost = datetime(2026, 11, 2, tzinfo=UTC), 0, 0
    for number in range(FORECASTS):
        rng = np.random.default_rng([5, number])
        pace, weekends = rng.gamma(4, 25), bool(rng.integers(2))
        n = int(rng.integers(21, 40)) if weekends else int(rng.integers(5, 25))

        def day(k: int, rng: np.random.Generator = rng, pace: float = pace, weekends: bool = weekends) -> int:
            return 0 if weekends and k % 7 > 4 else int(rng.poisson(rng.gamma(3, pace / 3)))

        done, today = [day(k) for k in range(n)], day(n)
        begun = int(rng.binomial(today, rng.uniform()))
        remaining = int(rng.integers(2, 20) * pace) + 1
        left, ends = remaining - (today - begun), 1
        while left > 0:
            left, ends = left - day(n + ends), ends + 1
        mean = rng.uniform(0.02, 0.2)
        prices = rng.lognormal(np.log(mean), 0.5, 20 + sum(done) % 400)
        found = forecast_job(Record(done, start - timedelta(days=n), begun), prices.tolist(), remaining, rng)
        assert found.steps.low is not None and found.steps.high is not None  # noqa: PT018, S101
        assert found.cost.low is not None and found.cost.high is not None  # noqa: PT018, S101
        days += found.steps.low <= ends <= found.steps.high
        total = prices.sum() + rng.lognormal(np.log(mean), 0.5, remaining).sum()
        cost += found.cost.low <= total <= found.cost.high
    return {"simulated_jobs": FORECASTS, "finish_covered": days / FORECASTS, "cost_covered": cost / FORECASTS}
