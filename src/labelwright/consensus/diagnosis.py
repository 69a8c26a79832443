"""Has a model collapsed below the majority vote? What can be told with gold, and what without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from labelwright.coding import Names
from labelwright.consensus.gold import Gold, gold_codes
from labelwright.consensus.leave_one_out import against_others
from labelwright.consensus.majority_vote import MajorityVote
from labelwright.consensus.names import named
from labelwright.consensus.result import ConsensusResult

# Thresholds of the signs of collapse; see `diagnose`.
_INVERTED = 0.5
_INFALLIBLE = 0.99
_DOUBTED = 0.6
_ENOUGH = 20
_VANISHED = 0.2
_COMMON = 0.05
_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Whether a consensus looks worse than the majority vote.

    Attributes:
        collapsed: gold shows that it is worse, or (without gold) there is a sign of collapse.
        signs: each in one sentence; empty where all is well.
        overturned: share of the items with one majority class whose label differs from it; None without such items.
        gold_accuracy: of this consensus; None without gold.
        gold_accuracy_majority: of the majority vote on the same items; None without gold.
        p_value: of the exact one-sided sign test that the consensus is worse (McNemar 1947); None without gold.
    """

    collapsed: bool
    signs: tuple[str, ...]
    overturned: float | None
    gold_accuracy: float | None = None
    gold_accuracy_majority: float | None = None
    p_value: float | None = None


def diagnose(result: ConsensusResult, gold: Gold | None = None) -> Diagnosis:
    """Hold a consensus against the majority vote.

    With gold: collapsed where it is worse on the gold items at the 5 % level (exact sign test on the items on which the
    two differ). Without: collapsed where more than half of the clear majorities are overturned; where an annotator is
    believed (skill of 99 % or more over at least 20 answers) with whom the majority of the others agrees on less than
    60 % of their common items; or where a class with at least 5 % of the votes is shown for less than a fifth as many
    items. These are signs, not proof: a crowd in which most are wrong shows them, too.

    Args:
        result: from any estimator.
        gold: item to label, or a DataFrame with columns item and label.
    """
    majority = MajorityVote().fit(result.coded)
    clear = ~majority.contested & (np.diff(result.coded.starts) > 0)
    differs = (result.label_codes != majority.label_codes) & clear
    overturned = float(differs.sum() / clear.sum()) if clear.any() else None
    signs = (*_inverted(overturned), *_infallible(result), *_vanished(result))
    if gold is None:
        return Diagnosis(bool(signs), signs, overturned)
    return _by_gold(result, majority, gold, signs, overturned)


def _by_gold(
    result: ConsensusResult, majority: ConsensusResult, gold: Gold, signs: tuple[str, ...], overturned: float | None
) -> Diagnosis:
    known = gold_codes(result.coded, gold)
    if not len(known):
        return Diagnosis(bool(signs), (*signs, "No gold item has an answer"), overturned)
    right = result.label_codes[known.item] == known.label
    right_majority = majority.label_codes[known.item] == known.label
    better, worse = int((right & ~right_majority).sum()), int((right_majority & ~right).sum())
    p = float(bdtr(better, better + worse, 0.5))
    accuracy, accuracy_majority = float(right.mean()), float(right_majority.mean())
    collapsed = p < _LEVEL
    if collapsed:
        signs = (f"Right on {accuracy:.1%} of the gold items, the majority vote on {accuracy_majority:.1%}", *signs)
    return Diagnosis(collapsed, signs, overturned, accuracy, accuracy_majority, p)


def _inverted(overturned: float | None) -> list[str]:
    if overturned is None or overturned <= _INVERTED:
        return []
    return [f"{overturned:.0%} of the clear majorities are overturned"]


def _infallible(result: ConsensusResult) -> list[str]:
    """Annotators whom the model believes blindly, and the others do not."""
    if result.weights is not None or result.coded.n_classes == 1:
        return []
    coded = result.coded
    rest = against_others(coded)
    n = np.bincount(coded.annotator, weights=rest.usable, minlength=coded.n_annotators)
    equal = np.bincount(coded.annotator, weights=rest.equal, minlength=coded.n_annotators)
    believed = result.right >= _INFALLIBLE * np.maximum(result.answers, 1)
    doubted = believed & (n >= _ENOUGH) & (equal < _DOUBTED * n)
    names = _listed(coded.annotator_names, np.flatnonzero(doubted))
    return [f"Believed nearly always, though the others often disagree: {names}"] if doubted.any() else []


def _vanished(result: ConsensusResult) -> list[str]:
    coded = result.coded
    votes = np.bincount(coded.label, minlength=coded.n_classes) / coded.n_annotations
    shown = np.bincount(result.label_codes[result.seen], minlength=coded.n_classes) / result.seen.size
    gone = (votes >= _COMMON) & (shown < _VANISHED * votes)
    names = _listed(coded.classes, np.flatnonzero(gone))
    return [f"Often voted for, hardly ever shown: {names}"] if gone.any() else []


def _listed(names: Names, codes: NDArray[np.int64], most: int = 5) -> str:
    listed = ", ".join(str(name) for name in named("name", names, codes[:most]).to_list())
    return listed + (f" and {codes.size - most} more" if codes.size > most else "")
