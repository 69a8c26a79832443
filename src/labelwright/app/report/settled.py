"""What the label of each item seems to be, which items an expert must look at, and who answers without looking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from labelwright.app.report.overlap import Overlap
from labelwright.app.report.values import Consensus, ControlCard, DifficultItem, ExpertItem
from labelwright.consensus import ConsensusResult, random_answering, select
from labelwright.model.schema import Kind

#: Below this posterior an item that several answered goes to the expert.
UNSURE = 0.8
_KINDS = frozenset({Kind.CHOICE, Kind.PAIRWISE})
#: Cells of the annotators' confusion matrices that are still fitted.
_MOST_CELLS = 20_000_000


def consensus_of(kind: Kind, overlap: Overlap) -> ConsensusResult | None:
    """The robust estimate of each item's class; None where answers are no single class or there is no overlap."""
    coded = overlap.coded
    too_large = coded.n_annotators * coded.n_classes**2 > _MOST_CELLS
    if kind not in _KINDS or too_large or coded.n_classes < 2 or not overlap.shared.any():
        return None
    return select(coded)


def summary_of(result: ConsensusResult, overlap: Overlap, limit: int) -> Consensus:
    """Labels by class, and the items with several answers that stay unsure, the least sure first."""
    codes = result.label_codes
    posterior = result.posterior[np.arange(codes.size), codes]
    unsure = np.flatnonzero(overlap.shared & (result.contested | (posterior < UNSURE)))
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


def with_consensus(
    items: Sequence[DifficultItem], result: ConsensusResult, overlap: Overlap
) -> tuple[DifficultItem, ...]:
    """Difficult items with their consensus and its posterior."""
    wanted = {d.item for d in items}
    at = {name: i for i, name in enumerate(overlap.item_ids) if name in wanted}
    codes = result.label_codes
    return tuple(
        replace(
            d,
            consensus=overlap.classes[codes[at[d.item]]],
            posterior=float(result.posterior[at[d.item], codes[at[d.item]]]),
            expert=bool(result.contested[at[d.item]] or result.posterior[at[d.item], codes[at[d.item]]] < UNSURE),
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
