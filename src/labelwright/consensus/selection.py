"""Which estimator to take."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from labelwright.coding import Coded
from labelwright.consensus.anchored_dawid_skene import AnchoredDawidSkene
from labelwright.consensus.dawid_skene import DawidSkene
from labelwright.consensus.diagnosis import diagnose
from labelwright.consensus.glad import GLAD
from labelwright.consensus.gold import Gold, gold_codes
from labelwright.consensus.mace import MACE
from labelwright.consensus.majority_vote import MajorityVote
from labelwright.consensus.one_coin import OneCoin
from labelwright.consensus.result import ConsensusResult
from labelwright.consensus.table import annotations_of
from labelwright.consensus.wawa import Wawa

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

# With fewer gold items the best of seven is the luckiest of seven.
_LEAST_GOLD = 20


class Aggregator(Protocol):
    """What every estimator of a consensus can do."""

    def fit(self, annotations: IntoDataFrame | Coded) -> ConsensusResult:
        """Infer labels from annotations."""
        ...


#: All estimators with their defaults; the first wins ties.
CANDIDATES: tuple[Aggregator, ...] = (
    AnchoredDawidSkene(),
    DawidSkene(),
    MACE(),
    GLAD(),
    OneCoin(),
    Wawa(),
    MajorityVote(),
)


def select(annotations: IntoDataFrame | Coded, gold: Gold | None = None) -> ConsensusResult:
    """The consensus of the estimator that fits best; `method` names it, `why` says why.

    With at least 20 gold items with answers: the estimator that is right on most of them; of several the first of
    `CANDIDATES`, the anchored Dawid-Skene. Gold used here must not be used again to certify the result. Otherwise the
    anchored Dawid-Skene; or the majority vote, where that one shows signs of collapse (see `diagnose`).

    Args:
        annotations: DataFrame with columns item, annotator, label; or a `Coded`.
        gold: item to label, or a DataFrame with columns item and label.

    Raises:
        DataError: there is no annotation, or a column is missing.
    """
    coded = annotations_of(annotations)
    known = gold_codes(coded, gold) if gold is not None else None
    if known is None or len(known) < _LEAST_GOLD:
        shortage = "no gold was given" if known is None else f"only {len(known)} gold items have answers"
        return _robust(coded, shortage)
    results = [candidate.fit(coded) for candidate in CANDIDATES]
    right = [int((result.label_codes[known.item] == known.label).sum()) for result in results]
    best = right.index(max(right))
    others = ", ".join(f"{r.method} {n}" for r, n in zip(results, right, strict=True) if r is not results[best])
    why = f"Right on {right[best]} of {len(known)} gold items; {others}"
    return replace(results[best], why=why)


def _robust(coded: Coded, shortage: str) -> ConsensusResult:
    result = AnchoredDawidSkene().fit(coded)
    signs = diagnose(result).signs
    if not signs:
        return replace(result, why=f"The robust default, as {shortage}")
    why = f"The majority vote, as {shortage} and the robust default shows signs of collapse: {'; '.join(signs)}"
    return replace(MajorityVote().fit(coded), why=why)
