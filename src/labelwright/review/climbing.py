"""How many labels a ladder of audits is expected to accept: it is played with what is believed of the errors.

Only for choosing where a ladder starts and whether it is climbed further: what certifies is the audit itself. To stop
takes passes away and adds none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.review.audit import AuditPlan

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Truths = NDArray[np.bool_]

# Room for chance in how many of an order's first candidates belong to a set.
_ROOM = 1.25
# A rate of errors is never quite none or all.
_LEAST_RATE = 1e-4


def expected_climb(
    rungs: Sequence[AuditPlan],
    errors: Counts,
    order: Counts,
    rng: np.random.Generator,
    *,
    gold: float = np.inf,
    at: int = 0,
    seen: Mapping[int, bool] | None = None,
) -> Floats:
    """Labels accepted unseen on average when the audit ends now, and when it climbs to each set from ``at`` on.

    Args:
        rungs: nested sets, the smallest first.
        errors: believed numbers of errors in each set before the audit, one row for each draw; (n_draws, n_rungs).
        order: candidates of the largest set in the order of the audit.
        rng: source of randomness: which of the labels that nobody has audited are wrong.
        gold: audited items of all sets together, at most.
        at: the set that is audited; those before it have passed.
        seen: whether the label of each audited candidate is wrong.

    Returns:
        shape (n_rungs - at + 1,); the first is for ending now. Sets that no draw reaches repeat the one before.
    """
    audit = _Audit.played(rungs, errors, order[: _reach(rungs[at:], rungs[-1].candidates, seen or {})], seen or {}, rng)
    base = np.bincount(audit.rung[audit.known], minlength=len(rungs))
    audited = np.tile(base, (len(errors), 1))
    accepted: Floats = np.full(len(errors), float(rungs[at - 1].candidates - base[:at].sum()) if at else 0.0)
    climbing: Truths = np.ones(len(errors), dtype=bool)
    found = [float(accepted @ audit.weight)]
    for k in range(at, len(rungs)):
        passed, reached = audit.decided(rungs[k], k)
        audited[climbing, : k + 1] = np.maximum(audited[:, : k + 1], reached)[climbing]
        passed &= audited.sum(axis=1) <= gold
        for now, size in ((climbing & ~passed, k), (climbing & passed, k + 1)):
            below = rungs[size - 1].candidates if size else 0
            accepted[now] = below - audited[now, :size].sum(axis=1)
        climbing &= passed
        found.append(float(accepted @ audit.weight))
    return np.array(found)


def _reach(rungs: Sequence[AuditPlan], most: int, seen: Mapping[int, bool]) -> int:
    """Places of the order that the audits of these sets may need."""
    return max(len(seen), *(int(_ROOM * plan.looks[-1] * most / plan.candidates) + 1 for plan in rungs))


@dataclass(frozen=True, eq=False)
class _Audit:
    """The audit so far, and many ways in which it may go on.

    Attributes:
        rung: the smallest set that holds each place of the order; shape (n_places,).
        known: whether it was audited.
        wrong: whether its label is wrong, as seen or as played; shape (n_draws, n_places).
        weight: how probable each draw is after what was seen; shape (n_draws,), sums to 1.
    """

    rung: Counts
    known: Truths
    wrong: Truths
    weight: Floats

    @classmethod
    def played(
        cls,
        rungs: Sequence[AuditPlan],
        errors: Counts,
        order: Counts,
        seen: Mapping[int, bool],
        rng: np.random.Generator,
    ) -> _Audit:
        sizes = np.array([plan.candidates for plan in rungs])
        rung = np.searchsorted(sizes, order, side="right")
        known = np.array([c in seen for c in order.tolist()], dtype=bool)
        bad = np.array([seen.get(c, False) for c in order.tolist()], dtype=bool)
        apart = np.maximum(np.diff(sizes, prepend=0), 1)
        rate = np.clip(np.diff(errors, axis=1, prepend=0) / apart, _LEAST_RATE, 1 - _LEAST_RATE)
        wrong = np.where(known, bad, rng.random((len(errors), rung.size)) < rate[:, rung])
        n, e = (np.bincount(rung[which], minlength=sizes.size) for which in (known, known & bad))
        told = np.log(rate) @ e + np.log1p(-rate) @ (n - e)
        weight = np.exp(told - told.max())
        return cls(rung, known, wrong, weight / weight.sum())

    def decided(self, plan: AuditPlan, rung: int) -> tuple[Truths, Counts]:
        """Which draws pass this set, and of each smaller set what its own audit takes, shape (n_draws, rung + 1)."""
        places = np.flatnonzero(self.rung <= rung)
        errors = np.cumsum(self.wrong[:, places], axis=1)
        looks = np.array(plan.looks)
        passes = errors[:, np.minimum(looks, places.size) - 1] <= np.array(plan.bounds)
        passes &= looks <= places.size
        passed: Truths = np.asarray(passes.any(axis=1))
        failed = np.minimum((errors <= max(plan.bounds)).sum(axis=1) + 1, looks[-1])
        last = np.minimum(np.where(passed, looks[passes.argmax(axis=1)], failed), places.size)
        within = np.cumsum(self.rung == np.arange(rung + 1)[:, None], axis=1)
        return passed, within[:, places[last - 1]].T
