"""When the job will be done and what it will have cost, with 90 % intervals, and its burn-down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from labelwright.app.context import Project
from labelwright.app.cost import Budget, budget_of, priced_work
from labelwright.model.consensus import ConsensusState
from labelwright.model.errors import LabelwrightError
from labelwright.model.project import AssignmentState, Purpose
from labelwright.planning.bill import Priced, bill_of
from labelwright.planning.forecast import DAY, HOUR, LEAST, MINUTE, Forecast, Range, Record, forecast_job

#: Steps in which the pace is counted: characters of a time that tell them apart. The widest with enough of them counts.
_STEPS = ((DAY, 10), (HOUR, 13), (MINUTE, 16))
_START = "0001-01-01T00:00"
_WAITING = frozenset({AssignmentState.PLANNED.value, AssignmentState.DELIVERED.value})
_LABELING = frozenset({Purpose.LABEL, Purpose.OVERLAP})
_GONE = AssignmentState.WITHDRAWN
#: Here another answer may be asked for.
_UNSETTLED = frozenset({ConsensusState.OPEN, ConsensusState.CONTESTED})
#: Settled items from which the answers that an item takes are reckoned.
_SETTLED = 20
PLANNED, BUDGET = "what is planned is answered", "the budget is used up"
NO_PRICE = "No price is known: labelwright team set NAME --rate 18/hour, or budget.per_answer in labelwright.yaml"


@dataclass(frozen=True, slots=True)
class Outlook:
    """A forecast of the whole job.

    Attributes:
        forecast: finish, total cost and burn-down, with 90 % intervals and reasons.
        until: what the job is: what is planned, or what the budget still allows where rounds turn by themselves.
        step: day, hour or minute: by which the pace was counted.
    """

    forecast: Forecast
    until: str
    step: str
    currency: str

    def as_dict(self) -> dict[str, Any]:
        """As `labelwright cost --json` prints it: times in ISO 8601, amounts as numbers."""
        found, ends = self.forecast, self.forecast.finish
        return {
            "until": self.until,
            "step": self.step,
            "confidence": 0.9,
            "remaining_answers": found.remaining,
            "finish": {
                "expected": None if ends is None else ends.expected.isoformat(),
                "earliest": None if ends is None else ends.earliest.isoformat(),
                "latest": None if ends is None else ends.latest.isoformat(),
                "reason": found.steps.reason,
            },
            "total_cost": {
                "currency": self.currency,
                "expected": found.cost.value,
                "low": found.cost.low,
                "high": found.cost.high,
                "reason": found.cost.reason,
            },
            "burn_down": [
                {"at": p.at.isoformat(), "remaining": p.remaining, "low": p.low, "high": p.high, "forecast": p.forecast}
                for p in found.burn_down
            ],
        }


def forecast(project: Project, priced: Sequence[Priced] | None = None) -> Outlook:
    """Finish and total cost of the job as it stands, from the pace and the prices so far.

    Args:
        project: the labeling project.
        priced: every paid piece of work, where it is known already (`priced_work`).
    """
    paid = priced_work(project) if priced is None else priced
    amounts = [float(p.amount) for p in paid if p.amount is not None]
    bill = bill_of(paid)
    remaining, until = _remaining(project, budget_of(project, bill), amounts)
    done = _record(project)
    found = forecast_job(done, amounts, remaining, project.rng(16, remaining))
    # The bill pays everybody in whole cents: a job that is done costs what its bill says.
    cost = _moved(found.cost, float(bill.total) - sum(amounts)) if amounts else Range(None, reason=NO_PRICE)
    found = Forecast(found.steps, found.finish, cost, found.remaining, found.burn_down)
    return Outlook(found, until, done.unit, project.settings.budget.currency)


def _moved(cost: Range, by: float) -> Range:
    """The same interval elsewhere."""
    if cost.value is None or cost.low is None or cost.high is None:
        return cost
    return Range(cost.value + by, cost.low + by, cost.high + by)


def _record(project: Project) -> Record:
    """Answers by day; by hour or minute while the job is younger than three days or three hours."""
    now, span = project.clock.now(), project.store.time_span()
    if span is None:
        return Record((), now)
    first = datetime.fromisoformat(span[0])
    step, width = next((s for s in _STEPS if now - first >= (LEAST + 1) * s[0]), _STEPS[-1])
    counts: dict[str, int] = {}
    for stamp, _, n in project.store.throughput(width):
        counts[stamp] = counts.get(stamp, 0) + n
    start = _floor(first, width)
    whole = max((_floor(now, width) - start) // step, 0)
    series = [counts.get((start + k * step).isoformat()[:width], 0) for k in range(whole + 1)]
    return Record(tuple(series[:-1]), start, series[-1], step)


def _floor(at: datetime, width: int) -> datetime:
    """The beginning of the day, hour or minute."""
    return datetime.fromisoformat(at.isoformat()[:width] + _START[width:]).replace(tzinfo=at.tzinfo)


# ---------------------------------------------------------------- what is still to come


def _remaining(project: Project, budget: Budget, amounts: Sequence[float]) -> tuple[int, str]:
    """Answers still to come, and until what."""
    waiting = delivered = 0
    for (_, purpose, state), n in project.store.counts().items():
        if purpose != Purpose.TRIAL.value and state in _WAITING:
            waiting += n
            delivered += n if state == AssignmentState.DELIVERED.value else 0
    left = _affordable(budget, amounts)
    turning = project.settings.loop.mode == "auto" and left is not None
    more, per_item = _undecided(project)
    wanted = waiting + more + (round(_undrawn(project) * per_item) if turning else 0)
    # What is on the desks is never taken back for money: it is answered in any case.
    allowed = wanted if left is None else min(wanted, delivered + left)
    return allowed, BUDGET if allowed < wanted or turning else PLANNED


def _affordable(budget: Budget, amounts: Sequence[float]) -> int | None:
    """Answers that the budget still lets out; None without one."""
    caps = [] if budget.answers is None else [max(budget.answers, 0)]
    if budget.money is not None and sum(amounts) > 0:
        caps.append(int(max(budget.money, Decimal(0)) / Decimal(str(sum(amounts) / len(amounts)))))
    return min(caps, default=None)


def _undecided(project: Project) -> tuple[int, float]:
    """Answers that adaptive overlap will yet ask for beyond what is planned, and answers that an item takes.

    An item that is not settled is taken to need as many as those that are did on average.
    """
    given: dict[str, int] = {}
    for a in project.store.assignments(trial=False):
        if a.purpose in _LABELING and a.state is not _GONE:
            given[a.item] = given.get(a.item, 0) + 1
    settled = {c.item for c in project.store.consensus(project.control.name) if c.state not in _UNSETTLED}
    took = [n for item, n in given.items() if item in settled]
    usual = sum(took) / len(took) if len(took) >= _SETTLED else sum(given.values()) / max(len(given), 1)
    if project.settings.overlap.policy != "adaptive":
        return 0, usual
    return round(sum(max(usual - n, 0.0) for item, n in given.items() if item not in settled)), usual


def _undrawn(project: Project) -> int:
    try:
        return max(len(project.pool) - len(project.store.drawn_rows()), 0)
    except LabelwrightError:
        return 0
