"""One replay's certification: pilot, order of acceptance, audit plan, verdict. The expert is taken to be right."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.app.simulation.collecting import Collected, answers_of, collect_adaptively, collect_more
from labelwright.consensus.refit import dissent, refit
from labelwright.model.certification import Certification
from labelwright.planning import Outcome, Replay
from labelwright.review.ladder import WORTHWHILE, Ladder, best_ladder, climb, expected_by_best
from labelwright.review.ranking import fit_ranker

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
# At a target of .9 so many least sure items go to the expert in any case, and teach; at a stricter one more of them.
_LEAST_SURE = 0.015
_LEAST_SURE_MOST = 100
# Drawn at random, to teach the order and to foresee what can be certified.
_PILOT = 0.02
_PILOT_MOST = 50
# Answers an item before the pilot, and between two looks at whether more of them pay.
_BEFORE_PILOT, _FURTHER = 2.5, 0.5
# By so much one more answer for every item shrinks the share that is not accepted unseen.
_SHRINKS = 0.14
# No item gets more answers than the mean, rounded up, and so many: who is contested then mostly goes to the expert.
_ABOVE_MEAN = 1
# Draws of what is believed about the errors, over which a plan is judged.
_DRAWS = 96
# After so many items it is looked at whether the audit can still pass.
_STEP = 5


@dataclass(frozen=True, eq=False)
class Candidates:
    """Labels that may be accepted, in their order.

    Attributes:
        cumulative: errors expected among the first 1, 2, … of them, one row a draw; shape (draws, n).
        wrong: which of them are; shape (n,).
        pilot: items that an expert labeled to fit the order, beside the least sure.
    """

    cumulative: Floats
    wrong: NDArray[np.bool_]
    pilot: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be certified.

    Attributes:
        target: τ, share of right labels among those accepted unseen.
        expert_cost: price of an expert's label in prices of an answer.
        gold: most items an expert labels for pilot and audit together; capped at a third of the items.
        answers: mean answers an item, at most.
    """

    target: float
    expert_cost: float
    gold: int
    answers: float

    def most(self, n_items: int) -> int:
        """The cap on gold, of so many items."""
        return min(self.gold, n_items // 3)


def certify_replay(replay: Replay, wish: Wish, rng: np.random.Generator) -> Outcome:
    """Answers, pilot, as many answers more as pay, plan, audit.

    Args:
        replay: nothing asked for yet.
        wish: what is to be certified.
        rng: source of randomness.
    """
    found, candidates = collect_candidates(replay, wish, rng)
    most = wish.most(replay.crowd.n_items) - candidates.pilot
    ladder = best_ladder(candidates.cumulative, most, wish.target, pilot=candidates.pilot)
    if ladder is None or ladder.expected < WORTHWHILE * replay.crowd.n_items:
        return _outcome(found, candidates.pilot)
    return _audited(found, candidates, ladder, rng)


def collect_candidates(replay: Replay, wish: Wish, rng: np.random.Generator) -> tuple[Collected, Candidates]:
    """Some answers and a pilot; then further answers as long as they pay, the order of the labels each time anew."""
    n = replay.crowd.n_items
    found = collect_adaptively(replay, min(_BEFORE_PILOT, wish.answers), rng, routed=True)
    known = _piloted(found, min(_PILOT_MOST, round(_PILOT * n), wish.most(n) // 3), rng)
    pilot = int((known >= 0).sum())
    cap = math.ceil(wish.answers) + _ABOVE_MEAN
    while replay.per_item < wish.answers and _pays(_ordered(found, known, pilot, rng), wish, n):
        before = replay.per_item
        found = collect_more(found, min(before + _FURTHER, wish.answers), routed=True, known=known, most=cap)
        if replay.per_item == before:
            break
    return found, _ordered(found, _with_least_sure(found, known, wish.target), pilot, rng)


def _pays(candidates: Candidates, wish: Wish, n_items: int) -> bool:
    """Whether one more answer for every item is worth its price."""
    most = wish.most(n_items) - candidates.pilot
    accepted = expected_by_best(candidates.cumulative, most, wish.target) / n_items
    return wish.expert_cost * (1 - accepted) * _SHRINKS > 1


def _piloted(found: Collected, size: int, rng: np.random.Generator) -> Codes:
    """What an expert says of a pilot, drawn at random; -1 for the other items."""
    truth = found.replay.crowd.truth
    known = np.full(truth.size, -1, np.int32)
    pilot = rng.permutation(truth.size)[:size]
    known[pilot] = truth[pilot]
    return known


def _with_least_sure(found: Collected, known: Codes, target: float) -> Codes:
    """What an expert says of the least sure items, too."""
    free = np.flatnonzero(known < 0)
    low = free[np.argsort(found.fit.posterior[free].max(axis=1), kind="stable")]
    low = low[: min(round(_LEAST_SURE * 0.1 / (1 - target) * known.size), _LEAST_SURE_MOST)]
    both = known.copy()
    both[low] = found.replay.crowd.truth[low]
    return both


def _ordered(found: Collected, known: Codes, pilot: int, rng: np.random.Generator) -> Candidates:
    """The items that no expert has seen, in the order that the others taught."""
    answers = answers_of(found.replay)
    fit = refit(answers, known=known, start=found.fit)
    posterior, against = fit.posterior, dissent(answers, fit)
    seen, items = known >= 0, np.flatnonzero(known < 0)
    wrong = posterior.argmax(axis=1) != found.replay.crowd.truth
    ranker = fit_ranker(posterior[seen], against[seen], ~wrong[seen])
    items = items[np.argsort(-ranker.chance(posterior[items], against[items]), kind="stable")]
    errors = 1 - ranker.draws(posterior[items], against[items], _DRAWS, rng)
    return Candidates(np.cumsum(errors, axis=1), wrong[items], pilot)


def _audited(found: Collected, candidates: Candidates, ladder: Ladder, rng: np.random.Generator) -> Outcome:
    order = rng.permutation(ladder.most).tolist()
    seen: dict[int, bool] = {}
    while not (state := climb(ladder, order, seen)).over:
        seen |= {c: bool(candidates.wrong[c]) for c in state.wanted[:_STEP]}
    gold = candidates.pilot + len(seen)
    if state.passed < 0:
        return _outcome(found, gold)
    plan = ladder.rungs[state.passed]
    unseen = np.ones(plan.candidates, dtype=bool)
    unseen[[c for c in seen if c < plan.candidates]] = False
    return _outcome(found, gold, candidates.wrong[: plan.candidates][unseen], plan.target)


def _outcome(found: Collected, gold: int, wrong: NDArray[np.bool_] | None = None, target: float = 0.0) -> Outcome:
    """``wrong``: which of the accepted labels are; None where none is accepted."""
    accepted = 0 if wrong is None else wrong.size
    share = 1.0 if wrong is None else float(np.mean(~wrong))
    n = found.replay.crowd.n_items
    right = found.fit.posterior.argmax(axis=1) == found.replay.crowd.truth
    return Outcome(
        answers=found.replay.per_item,
        accuracy=float(right.mean()),
        accepted=accepted / n,
        valid=share >= target - 1e-12,
        gold=gold,
        to_expert=n - accepted - gold,
        verdict=Certification.CERTIFIED if accepted else Certification.NOT_CERTIFIABLE,
        accepted_right=share,
    )
