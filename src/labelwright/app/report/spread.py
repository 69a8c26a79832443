"""How far answers lie apart, by item and by answer, in the manner of each kind of control."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.app.report.cards import likeness
from labelwright.app.report.distances import jaccard, numeric_disagreement, paired
from labelwright.app.report.overlap import Floats, Overlap
from labelwright.app.tables import NUMERIC_KINDS, ControlTable
from labelwright.model.schema import Kind

#: Kinds for which answers are votes: an item without a most frequent answer is contested.
VOTED = frozenset({Kind.CHOICE, Kind.DATETIME, Kind.CHOICES, Kind.TAXONOMY, Kind.PAIRWISE})


@dataclass(frozen=True, eq=False)
class Spread:
    """Arrays in the order of the overlap's codes.

    Attributes:
        disagreement: by item, 0 to 1, NaN below two answers.
        likeness: of each answer to the others', 0 to 1, NaN without others.
        contested: by item.
    """

    disagreement: Floats
    likeness: Floats
    contested: NDArray[np.bool_]


def spread_of(table: ControlTable, overlap: Overlap) -> Spread:
    """By class, by number or by the members of sets."""
    nobody = np.zeros(overlap.coded.n_items, np.bool_)
    if table.control.kind in NUMERIC_KINDS:
        return Spread(numeric_disagreement(overlap), likeness(overlap, numbers=True), nobody)
    contested = overlap.contested if table.control.kind in VOTED else nobody
    if table.sets is not None:
        sets = {(i, a): frozenset(members) for i, a, members in table.sets.iter_rows()}
        return in_order(overlap, *paired(sets, jaccard), contested)
    return Spread(overlap.disagreement, likeness(overlap, numbers=False), contested)


def in_order(
    overlap: Overlap,
    items: Mapping[str, float],
    rows: Mapping[tuple[str, str], float],
    contested: NDArray[np.bool_],
) -> Spread:
    """Values by name to arrays by code."""
    coded = overlap.coded
    item_of, annotator_of = overlap.item_ids, overlap.annotator_ids
    keys = zip(coded.item.tolist(), coded.annotator.tolist(), strict=True)
    return Spread(
        np.array([items.get(i, np.nan) for i in item_of], dtype=np.float64),
        np.array([rows.get((item_of[i], annotator_of[a]), np.nan) for i, a in keys], dtype=np.float64),
        contested,
    )
