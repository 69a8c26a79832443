"""What a job will take under each policy: the rows of a plan."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from labelwright.model.certification import Certification
from labelwright.planning.outcomes import Simulated, interval, share_interval


@dataclass(frozen=True, slots=True)
class Option:
    """One way to do the job, with 90 % intervals over the simulated jobs.

    Attributes:
        policy: fixed, adaptive, routed or certified; ``expert`` for an expert's label on every item.
        gold: most items that an expert audits; 0 without certification.
        answers: mean answers an item.
        audits: items that an expert labels for pilot and audit.
        accuracy: share of right labels at the end: those accepted as they are, the others by the expert.
        accepted: share of items that no expert sees.
        cost: of the whole job, in prices of an answer.
        days: calendar days until the last answer; None without annotators' hours.
        risk: share of the simulated jobs in which the accepted labels miss the target; for certified at most 5 %.
        risk_interval: its 95 % interval (Clopper and Pearson 1934): few simulated jobs say little about rare misses.
        fails: chance that nothing can be certified and the expert gets every item; None without certification.
    """

    policy: str
    gold: int
    answers: float
    audits: float
    accuracy: tuple[float, float, float]
    accepted: float
    cost: tuple[float, float, float]
    days: tuple[int, int, int] | None
    risk: float
    risk_interval: tuple[float, float]
    fails: float | None

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class JobPlan:
    """All options for a job, and the cheapest of those that keep the target.

    Attributes:
        items: of the job.
        target: τ.
        expert_cost: price of an expert's label in prices of an answer.
        basis: what the figures rest on, one sentence.
        options: the dearest last.
        advice: the cheapest option with a risk of at most 5 %.
        replays: simulated jobs behind each row.
    """

    items: int
    target: float
    expert_cost: float
    basis: str
    options: tuple[Option, ...]
    advice: Option
    replays: int

    def as_dict(self) -> dict[str, Any]:
        """For `--json`; it says that it is a simulation."""
        return {
            "items": self.items,
            "target": self.target,
            "expert_cost": self.expert_cost,
            "simulated": self.basis,
            "replays": self.replays,
            "advice": self.advice.as_dict(),
            "options": [o.as_dict() for o in self.options],
        }


def option_of(found: Simulated, items: int, gold: int, answers_a_day: float | None) -> Option:
    """One policy's simulated jobs, brought to the size of the real one.

    Audits do not grow with the job, all else does.
    """
    share = [o.accepted for o in found.outcomes]
    costs = [_cost(found, k, items) for k in range(len(share))]
    right = [o.accuracy_after for o in found.outcomes]
    certified = found.policy.startswith("certified")
    low, high = interval(costs)
    worst, best = interval(right)
    fails = sum(o.verdict is not Certification.CERTIFIED for o in found.outcomes) / len(share)
    answers = found.mean("answers")
    misses = sum(not o.valid for o in found.outcomes)
    return Option(
        found.policy,
        gold if certified else 0,
        answers,
        found.mean("gold"),
        (sum(right) / len(right), worst, best),
        sum(share) / len(share),
        (sum(costs) / len(costs), low, high),
        _days(found, items / answers_a_day) if answers_a_day else None,
        misses / len(share),
        share_interval(misses, len(share)),
        fails if certified else None,
    )


def _days(found: Simulated, per_answer: float) -> tuple[int, int, int]:
    answers = [o.answers for o in found.outcomes]
    mean, low, high = (math.ceil(per_answer * a) for a in (sum(answers) / len(answers), *interval(answers)))
    return mean, low, high


def _cost(found: Simulated, number: int, items: int) -> float:
    o = found.outcomes[number]
    to_expert = items * o.to_expert / found.items
    return items * o.answers + found.expert_cost * (min(o.gold, items) + to_expert)


def all_expert(items: int, expert_cost: float) -> Option:
    """An expert's label on every item: what everything else is measured against."""
    cost = items * expert_cost
    return Option("expert", 0, 0.0, float(items), (1.0, 1.0, 1.0), 0.0, (cost, cost, cost), None, 0.0, (0.0, 0.0), None)


def advise(options: Sequence[Option]) -> Option:
    """The cheapest option whose risk is at most 5 %."""
    return min((o for o in options if o.risk <= 0.05), key=lambda o: o.cost[0])
