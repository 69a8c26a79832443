"""Which estimator to take."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from labelwright.coding import Coded
from labelwright.consensus.anchored_dawid_skene import AnchoredDawidSkene
from labelwright.consensus.calibration import Calibration, calibrate
from labelwright.consensus.dawid_skene import DawidSkene
from labelwright.consensus.diagnosis import diagnose
from labelwright.consensus.glad import GLAD
from labelwright.consensus.gold import Gold, GoldCodes, gold_codes
from labelwright.consensus.held import held_codes
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

    def fit(self, annotations: IntoDataFrame | Coded, gold: Gold | None = None) -> ConsensusResult:
        """Infer labels from annotations; items in ``gold`` are held to theirs."""
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


def select(
    annotations: IntoDataFrame | Coded, gold: Gold | None = None, *, held: Gold | None = None
) -> ConsensusResult:
    """The consensus of the estimator that fits best; `method` names it, `why` says why.

    With at least 20 gold items with answers: the estimator that, without knowing them, is right on most of them; of
    several the first of `CANDIDATES`, the anchored Dawid-Skene. Otherwise the anchored Dawid-Skene; or the majority
    vote, where that one shows signs of collapse (see `diagnose`). Then the chosen estimator is fitted with the known
    labels as truth: they teach it how good each annotator is. Gold used here must not be used again to certify the
    result; to calibrate, see `calibrate`.

    Args:
        annotations: DataFrame with columns item, annotator, label; or a `Coded`.
        gold: item to label, or a DataFrame with columns item and label.
        held: the labels that the fit takes as truth, where these are others than ``gold``: also what an expert was
            asked about, which is harder than the rest and must not choose; or ``{}`` for none.

    Raises:
        DataError: there is no annotation, a column is missing, or a gold item occurs twice.
    """
    coded = annotations_of(annotations)
    known = gold_codes(coded, gold) if gold is not None else None
    if known is None or len(known) < _LEAST_GOLD:
        shortage = "no gold was given" if known is None else f"only {len(known)} gold items have answers"
        chosen, result, why = _robust(coded, shortage)
    else:
        chosen, result, why = _by_gold(coded, known)
    truth = gold if held is None else held
    if truth is None or not len(held_codes(coded, truth)):
        return replace(result, why=why)
    taught = chosen.fit(coded, truth)
    return replace(taught, why=f"{why}; {len(taught.held)} known labels count as truth")


def select_calibrated(annotations: IntoDataFrame | Coded, gold: Gold, *, held: Gold | None = None) -> Calibration:
    """As `select`, with posteriors calibrated on gold, of which at least 10 items must have answers.

    The scaling is learned from the chosen estimator before it knew the gold, and applied to its fit with gold as truth.

    Raises:
        DataError: as `select`; or fewer than 10 gold items have answers.
    """
    coded = annotations_of(annotations)
    found = calibrate(select(coded, gold, held={}), gold)
    truth = gold if held is None else held
    chosen = next(c for c in CANDIDATES if type(c).__name__ == found.result.method)
    taught = chosen.fit(coded, truth) if len(held_codes(coded, truth)) else found.result
    why = f"{found.result.why}; {len(taught.held)} known labels count as truth"
    return replace(found, result=replace(found.applied(taught), why=why)) if taught is not found.result else found


def _by_gold(coded: Coded, known: GoldCodes) -> tuple[Aggregator, ConsensusResult, str]:
    """Who is right on most gold items."""
    results = [candidate.fit(coded) for candidate in CANDIDATES]
    right = [int((result.label_codes[known.item] == known.label).sum()) for result in results]
    best = right.index(max(right))
    others = ", ".join(f"{r.method} {n}" for r, n in zip(results, right, strict=True) if r is not results[best])
    return CANDIDATES[best], results[best], f"Right on {right[best]} of {len(known)} gold items; {others}"


def _robust(coded: Coded, shortage: str) -> tuple[Aggregator, ConsensusResult, str]:
    """The anchored model, unless it collapses."""
    result = AnchoredDawidSkene().fit(coded)
    signs = diagnose(result).signs
    if not signs:
        return AnchoredDawidSkene(), result, f"The robust default, as {shortage}"
    why = f"The majority vote, as {shortage} and the robust default shows signs of collapse: {'; '.join(signs)}"
    return MajorityVote(), MajorityVote().fit(coded), why
