"""Precision, recall and F1 of structures, by class; and how well the matched ones fit.

Regions of two annotators are matched optimally (see `labelwright.matching.optimal`) among those of one class whose
similarity meets the criterion. A region with several classes counts once for each. With one annotator held to be right,
precision is the share of the other's regions that are matched and recall the share of the first one's; F1 is the same
whoever is held to be right, and for many true negatives approaches kappa (Hripcsak and Rothschild 2005).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from labelwright.agreement.interval import Interval, Sampling
from labelwright.agreement.result import Agreement, PairAgreement
from labelwright.agreement.structures.pooling import (
    Cells,
    Drawn,
    Ratio,
    StructureAgreement,
    as_fields,
    as_regions,
    cells_of,
    pairs_of,
    pooled,
    ratio_over,
)
from labelwright.matching.arrays import Flags, Ints
from labelwright.matching.drawings import Candidates, Regions
from labelwright.matching.optimal import best, matched
from labelwright.model.errors import UsageError

#: Similarity from which two places are called equal; below 1 only by rounding.
EXACT = 1 - 1e-9
#: Any overlap.
PARTIAL = 0.0

_NOBODY = "nobody drew anything on an item that two annotators answered"


@dataclass(frozen=True, slots=True)
class PairMatch(PairAgreement):
    """F1 of two annotators (``value``), and both directions of it.

    Attributes:
        precision: share of b's regions that a also drew.
        recall: share of a's regions that b also drew.
    """

    precision: Agreement | None = None
    recall: Agreement | None = None


@dataclass(frozen=True, slots=True)
class ClassMatch(Agreement):
    """F1 of one class, pooled.

    Attributes:
        label: name of the class; None for regions without one.
        n_regions: regions of the class on items that two annotators answered.
    """

    label: str | None = None
    n_regions: int = 0


@dataclass(frozen=True, slots=True)
class MatchAgreement(StructureAgreement):
    """F1 pooled over all pairs; pooled precision and recall equal it, for each annotator is right once.

    Attributes:
        at_least: similarity that a match needs.
        n_regions: regions on items that two annotators answered.
        classes: each class by itself.
    """

    at_least: float = 0.0
    n_regions: int = 0
    classes: tuple[ClassMatch, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Regions by class: a region with two classes has two rows.

    Attributes:
        region: region of each row, ascending, shape (rows,).
        label: class of each row, shape (rows,).
        labels: names of the classes.
        cell: cell of each row, shape (rows,).
    """

    region: Ints
    label: Ints
    labels: tuple[str | None, ...]
    cell: Ints


def exact_match(
    drawings: Drawn,
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> MatchAgreement:
    """F1 where place and class are equal. Arguments as for `iou_match`."""
    sampling = Sampling(interval, replicates, seed, confidence)
    return _match(as_regions(drawings), EXACT, "F1, exact", sampling)


def partial_match(
    drawings: Drawn,
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> MatchAgreement:
    """F1 where places share something and the class is equal. Arguments as for `iou_match`."""
    sampling = Sampling(interval, replicates, seed, confidence)
    return _match(as_regions(drawings), PARTIAL, "F1, partial", sampling)


def iou_match(
    drawings: Drawn,
    at_least: float = 0.5,
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> MatchAgreement:
    """F1 where the similarity (IoU; OKS for key points) is at least a threshold and the class is equal.

    Args:
        drawings: what annotators drew on the items that they answered, or the same as `Regions`.
        at_least: least similarity of a match, above 0 and at most 1.
        interval: ``bootstrap``, ``bca``, ``analytic`` (delta method) over items, or None.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the intervals.

    Returns:
        F1 in [0, 1], with ``.pairs``, ``.annotators`` and ``.classes``.

    Raises:
        UsageError: the threshold is out of its range.
    """
    if not 0 < at_least <= 1:
        raise UsageError("A threshold of similarity lies above 0 and at most at 1", where=f"at_least={at_least}")
    sampling = Sampling(interval, replicates, seed, confidence)
    return _match(as_regions(drawings), min(at_least, EXACT), f"F1, IoU ≥ {at_least:g}", sampling)


def mean_iou(
    drawings: Drawn,
    at_least: float = 0.0,
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> StructureAgreement:
    """Mean similarity of the matched regions, whatever their class: how well those fit that both saw.

    Regions that only one annotator drew do not lower it: read it beside an F1. Arguments as for `iou_match`; with
    ``at_least`` 0 any overlap is a match.
    """
    sampling = Sampling(interval, replicates, seed, confidence)
    regions = as_regions(drawings)
    cells, pairs = cells_of(regions), matched(regions, at_least)
    at = cells.pair_of(regions.cell[pairs.left], regions.cell[pairs.right])
    top = np.bincount(at, pairs.similarity, minlength=len(cells.left)).astype(np.float64)
    bottom = np.bincount(at, minlength=len(cells.left)).astype(np.float64)
    ratio = Ratio("mean IoU of matched regions", top, bottom, "no region of one annotator matches another's")
    return pooled(cells, ratio, sampling)


def _match(regions: Regions, at_least: float, name: str, sampling: Sampling) -> MatchAgreement:
    cells, rows = cells_of(regions), _rows(regions)
    pairs = _same_class(regions, rows, at_least)
    pairs = pairs.where(best(pairs, rows.cell, pairs.similarity))
    everything = np.ones(len(rows.region), dtype=bool)
    ratio, sizes = _f1(cells, rows, pairs, everything, name)
    overall = pooled(cells, ratio, sampling)
    return MatchAgreement(
        **as_fields(overall),
        pairs=tuple(_pair(cells, ratio, sizes, sampling, p) for p in zip(overall.pairs, pairs_of(cells), strict=True)),
        annotators=overall.annotators,
        at_least=at_least,
        n_regions=int(_paired(cells)[regions.cell].sum()),
        classes=tuple(_class(cells, rows, pairs, number, (name, sampling)) for number in range(len(rows.labels))),
    )


def _paired(cells: Cells) -> Flags:
    """Whether each cell's item has a second answer."""
    paired = np.zeros(len(cells.item), dtype=bool)
    paired[cells.left] = paired[cells.right] = True
    return paired


def _rows(regions: Regions) -> _Rows:
    """Regions by class; those without a class have the class None."""
    named: list[tuple[str | None, ...]] = [c or (None,) for c in regions.classes]
    codes = {name: code for code, name in enumerate(dict.fromkeys(n for names in named for n in names))}
    region = np.repeat(np.arange(len(named)), [len(names) for names in named]).astype(np.int64)
    label = np.array([codes[n] for names in named for n in names], dtype=np.int64)
    return _Rows(region, label, tuple(codes), regions.cell[region])


def _same_class(regions: Regions, rows: _Rows, at_least: float) -> Candidates:
    """Candidates between rows of one class that meet the threshold."""
    found = regions.candidates.where(regions.candidates.similarity >= at_least)
    first = np.searchsorted(rows.region, np.arange(len(regions.entries)))
    count = np.bincount(rows.region, minlength=len(regions.entries))
    many = count[found.left] * count[found.right]
    source = np.repeat(np.arange(len(many)), many)
    number = np.arange(len(source)) - np.repeat(np.cumsum(many) - many, many)
    wide = count[found.right][source]
    left = first[found.left][source] + number // np.maximum(wide, 1)
    right = first[found.right][source] + number % np.maximum(wide, 1)
    every = Candidates(left, right, found.similarity[source])
    return every.where(rows.label[left] == rows.label[right])


def _f1(cells: Cells, rows: _Rows, pairs: Candidates, mine: Flags, name: str) -> tuple[Ratio, tuple[Ints, Ints]]:
    """F1 over some rows as a ratio, and the regions of either side of each pair of answers."""
    drawn = np.bincount(rows.cell[mine], minlength=len(cells.item))
    sizes = drawn[cells.left], drawn[cells.right]
    kept = mine[pairs.left]
    at = cells.pair_of(rows.cell[pairs.left[kept]], rows.cell[pairs.right[kept]])
    agreed = np.bincount(at, minlength=len(cells.left))
    return Ratio(name, (2 * agreed).astype(np.float64), (sizes[0] + sizes[1]).astype(np.float64), _NOBODY), sizes


def _pair(
    cells: Cells,
    ratio: Ratio,
    sizes: tuple[Ints, Ints],
    sampling: Sampling,
    pair: tuple[PairAgreement, tuple[str, str, Flags]],
) -> PairMatch:
    """F1 of a pair with precision and recall."""
    f1, (a, b, among) = pair
    agreed = ratio.top / 2
    recall = replace(ratio, name=f"recall of {a}", top=agreed, bottom=sizes[0].astype(np.float64))
    precision = replace(ratio, name=f"precision of {b}", top=agreed, bottom=sizes[1].astype(np.float64))
    return PairMatch(
        **as_fields(f1),
        a=a,
        b=b,
        precision=ratio_over(cells, precision, sampling, among),
        recall=ratio_over(cells, recall, sampling, among),
    )


def _class(cells: Cells, rows: _Rows, pairs: Candidates, number: int, how: tuple[str, Sampling]) -> ClassMatch:
    """F1 of one class."""
    mine = rows.label == number
    ratio, _ = _f1(cells, rows, pairs, mine, how[0])
    count = int((mine & _paired(cells)[rows.cell]).sum())
    return ClassMatch(**as_fields(ratio_over(cells, ratio, how[1])), label=rows.labels[number], n_regions=count)
