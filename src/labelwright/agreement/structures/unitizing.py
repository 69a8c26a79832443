"""Krippendorff's alpha for unitizing: agreement on where the units of a continuum lie and of which class they are.

Every section of the continuum counts with its length; the gaps between units are sections of their own value, phi. With
l_ck the observed coincidences (for each ordered pair of m annotators, the length on which one says c and the other k,
over m - 1), l_c their sums and l the sum of all:

    expected  e_ck = l (l_c l_k - [c = k] S_c) / (l² - S),   S = sum of S_c,
    S_c = sum of squared lengths of the units of class c;  S_phi = length of the gaps, in elements of one resolution,
    alpha = 1 - (l - sum l_cc) / (l - sum e_cc).

S_c takes out the pairs of a unit with itself; a gap has no structure, so only its elements are not paired with
themselves. Source: Krippendorff, Mathet, Bouvry and Widlöcher (2016), On the reliability of unitizing textual continua:
Further developments, Quality & Quantity 50; Krippendorff (2019), Content Analysis, 4th edition, section 12.6.3-4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.agreement.interval import Interval, Sampling
from labelwright.agreement.measuring import Basis
from labelwright.agreement.result import Agreement
from labelwright.agreement.statistic import Finish
from labelwright.agreement.structures.continua import (
    NAMELESS,
    Continua,
    Stretches,
    continua_of,
    flattened,
    overlaps,
)
from labelwright.agreement.structures.pooling import NO_OVERLAP, Drawn, as_fields, as_regions
from labelwright.agreement.structures.resampling import measured
from labelwright.matching.arrays import Floats

_ONE_VALUE = "all of every continuum has one value, so that agreement by chance is certain"
_NO_UNITS = "nobody drew a unit on an item that two annotators answered"


@dataclass(frozen=True, slots=True)
class ClassAlpha(Agreement):
    """Alpha of one class: its units against everything else.

    Attributes:
        label: name of the class.
    """

    label: str = ""


@dataclass(frozen=True, slots=True)
class UnitizingAlpha(Agreement):
    """Alpha for unitizing.

    Attributes:
        boundaries: units against gaps, whatever their class (written with a bar before u-alpha in the paper).
        classes: the same for the units of one class against everything else.
    """

    boundaries: Agreement | None = None
    classes: tuple[ClassAlpha, ...] = ()


def unitizing_alpha(
    drawings: Drawn,
    lengths: Mapping[str, float] | None = None,
    interval: Interval | None = None,
    *,
    resolution: float | None = None,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> UnitizingAlpha:
    """Alpha for unitizing of spans, segments or frame ranges (u-alpha, nominal).

    All items are laid end to end as one continuum. Where one annotator's units of different classes overlap, which the
    paper leaves out, the stretch has the set of both classes as its value.

    Args:
        drawings: what annotators drew on the items that they answered, or the same as `Regions`.
        lengths: length of each item (code points, seconds, frames). Where it is not given, an item ends with the last
            unit that anybody drew: gaps behind it are not seen, which lowers alpha.
        interval: ``bootstrap``, ``bca``, ``analytic`` (delta method) over items, or None.
        resolution: length of an element of a gap; None takes 1 for text and frames, 0.001 for segments.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the intervals.

    Returns:
        Alpha, at most 1, with ``.boundaries`` and ``.classes``; items with one answer do not count.
    """
    regions = as_regions(drawings)
    sampling = Sampling(interval, replicates, seed, confidence)
    continua, units = continua_of(regions, lengths or {}, resolution)
    measure = _Measure(continua, regions.dropped, sampling)
    labels = tuple(dict.fromkeys(name for names in regions.classes for name in names))
    boundaries = units.coded([0] * len(units.values), [frozenset({NAMELESS})])
    return UnitizingAlpha(
        **as_fields(measure.alpha("unitizing alpha", units)),
        boundaries=measure.alpha("unitizing alpha, boundaries", boundaries),
        classes=tuple(measure.class_alpha(units, label) for label in labels),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Measure:
    """What all alphas of one table share."""

    continua: Continua
    dropped: int
    sampling: Sampling

    def class_alpha(self, units: Stretches, label: str) -> ClassAlpha:
        """Alpha of one class: the units that hold it."""
        codes = [0 if label in value else -1 for value in units.values]
        alone = units.coded(codes, [frozenset({label})])
        return ClassAlpha(**as_fields(self.alpha(f"unitizing alpha of {label}", alone)), label=label)

    def alpha(self, name: str, units: Stretches) -> Agreement:
        """Alpha of some units."""
        basis = Basis(name, self.continua.n_items, self.continua.n_answers, self.dropped)
        if not self.continua.n_items:
            return basis.undefined(NO_OVERLAP)
        sections = flattened(units)
        features = _features(self.continua, sections)
        undefined = _ONE_VALUE if len(sections.start) else _NO_UNITS
        return measured(basis, features, _finish(float(features[:, 2:].sum())), (self.sampling, undefined))


def _features(continua: Continua, sections: Stretches) -> Floats:
    """For each item S, the sum of the observed diagonal, and the length of gaps and of each value."""
    item, n = continua.item[sections.continuum], continua.n_items
    drawn = np.bincount(sections.continuum, sections.length, len(continua.end)).astype(np.float64)
    gaps = continua.answers * continua.end - drawn
    wide = len(sections.values)
    lengths = np.bincount(item * wide + sections.value, sections.length, n * wide).reshape(n, wide)
    squares = np.bincount(item, sections.length**2, n)
    gap_lengths = np.bincount(continua.item, gaps, n)
    agreed = np.bincount(continua.item, _agreed(continua, sections, drawn), n)
    return np.column_stack([squares + continua.resolution * gap_lengths, agreed, gap_lengths, lengths])


def _agreed(continua: Continua, sections: Stretches, drawn: Floats) -> Floats:
    """Sum of the observed diagonal of each continuum, shape (continua,).

    Two annotators share a gap of end - u_j - u_k + o_jk, u being the length of their units and o what these share.
    """
    overlap, alike = np.zeros(len(continua.end)), np.zeros(len(continua.end))
    for left, right, shared in overlaps(sections, continua):
        at, same = sections.continuum[left], sections.value[left] == sections.value[right]
        overlap += np.bincount(at, shared, len(overlap))
        alike += np.bincount(at[same], shared[same], len(alike))
    others = (continua.answers - 1).astype(np.float64)
    gaps = continua.answers * others * continua.end - 2 * others * drawn + 2 * overlap
    return np.asarray((gaps + 2 * alike) / others)


def _finish(total_length: float) -> Finish:
    """From sums of features to alpha; undefined where chance cannot disagree."""
    least = 1e-12 * total_length

    def finish(sums: NDArray[Any]) -> NDArray[Any]:
        self_pairs, agreed, lengths = sums[:, 0], sums[:, 1], sums[:, 2:]
        total = lengths.sum(axis=1)
        expected = total - total * ((lengths**2).sum(axis=1) - self_pairs) / (total**2 - self_pairs)
        return np.asarray(np.where(expected.real > least, 1 - (total - agreed) / expected, np.nan))

    return finish
