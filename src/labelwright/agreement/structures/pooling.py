"""From what two annotators share on one item to the agreement of all: pooled, by pair, by annotator.

Every measure of structures here is a ratio of two sums over (item, pair of annotators). The items are resampled for the
interval, not the pairs, for the answers to one item hang together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwright.agreement.interval import Sampling
from labelwright.agreement.measuring import Basis
from labelwright.agreement.result import Agreement, PairAgreement
from labelwright.agreement.structures.resampling import measured
from labelwright.matching.arrays import Flags, Floats, Ints
from labelwright.matching.drawings import Drawing, Regions, regions_of

Drawn: TypeAlias = Regions | Iterable[Drawing]

NO_OVERLAP = "no item was answered by two annotators"


@dataclass(frozen=True, slots=True)
class AnnotatorAgreement(Agreement):
    """One annotator against all the others, on the items that they share.

    Attributes:
        annotator: name of the annotator.
    """

    annotator: Any = None


@dataclass(frozen=True, slots=True)
class StructureAgreement(Agreement):
    """An agreement on structures, pooled over all pairs of annotators.

    Attributes:
        pairs: every two annotators who share an item.
        annotators: each annotator against the others.
    """

    pairs: tuple[PairAgreement, ...] = ()
    annotators: tuple[AnnotatorAgreement, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Who answered which item, and all pairs of answers to one item.

    Attributes:
        annotators: ids of the annotators.
        item: item of each cell, ascending, shape (cells,).
        annotator: annotator of each cell, shape (cells,).
        left: the earlier cell of each pair, ascending, shape (pairs,).
        right: the later cell of each pair, shape (pairs,).
        dropped: answers that a later one replaced.
    """

    annotators: tuple[str, ...]
    item: Ints
    annotator: Ints
    left: Ints
    right: Ints
    dropped: int

    def pair_of(self, left: Ints, right: Ints) -> Ints:
        """Row of each pair of cells."""
        wide = len(self.item) + 1
        return np.searchsorted(self.left * wide + self.right, left * wide + right)


def cells_of(regions: Regions) -> Cells:
    """The answers and their pairs."""
    item = regions.cell_item
    ahead = np.searchsorted(item, item, side="right") - np.arange(len(item)) - 1
    left = np.repeat(np.arange(len(item)), ahead)
    right = left + 1 + np.arange(len(left)) - np.repeat(np.cumsum(ahead) - ahead, ahead)
    return Cells(regions.annotators, item, regions.cell_annotator, left, right, regions.dropped)


def as_regions(drawings: Drawn) -> Regions:
    """Drawings laid out as a table, unless they are already."""
    return drawings if isinstance(drawings, Regions) else regions_of(drawings)


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """What is summed: a numerator and a denominator for each pair of answers, each of shape (pairs,)."""

    name: str
    top: Floats
    bottom: Floats
    undefined: str


def _quotient(sums: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(sums[:, 0] / sums[:, 1])


def ratio_over(cells: Cells, ratio: Ratio, sampling: Sampling, among: Flags | None = None) -> Agreement:
    """The ratio of the sums over some of the pairs of answers (None: all)."""
    rows = np.arange(len(cells.left)) if among is None else np.flatnonzero(among)
    answers = np.unique(np.concatenate([cells.left[rows], cells.right[rows]]))
    items, at = np.unique(cells.item[cells.left[rows]], return_inverse=True)
    basis = Basis(ratio.name, len(items), len(answers), cells.dropped)
    if not len(rows):
        return basis.undefined(NO_OVERLAP)
    sums = [np.bincount(at, part[rows], minlength=len(items)) for part in (ratio.top, ratio.bottom)]
    return measured(basis, np.stack(sums, axis=1), _quotient, (sampling, ratio.undefined))


def pooled(cells: Cells, ratio: Ratio, sampling: Sampling) -> StructureAgreement:
    """The agreement of all, of each pair and of each annotator."""
    one, two = cells.annotator[cells.left], cells.annotator[cells.right]
    people = range(len(cells.annotators))
    against = [(p, ratio_over(cells, ratio, sampling, (one == p) | (two == p))) for p in people]
    return StructureAgreement(
        **as_fields(ratio_over(cells, ratio, sampling)),
        pairs=tuple(
            PairAgreement(**as_fields(ratio_over(cells, ratio, sampling, rows)), a=a, b=b)
            for a, b, rows in pairs_of(cells)
        ),
        annotators=tuple(AnnotatorAgreement(**as_fields(m), annotator=cells.annotators[p]) for p, m in against),
    )


def pairs_of(cells: Cells) -> Iterable[tuple[str, str, Flags]]:
    """Every two annotators who share an item, and which pairs of answers are theirs (the earlier one's left)."""
    code = cells.annotator[cells.left] * len(cells.annotators) + cells.annotator[cells.right]
    for number in np.unique(code).tolist():
        a, b = divmod(number, len(cells.annotators))
        yield cells.annotators[a], cells.annotators[b], code == number


def as_fields(measured: Agreement) -> dict[str, Any]:
    """The fields of an agreement, to make a richer one of them."""
    return {f.name: getattr(measured, f.name) for f in fields(Agreement)}
