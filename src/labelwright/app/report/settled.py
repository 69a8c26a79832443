"""What the label of each item seems to be, which items an expert must look at, and who answers without looking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.app.report.overlap import Overlap
from labelwright.app.report.values import Calibrated, Consensus, ControlCard, DifficultItem, ExpertItem
from labelwright.app.tables import Known
from labelwright.consensus import ConsensusResult, entropies, random_answering, select, select_calibrated
from labelwright.consensus.gold import gold_codes
from labelwright.model.schema import Kind

#: Below this posterior an item that several answered goes to the expert.
UNSURE = 0.8
#: Gold items with answers from which they choose and calibrate.
LEAST_GOLD = 20
_NOTHING = Known()
_KINDS = frozenset({Kind.CHOICE, Kind.PAIRWISE})
#: Cells of the annotators' confusion matrices that are still fitted.
_MOST_CELLS = 20_000_000


def consensus_of(kind: Kind, overlap: Overlap, known: Known = _NOTHING) -> ConsensusResult | None:
    """The estimate of each item's class; None where answers are no single class or there is no overlap."""
    return settled(kind, overlap, known)[0]


def settled(kind: Kind, overlap: Overlap, known: Known) -> tuple[ConsensusResult | None, Calibrated | None]:
    """The estimate of each item's class, and how far its raw posteriors lay from gold.

    Args:
        kind: of the control.
        overlap: the answers.
        known: labels held as truth; with enough gold it chooses the estimator and calibrates its posteriors.
    """
    coded = overlap.apart_from(known.marked)
    too_large = coded.n_annotators * coded.n_classes**2 > _MOST_CELLS
    if kind not in _KINDS or too_large or coded.n_classes < 2 or not overlap.shared.any() or not coded.n_annotations:
        return None, None
    if not known.gold or len(gold_codes(coded, known.gold)) < LEAST_GOLD:
        return select(coded, known.gold or None, held=known.held), None
    found = select_calibrated(coded, known.gold, held=known.held)
    return found.result, Calibrated(found.error_before, found.error_after, found.accuracy, found.n_gold)


def summary_of(result: ConsensusResult, overlap: Overlap, limit: int) -> Consensus:
    """Labels by class, and the items with several answers that stay unsure, the least sure first."""
    codes = result.label_codes
    posterior = result.posterior[np.arange(codes.size), codes]
    unsure = np.flatnonzero(overlap.shared & _unsure(result, overlap))
    first = unsure[np.argsort(posterior[unsure], kind="stable")][:limit]
    n = np.bincount(codes[result.seen], minlength=len(overlap.classes))
    return Consensus(
        method=result.method,
        why=result.why or "",
        distribution=tuple((overlap.classes[k], int(n[k])) for k in np.argsort(-n, kind="stable")),
        n_expert=int(unsure.size),
        expert=tuple(
            ExpertItem(overlap.item_ids[i], overlap.classes[codes[i]], float(posterior[i]), int(overlap.sizes[i]))
            for i in first
        ),
    )


def _unsure(result: ConsensusResult, overlap: Overlap) -> NDArray[np.bool_]:
    """Ties, of votes too, and posteriors below the limit: of few answers a model is surer than it should be."""
    posterior = result.posterior[np.arange(result.label_codes.size), result.label_codes]
    return np.asarray(result.contested | overlap.contested | (posterior < UNSURE))


def with_consensus(
    items: Sequence[DifficultItem], result: ConsensusResult, overlap: Overlap
) -> tuple[DifficultItem, ...]:
    """Difficult items with their consensus and its posterior."""
    wanted = {d.item for d in items}
    at = {name: i for i, name in enumerate(overlap.item_ids) if name in wanted}
    codes, unsure = result.label_codes, _unsure(result, overlap)
    entropy = entropies(result.posterior[list(at.values())]) if at else np.zeros(0)
    sure = dict(zip(at, entropy.tolist(), strict=True))
    return tuple(
        replace(
            d,
            consensus=overlap.classes[codes[at[d.item]]],
            posterior=float(result.posterior[at[d.item], codes[at[d.item]]]),
            expert=bool(unsure[at[d.item]]),
            entropy=sure[d.item],
        )
        for d in items
    )


def with_looks(cards: Sequence[ControlCard], overlap: Overlap) -> list[ControlCard]:
    """Who answers at random or always the same, by a test that minds the size of the team."""
    if overlap.coded.n_classes < 2 or not overlap.shared.any():
        return list(cards)
    tested = random_answering(overlap.coded).filter(pl.col("verdict").is_in(["random", "constant"]))
    found: Mapping[str, str] = {str(who): str(verdict) for who, verdict in tested.select("annotator", "verdict").rows()}
    return [replace(card, looks=found.get(card.annotator)) for card in cards]
