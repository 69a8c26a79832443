"""The audit that certifies labels: one plan a job, exact for a finite set, with looks that are planned beforehand.

Candidates stand in the order in which their labels would be accepted. The plan takes the first M of them. Gold is
drawn from these M at random and without replacement; after m_1 < m_2 < … items a look is taken, and the set passes at
the first look with at most c_s errors among the m_s. "At least τ of the accepted, unaudited items are right" is then
certified.

Exactness: let the M items hold E errors. A pass at look s is false when more than u_s = ⌊(1 − τ)(M − m_s)⌋ errors are
left among the M − m_s unaudited. The boundaries c_s are the largest for which, **for every E**, the chance of a false
pass by look s is at most the share of α spent by then; the errors seen follow the hypergeometric law, look after look.
With one look this is the test: pass iff max over j ≤ e of P[Hypergeometric(M, j + u + 1, m) ≤ j] ≤ α. Looking more
often than planned is what breaks such a test: here each look has paid for itself.

What chose M, the order or the labels must not be among the gold that certifies. To stop an audit that can hardly pass
any more is always allowed: it only takes passes away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.model.errors import UsageError

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

#: At least this share of the jobs gets no false certificate.
CONFIDENCE = 0.95
# How often an audit is looked at, if nothing else is said.
_LOOKS = 6
# Looks grow with the errors that they bear and so many more: the first bears none and needs its items all the same.
_BESIDE = 3


@dataclass(frozen=True, eq=False)
class AuditPlan:
    """What will be drawn, and what it takes to pass.

    Attributes:
        candidates: M, the first so many candidates in their order are to be accepted.
        looks: audited items at each look, ascending.
        bounds: most errors with which each look passes; -1 where none.
        target: τ.
        alpha: chance of a false pass, at most.
        chance: that each look is the one that passes, as forecast; sums to the forecast of passing.
    """

    candidates: int
    looks: tuple[int, ...]
    bounds: tuple[int, ...]
    target: float
    alpha: float
    chance: tuple[float, ...] = ()

    @property
    def predicted(self) -> float:
        """Forecast chance that the set passes, 0 to 1."""
        return float(sum(self.chance))

    @property
    def expected(self) -> float:
        """Forecast number of labels accepted unseen: none where the audit fails."""
        return float(sum(p * (self.candidates - m) for p, m in zip(self.chance, self.looks, strict=True)))

    def as_dict(self) -> dict[str, Any]:
        """For the store."""
        return {
            "candidates": self.candidates,
            "looks": list(self.looks),
            "bounds": list(self.bounds),
            "target": self.target,
            "alpha": self.alpha,
            "chance": list(self.chance),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> AuditPlan:
        """Back from `as_dict`; what else stands there is left out."""
        named: dict[str, Any] = {f.name: values[f.name] for f in fields(cls) if f.name in values}
        own: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in named.items()}
        return cls(**own)


@dataclass(frozen=True, slots=True)
class AuditResult:
    """How far an audit has come.

    Attributes:
        passed: whether the set is certified; None while items of the next look are missing.
        audited: gold items that count: up to the look that decided.
        errors: wrong labels among them.
    """

    passed: bool | None
    audited: int
    errors: int


def judge(plan: AuditPlan, wrong: Sequence[bool]) -> AuditResult:
    """The result of the audited items so far, in the order in which they were drawn.

    The decision falls at the first look that passes, or where the errors exceed what any later look would bear.
    """
    errors = np.concatenate(([0], np.cumsum(np.asarray(wrong, np.int64)))) if len(wrong) else np.zeros(1, np.int64)
    last = max(plan.bounds)
    for look, bound in zip(plan.looks, plan.bounds, strict=True):
        beyond = np.flatnonzero(errors[: min(look, len(wrong)) + 1] > last)
        if beyond.size:
            return AuditResult(passed=False, audited=int(beyond[0]), errors=int(errors[beyond[0]]))
        if len(wrong) < look:
            return AuditResult(passed=None, audited=len(wrong), errors=int(errors[-1]))
        if errors[look] <= bound:
            return AuditResult(passed=True, audited=look, errors=int(errors[look]))
    return AuditResult(passed=False, audited=plan.looks[-1], errors=int(errors[plan.looks[-1]]))


def plan_for(
    candidates: int,
    most: int,
    target: float,
    *,
    alpha: float = 1 - CONFIDENCE,
    looks: int = _LOOKS,
    first: float = 0.0,
) -> AuditPlan:
    """The plan for a set of that size, with at most so many audited items.

    Args:
        candidates: size of the set, at least 2.
        most: audited items at the last look; capped below the size of the set.
        target: τ, 0 to 1.
        alpha: chance of a false pass that is borne.
        looks: how often the audit is looked at; 1 for the one-shot test.
        first: the first look comes not before this share of ``most``.

    Raises:
        UsageError: the set is too small, or a number lies outside its range.
    """
    _refuse(candidates, most, target, alpha)
    from labelwright.review.compiled_audit import boundaries  # noqa: PLC0415 - numba takes half a second to load

    at = _looks(candidates, min(most, candidates - 1), target, alpha, looks, first)
    bounds = boundaries(candidates, at, target, alpha * _spent(at.size))
    return AuditPlan(candidates, tuple(at.tolist()), tuple(bounds.tolist()), target, alpha)


def _refuse(candidates: int, most: int, target: float, alpha: float) -> None:
    if candidates < 2 or most < 1 or not 0 < target < 1 or not 0 < alpha < 1:
        raise UsageError(
            "An audit needs two candidates, one audited item, and a target and alpha between 0 and 1",
            where=f"candidates={candidates}, most={most}, target={target}, alpha={alpha}",
        )


def plan_by_errors(
    candidates: int, most: int, target: float, *, alpha: float = 1 - CONFIDENCE, looks: int = _LOOKS, power: float = 0.5
) -> AuditPlan | None:
    """The plan that looks where one error more becomes bearable, as early as that may be; None where no look passes.

    Two looks that bear as many errors as each other are one too many: whoever fails the first fails the second, too,
    and what the second might have spent is missing elsewhere. In small sets that is most of the gold.

    Args:
        candidates: size of the set, at least 2.
        most: audited items at the last look; capped below the size of the set.
        target: τ, 0 to 1.
        alpha: chance of a false pass that is borne.
        looks: how often the audit is looked at, at most.
        power: (s / looks) ** power of alpha is spent by look s; a large one keeps it for the late looks.

    Raises:
        UsageError: the set is too small, or a number lies outside its range.
    """
    _refuse(candidates, most, target, alpha)
    from labelwright.review.compiled_audit import allowed, placed  # noqa: PLC0415
    from labelwright.review.compiled_hypergeometric import critical  # noqa: PLC0415

    most = min(most, candidates - 1)
    top = critical(candidates, most, allowed(candidates, most, target), alpha)
    if top < 0:
        return None
    steps = np.geomspace(_BESIDE, top + _BESIDE, looks) - _BESIDE
    errors = np.unique(np.round(steps).astype(np.int64))
    spent = alpha * (np.arange(1, errors.size + 1) / errors.size) ** power
    at = placed(candidates, most, target, spent, errors)
    looked = at > 0
    if not looked.any():
        return None
    return AuditPlan(candidates, tuple(at[looked].tolist()), tuple(errors[looked].tolist()), target, alpha)


def _looks(candidates: int, most: int, target: float, alpha: float, n: int, share: float) -> Counts:
    """Geometric from the fewest items that pass without an error to the most that may be audited."""
    from labelwright.review.compiled_audit import fewest  # noqa: PLC0415

    least = fewest(candidates, most, target, alpha * _spent(n)[0])
    first = most if n == 1 else max(least, round(share * most), 1)
    return np.unique(np.round(np.geomspace(first, most, n)).astype(np.int64))


def _spent(looks: int) -> Floats:
    """Share of alpha that is spent by each look: more of it early, where clean sets pass with the fewest items."""
    return np.asarray(np.sqrt(np.arange(1, looks + 1) / looks))


def chances(plan: AuditPlan, errors: Counts) -> Floats:
    """Chance that each look is the one that passes, for each number of errors in the set; shape (numbers, looks)."""
    from labelwright.review.compiled_audit import passing  # noqa: PLC0415

    looks, bounds = np.array(plan.looks), np.array(plan.bounds)
    return np.stack([passing(plan.candidates, looks, bounds, int(min(e, plan.candidates))) for e in errors])


def forecast(plan: AuditPlan, errors: Counts) -> AuditPlan:
    """The plan with its chances of passing, when the set holds one of these numbers of errors, each as probable."""
    return replace(plan, chance=tuple(chances(plan, errors).mean(axis=0).tolist()))


def chance_left(plan: AuditPlan, believed: Counts, audited: int, errors: int) -> float:
    """Chance that the audit still passes after so many items with so many errors, 0 to 1.

    Where it is small the audit may end: that takes passes away and adds none, so it costs no validity.

    Args:
        plan: the plan.
        believed: numbers of errors in the set that were as probable as each other before the audit.
        audited: items audited so far, no look among them that passed.
        errors: wrong labels among them.
    """
    from labelwright.review.compiled_audit import passing_from  # noqa: PLC0415

    looks, bounds = np.array(plan.looks), np.array(plan.bounds)
    found = [
        passing_from(plan.candidates, looks, bounds, int(min(e, plan.candidates)), audited, errors) for e in believed
    ]
    weight = sum(w for w, _ in found)
    return float(sum(w * p for w, p in found) / weight) if weight > 0 else 0.0
