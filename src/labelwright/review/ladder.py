"""Nested sets of labels, each with its own audit plan: when the surest pass, a larger set is tried with the same gold.

The sets S_1 ⊂ S_2 ⊂ … and their plans are fixed before the first item is audited, and one random order of the largest
set is drawn. The audit of S_k takes the items of S_k in that order, so what was audited for a smaller set counts for a
larger one, too, and is for each a random sample without replacement. S_k is tried at the full α only when S_1 … S_{k−1}
have passed (a fixed sequence, W. Maurer, L. Hothorn, W. Lehmacher 1995): let S_j be the first set that misses the
target. Some false certificate needs S_j to pass, and its plan lets that happen in at most α of the jobs.

Which items are audited next, and whether one goes on at all, may depend on everything seen so far: a look counts only
when the whole of its sample is there, and all looks are paid for in the plan.

What passed is S_k without the items that were audited until then. Items of it that an expert saw later, on the way to a
larger set, are right for sure and are not counted as accepted unseen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.review.audit import CONFIDENCE, AuditPlan, chance_left, chances, plan_by_errors, plan_for
from labelwright.review.climbing import expected_climb

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

#: With less than this share of the items expected to be accepted unseen, no audit is begun. The share is small: what a
#: failed audit took from the experts would have gone to them anyway.
WORTHWHILE = 0.01
# Sizes of the sets, as shares of the candidates, and the smallest that is worth an audit.
_SHARES = np.arange(0.1, 1.0001, 0.1)
_SMALLEST = 15
# A larger set is looked at more often: most of what its looks need is there already.
_LOOKS_ABOVE, _FIRST_ABOVE = 7, 0.1
# Its sample is not quite that of the smaller sets: a part of the gold is kept for what they have apart.
_SHARED = 0.95
# The first set is given up below this chance: little is lost with the first items, more with later ones.
_GIVE_UP, _GIVE_UP_LATER, _LATER = 0.02, 0.15, 80
# A hundred labels of an expert, the pilot's among them, are the trial of a crowd: who has not passed by then goes on
# only with this chance.
_TRIAL, _AFTER_TRIAL = 100, 0.3
# A ladder starts at the set that is best by itself or up to so many steps below it, and not above this share of the
# candidates: from there it is climbed at little cost, and the least sure of them hold more errors than was believed.
_LOWER = 3
_HIGHEST_START = 0.75
# Numbers of looks that are tried, and how many sizes about a set's own; sets that bear more errors hardly differ.
_LOOKS_TRIED = (4, 6, 8)
_PHASES, _SMOOTH = 6, 100
# How late α is spent, where a look stands wherever one error more becomes bearable.
_POWERS = (0.5, 1.0, 2.0)
# So many labels, as a share of the candidates, is it worth that a set passes: larger ones may follow.
_GATE = 0.5
# Of what is played to compare starts, and whether to go on: all of them meet the same.
_SEED = 0


@dataclass(frozen=True, eq=False)
class Ladder:
    """Sets to be tried, from the smallest.

    Attributes:
        rungs: their plans; each set holds the one before it.
        errors: numbers of errors in each set that were as probable as each other before the audit, by rung.
        predicted: forecast chance that the first passes, 0 to 1.
        expected: forecast number of labels accepted unseen by the set that is best by itself.
        gold: audited items of all sets together, at most; None: no cap.
        trial: after so many audited items the first set needs a better chance to be audited further; None: never.
    """

    rungs: tuple[AuditPlan, ...]
    errors: tuple[tuple[int, ...], ...]
    predicted: float
    expected: float
    gold: int | None = None
    trial: int | None = None

    @property
    def most(self) -> int:
        """Candidates of the largest set."""
        return self.rungs[-1].candidates

    def as_dict(self) -> dict[str, Any]:
        """For the store: the first plan, and all of them."""
        own: dict[str, Any] = {"predicted": self.predicted, "expected": self.expected, "gold": self.gold}
        own["trial"] = self.trial
        own["believed"] = [list(e) for e in self.errors]
        return {**self.rungs[0].as_dict(), **own, "rungs": [r.as_dict() for r in self.rungs]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Ladder:
        """Back from `as_dict`; a plan of one set is a ladder of one rung."""
        rungs = tuple(AuditPlan.from_dict(v) for v in values.get("rungs", [values]))
        errors = tuple(tuple(e) for e in values.get("believed", [()] * len(rungs)))
        predicted = values.get("predicted", rungs[0].predicted)
        expected = values.get("expected", rungs[0].expected)
        return cls(rungs, errors, predicted, expected, values.get("gold"), values.get("trial"))


@dataclass(frozen=True, slots=True)
class Climb:
    """How far an audit has come.

    Attributes:
        passed: the largest set that is certified, by its place in the ladder; -1: none.
        wanted: candidates that are to be audited next, in order; empty when the audit is over.
    """

    passed: int
    wanted: tuple[int, ...] = ()

    @property
    def over(self) -> bool:
        """Nothing is left to audit."""
        return not self.wanted


def climb(ladder: Ladder, order: Sequence[int], wrong: Mapping[int, bool]) -> Climb:
    """The largest set that passes so far, and what is to be audited next.

    An audit ends early where its set can hardly pass any more: that takes passes away and adds none.

    Args:
        ladder: the sets.
        order: candidates of the largest set in the order of the audit, at random.
        wrong: whether each audited candidate's label is wrong.
    """
    places = np.asarray(order, np.int64)
    for k, plan in enumerate(ladder.rungs):
        sample = places[places < plan.candidates][: plan.looks[-1]].tolist()
        verdict = _look(plan, sample, wrong)
        if isinstance(verdict, tuple) and _goes_on(ladder, k, places, wrong):
            return Climb(k - 1, verdict[: _left(ladder, len(wrong))])
        if verdict is not True:
            return Climb(k - 1)
    return Climb(len(ladder.rungs) - 1)


def _left(ladder: Ladder, audited: int) -> int | None:
    """How many items may be asked for at once: up to the cap on gold, and first up to the end of the trial."""
    ends = [] if ladder.gold is None else [max(ladder.gold - audited, 0)]
    if ladder.trial is not None and audited < ladder.trial:
        ends.append(ladder.trial - audited)
    return min(ends, default=None)


def _look(plan: AuditPlan, sample: Sequence[int], wrong: Mapping[int, bool]) -> bool | tuple[int, ...]:
    """Whether the set passes, or what must be audited to tell."""
    for look, bound in zip(plan.looks, plan.bounds, strict=True):
        missing = tuple(c for c in sample[:look] if c not in wrong)
        errors = sum(wrong.get(c, False) for c in sample[:look])
        if errors > max(plan.bounds):
            return False
        if missing:
            return missing
        if errors <= bound:
            return True
    return False


def _known(sample: Sequence[int], wrong: Mapping[int, bool]) -> tuple[int, int]:
    """Of the sample how many of the first are audited, and the errors among them."""
    audited = next((k for k, c in enumerate(sample) if c not in wrong), len(sample))
    return audited, sum(wrong[c] for c in sample[:audited])


def _goes_on(ladder: Ladder, rung: int, order: Counts, wrong: Mapping[int, bool]) -> bool:
    """Whether the first set may still pass, or a larger one brings more than its audits take from the smaller."""
    if not ladder.errors[rung]:
        return True
    errors = np.array(ladder.errors, np.int64).T
    if rung == 0:
        plan = ladder.rungs[0]
        return _first_goes_on(plan, errors[:, 0], order[order < plan.candidates].tolist(), wrong, ladder.trial)
    gold = np.inf if ladder.gold is None else ladder.gold
    rng = np.random.default_rng(_SEED)
    expected = expected_climb(ladder.rungs, errors, order, rng, gold=gold, at=rung, seen=wrong)
    return bool(expected[1:].max() > expected[0])


def _first_goes_on(
    plan: AuditPlan, believed: Counts, sample: Sequence[int], wrong: Mapping[int, bool], trial: int | None
) -> bool:
    """Whether the first set still has the chance that is asked for, and had it at the end of the trial."""
    known = _known(sample[: plan.looks[-1]], wrong)
    if trial is not None and known[0] >= trial:
        then = sum(wrong[c] for c in sample[:trial])
        if chance_left(plan, believed, trial, then) < _AFTER_TRIAL:
            return False
    return chance_left(plan, believed, *known) >= (_GIVE_UP if known[0] < _LATER else _GIVE_UP_LATER)


def best_ladder(
    cumulative: Floats, most: int, target: float, *, alpha: float = 1 - CONFIDENCE, pilot: int = 0
) -> Ladder | None:
    """The set that is expected to accept the most labels unseen, and larger ones above it; None where none can pass.

    Args:
        cumulative: expected errors among the first 1, 2, … candidates in their order, one row for each draw of what is
            believed about them; shape (n_draws, n_candidates).
        most: audited items, at most.
        target: τ.
        alpha: chance of a false certificate that is borne.
        pilot: labels of an expert that fitted the order: they count for the trial.
    """
    singles = _singles(cumulative, most, target, alpha)
    if not singles:
        return None
    n = cumulative.shape[1]
    best = max(range(len(singles)), key=lambda k: singles[k].worth)
    highest = max(sum(s.plan.candidates <= _HIGHEST_START * n for s in singles) - 1, 0)
    lowest = max(min(best, highest) - _LOWER, 0)
    fitted = [_tuned(cumulative, s.plan, most, _LOOKS_TRIED) for s in singles[lowest : min(best, highest) + 1]]
    kept = max(round(_SHARED * most), 1)
    above = [_tuned(cumulative, s.plan, kept, (_LOOKS_ABOVE,), _FIRST_ABOVE) for s in singles[lowest + 1 :]]

    def ladder(at: int) -> list[_Single]:
        return [fitted[at], *above[at:]]

    def climbed(at: int) -> float:
        rng, sets = np.random.default_rng(_SEED), ladder(at)
        order = rng.permutation(sets[-1].plan.candidates)
        errors = np.stack([s.errors for s in sets], axis=1)
        return float(expected_climb([s.plan for s in sets], errors, order, rng, gold=most).max())

    climbs = [climbed(at) for at in range(len(fitted))]
    sets = ladder(max(range(len(fitted)), key=lambda k: (climbs[k], k)))
    first = replace(sets[0].plan, chance=tuple(sets[0].chance.mean(axis=0).tolist()))
    return Ladder(
        (first, *(s.plan for s in sets[1:])),
        tuple(tuple(s.errors.tolist()) for s in sets),
        first.predicted,
        max(s.worth for s in [singles[best], *fitted]),
        most,
        _TRIAL - pilot if pilot < _TRIAL else None,
    )


def expected_by_best(cumulative: Floats, most: int, target: float, *, alpha: float = 1 - CONFIDENCE) -> float:
    """Labels that the set that is best by itself is expected to accept unseen; 0 where none can pass.

    The arguments are those of `best_ladder`.
    """
    return max((s.worth for s in _singles(cumulative, most, target, alpha)), default=0.0)


@dataclass(frozen=True, eq=False)
class _Single:
    """A set by itself.

    Attributes:
        plan: its audit.
        errors: believed numbers of errors, one for each draw; shape (n_draws,).
        chance: that each look is the one that passes, shape (n_draws, n_looks).
    """

    plan: AuditPlan
    errors: Counts
    chance: Floats

    @classmethod
    def of(cls, cumulative: Floats, plan: AuditPlan) -> _Single:
        errors = np.round(cumulative[:, plan.candidates - 1]).astype(np.int64)
        return cls(plan, errors, chances(plan, errors))

    @cached_property
    def worth(self) -> float:
        """Labels that it is expected to accept unseen."""
        return float((self.chance @ (self.plan.candidates - np.array(self.plan.looks))).mean())


def _singles(cumulative: Floats, most: int, target: float, alpha: float) -> list[_Single]:
    """Each set that can pass."""
    sizes = np.unique(np.round(cumulative.shape[1] * _SHARES).astype(np.int64))
    sizes = sizes[(sizes >= _SMALLEST) & (sizes > 1)] if most > 0 else sizes[:0]
    plans = [plan_for(size, most, target, alpha=alpha) for size in sizes.tolist()]
    return [_Single.of(cumulative, p) for p in plans if max(p.bounds) >= 0]


def _tuned(cumulative: Floats, plan: AuditPlan, most: int, looks: Sequence[int], first: float = 0.0) -> _Single:
    """A set of about that size, with the size and the looks that suit whole numbers of errors best.

    How many errors the unaudited labels may hold is a whole number: a set that is by one label larger may bear one
    more of them at every look. In small sets that is much. Who passes may climb, and that counts, too.
    """
    n = cumulative.shape[1]
    sizes, small = {plan.candidates}, (1 - plan.target) * plan.candidates <= _SMOOTH
    if small:
        period = min(1 / (1 - plan.target), _SHARES[0] * n - 1, plan.candidates - _SMALLEST + 1)
        sizes = {min(plan.candidates + int(period * (k / (_PHASES - 1) - 0.5)), n) for k in range(_PHASES)}
    found = [
        _Single.of(cumulative, p)
        for size in sorted(sizes)
        for p in _plans(size, most, (plan.target, plan.alpha), tuple(looks), first, small)
    ]
    return max(found, key=lambda s: s.worth + _GATE * n * float(s.chance.sum(axis=1).mean()))


@lru_cache(maxsize=4096)
def _plans(
    size: int, most: int, wish: tuple[float, float], looks: tuple[int, ...], first: float, small: bool
) -> tuple[AuditPlan, ...]:
    """Plans that are tried for a set of that size; ``wish`` is τ and α. They do not depend on what is believed."""
    target, alpha = wish
    plain = [plan_for(size, most, target, alpha=alpha, looks=n, first=first) for n in looks]
    powers = () if not small else _POWERS if first == 0 else _POWERS[:1]
    placed = [plan_by_errors(size, most, target, alpha=alpha, looks=max(looks), power=p) for p in powers]
    return (*plain, *(p for p in placed if p is not None))
