"""One replay's certification: pilot, order of acceptance, audit plan, verdict. The expert is taken to be right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.app.simulation.collecting import Collected, answers_of
from labelwright.consensus.refit import refit
from labelwright.model.certification import Certification
from labelwright.planning import Outcome
from labelwright.review.ladder import Ladder, best_ladder, climb
from labelwright.review.ranking import fit_ranker

Counts = NDArray[np.int64]
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
class _Candidates:
    """Items whose labels may be accepted, in their order; errors expected among the first so many; which are wrong."""

    items: Counts
    cumulative: Floats
    wrong: NDArray[np.bool_]


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
    order = np.argsort(found.fit.posterior.max(axis=1), kind="stable")
    n_low = min(round(_LEAST_SURE * n), _LEAST_SURE_MOST)
    pilot = rng.permutation(order[n_low:])[: min(_PILOT_MOST, round(_PILOT * n), most // 3)]
    candidates = _candidates(found, order[:n_low], pilot, rng)
    ladder = best_ladder(candidates.cumulative, most - pilot.size, target)
    if ladder is None or ladder.expected < _HOPELESS * n:
        return _outcome(found, pilot.size)
    return _audited(found, candidates, ladder, pilot.size, rng)


def _candidates(found: Collected, low: Counts, pilot: Counts, rng: np.random.Generator) -> _Candidates:
    crowd = found.replay.crowd
    seen = np.concatenate((low, pilot))
    known = np.full(crowd.n_items, -1, np.int32)
    known[seen] = crowd.truth[seen]
    posterior = refit(answers_of(found.replay), known=known, start=found.fit).posterior
    wrong = posterior.argmax(axis=1) != crowd.truth
    ranker = fit_ranker(posterior[seen], ~wrong[seen])
    items = np.flatnonzero(known < 0)
    items = items[np.argsort(-ranker.chance(posterior[items]), kind="stable")]
    errors = 1 - ranker.draws(posterior[items], _DRAWS, rng)
    return _Candidates(items, np.cumsum(errors, axis=1), wrong[items])


def _audited(
    found: Collected, candidates: _Candidates, ladder: Ladder, pilot: int, rng: np.random.Generator
) -> Outcome:
    order = rng.permutation(ladder.most).tolist()
    seen: dict[int, bool] = {}
    while not (state := climb(ladder, order, seen)).over:
        seen |= {c: bool(candidates.wrong[c]) for c in state.wanted[:_STEP]}
    gold = pilot + len(seen)
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
