"""How many labels a ladder of audits is expected to accept: climbs that are played with what is believed of the errors.

Only for choosing a ladder before its audit: what certifies is the audit itself, whatever was forecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.review.audit import AuditPlan

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Truths = NDArray[np.bool_]

# Room for chance in how many of an order's first candidates belong to the smallest set.
_ROOM = 1.25


def expected_climb(rungs: Sequence[AuditPlan], errors: Counts, gold: int, rng: np.random.Generator) -> float:
    """Labels accepted unseen by the last set that passes, on average.

    Args:
        rungs: nested sets, the smallest first.
        errors: believed numbers of errors in each set, one row for each draw; shape (n_draws, n_rungs).
        gold: audited items of all sets together, at most.
        rng: source of randomness: one order of audit for each draw.
    """
    orders = _Orders.drawn(rungs, errors, rng)
    accepted: Floats = np.zeros(len(errors))
    climbing: Truths = np.ones(len(errors), dtype=bool)
    for k, plan in enumerate(rungs):
        climbing = orders.pass_rung(plan, k, climbing, gold)
        if not climbing.any():
            break
        seen = (orders.audited & (orders.rung <= k)).sum(axis=1)
        accepted = np.where(climbing, plan.candidates - seen, accepted)
    return float(accepted.mean())


@dataclass(eq=False)
class _Orders:
    """The first candidates of many random orders.

    Attributes:
        rung: the smallest set that holds each; shape (n_draws, n_places).
        wrong: its label is wrong.
        audited: it was audited so far.
    """

    rung: Counts
    wrong: Truths
    audited: Truths

    @classmethod
    def drawn(cls, rungs: Sequence[AuditPlan], errors: Counts, rng: np.random.Generator) -> _Orders:
        sizes = np.array([plan.candidates for plan in rungs])
        most = max(plan.looks[-1] * sizes[-1] / plan.candidates for plan in rungs)
        shape = len(errors), min(int(_ROOM * most) + 1, int(sizes[-1]))
        rung = np.searchsorted(sizes, rng.integers(0, sizes[-1], shape), side="right")
        apart = np.diff(sizes, prepend=0)
        rate = np.clip(np.diff(errors, axis=1, prepend=0) / np.maximum(apart, 1), 0.0, 1.0)
        wrong = rng.random(shape) < np.take_along_axis(rate, rung, axis=1)
        return cls(rung, wrong, np.zeros(shape, dtype=bool))

    def pass_rung(self, plan: AuditPlan, rung: int, climbing: Truths, gold: int) -> Truths:
        """Which of those that climb pass this set too; what they audited for it is noted."""
        inside = self.rung <= rung
        count, bad = inside.cumsum(axis=1), (inside & self.wrong).cumsum(axis=1)
        passed = np.zeros_like(climbing)
        for look, bound in zip(plan.looks, plan.bounds, strict=True):
            last = (count < look).sum(axis=1)
            there = climbing & ~passed & (last < count.shape[1])
            errors = np.take_along_axis(bad, np.minimum(last, count.shape[1] - 1)[:, None], axis=1)[:, 0]
            audited = self.audited | (inside & (count <= look))
            now = there & (errors <= bound) & (audited.sum(axis=1) <= gold)
            self.audited[now] = audited[now]
            passed |= now
        return passed
