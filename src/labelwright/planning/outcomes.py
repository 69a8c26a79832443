"""What replays came to, and their summary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import betaincinv

from labelwright.model.certification import Certification


@dataclass(frozen=True, slots=True)
class Outcome:
    """One replay.

    Attributes:
        answers: mean answers an item.
        accuracy: share of right consensus labels over all items, before any expert corrects one.
        accepted: share of the items whose label is accepted unseen by an expert.
        valid: whether the accepted, unaudited items reach the target; true where none is accepted.
        gold: items whose label an expert gave for pilot or audit.
        to_expert: items neither accepted nor gold.
        verdict: see `Certification`.
        accepted_right: share of right labels among the accepted; 1 where none is accepted.
    """

    answers: float
    accuracy: float
    accepted: float
    valid: bool
    gold: int = 0
    to_expert: int = 0
    verdict: Certification = Certification.NOT_AUDITED
    accepted_right: float = 1.0

    @property
    def accuracy_after(self) -> float:
        """Share of right labels at the end, 0 to 1: those accepted as they are, the others by the expert."""
        return self.accepted * self.accepted_right + 1 - self.accepted


@dataclass(frozen=True, slots=True)
class Simulated:
    """All replays of one policy. `as_dict` is what `labelwright simulate --json` prints."""

    items: int
    policy: str
    target: float
    expert_cost: float
    outcomes: tuple[Outcome, ...]

    def with_outcomes(self, outcomes: Iterable[Outcome]) -> Simulated:
        """The same question with other replays."""
        return replace(self, outcomes=tuple(outcomes))

    @property
    def verdict(self) -> Certification:
        """The verdict of most replays."""
        seen = [o.verdict for o in self.outcomes]
        return max(dict.fromkeys(seen), key=seen.count)

    def costs(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Cost of an item in each replay, in prices of an answer, shape (n_replays,)."""
        return np.array([o.answers + self.expert_cost * (o.gold + o.to_expert) / self.items for o in self.outcomes])

    def mean(self, field: str) -> float:
        """Mean of a field of the outcomes."""
        return float(np.mean([getattr(o, field) for o in self.outcomes]))

    def as_dict(self) -> dict[str, Any]:
        """The keys that scripts rely on, no others."""
        return {
            "items": self.items,
            "policy": self.policy,
            "target": self.target,
            "replays": len(self.outcomes),
            "valid_share": self.mean("valid"),
            "accepted_share": self.mean("accepted"),
            "accepted_none_share": float(np.mean([o.accepted == 0 for o in self.outcomes])),
            "accuracy": self.mean("accuracy"),
            "answers_per_item": self.mean("answers"),
            "cost_per_item": float(self.costs().mean()),
            "cost_all_expert": self.expert_cost,
            "verdict": self.verdict.value,
        }


def interval(values: Sequence[float] | np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, float]:
    """5th and 95th percentile: where nine of ten replays lie."""
    low, high = np.quantile(np.asarray(values, np.float64), [0.05, 0.95])
    return float(low), float(high)


def share_interval(times: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The interval of a share of which ``times`` of ``n`` were seen (Clopper and Pearson 1934), 0 to 1."""
    tail = (1 - confidence) / 2
    low = 0.0 if times == 0 else float(betaincinv(times, n - times + 1, tail))
    high = 1.0 if times == n else float(betaincinv(times + 1, n - times, 1 - tail))
    return low, high
