"""One replay's certification: pilot, order of acceptance, audit plan, verdict. The expert is taken to be right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.app.simulation.collecting import Collected, answers_of
from labelwright.consensus.refit import dissent, refit
from labelwright.model.certification import Certification
from labelwright.planning import Outcome
from labelwright.review.ladder import Ladder, best_ladder, climb
from labelwright.review.ranking import fit_ranker

Floats = NDArray[np.float64]
# The least sure items go to the expert in any case, and teach; the pilot is drawn from the others.
_LEAST_SURE = 0.03
_LEAST_SURE_MOST = 100
_PILOT = 0.02
_PILOT_MOST = 50
# Draws of what is believed about the errors, over which a plan is judged.
_DRAWS = 96
# With less than this share of the items expected to be accepted unseen, the audit is not worth its price.
_HOPELESS = 0.1
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


def certify_replay(found: Collected, target: float, gold: int, rng: np.random.Generator) -> Outcome:
    """Pilot, plan, audit.

    Args:
        found: the answers and the fit to them.
        target: τ.
        gold: most items an expert labels for pilot and audit together; capped at a third of the items.
        rng: source of randomness.
    """
    n = found.replay.crowd.n_items
    most = min(gold, n // 3)
    candidates = ordered_candidates(found, most, rng)
    ladder = best_ladder(candidates.cumulative, most - candidates.pilot, target)
    if ladder is None or ladder.expected < _HOPELESS * n:
        return _outcome(found, candidates.pilot)
    return _audited(found, candidates, ladder, rng)


def ordered_candidates(found: Collected, most: int, rng: np.random.Generator) -> Candidates:
    """What an expert says of the least sure items and of a pilot, ``most`` for all gold, fits the order of the rest."""
    crowd = found.replay.crowd
    n = crowd.n_items
    order = np.argsort(found.fit.posterior.max(axis=1), kind="stable")
    n_low = min(round(_LEAST_SURE * n), _LEAST_SURE_MOST)
    pilot = rng.permutation(order[n_low:])[: min(_PILOT_MOST, round(_PILOT * n), most // 3)]
    seen = np.concatenate((order[:n_low], pilot))
    known = np.full(n, -1, np.int32)
    known[seen] = crowd.truth[seen]
    answers = answers_of(found.replay)
    fit = refit(answers, known=known, start=found.fit)
    posterior, against = fit.posterior, dissent(answers, fit)
    wrong = posterior.argmax(axis=1) != crowd.truth
    ranker = fit_ranker(posterior[seen], against[seen], ~wrong[seen])
    items = np.flatnonzero(known < 0)
    items = items[np.argsort(-ranker.chance(posterior[items], against[items]), kind="stable")]
    errors = 1 - ranker.draws(posterior[items], against[items], _DRAWS, rng)
    return Candidates(np.cumsum(errors, axis=1), wrong[items], pilot.size)


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
