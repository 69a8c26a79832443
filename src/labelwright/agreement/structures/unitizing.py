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
from labelwright.agreement.structures.continua import Continuum, continua_of
from labelwright.agreement.structures.pooling import NO_OVERLAP, Drawn, as_fields, as_regions
from labelwright.agreement.structures.resampling import measured
from labelwright.matching.drawings import Regions

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
    continua = continua_of(regions, lengths or {}, resolution)
    labels = tuple(dict.fromkeys(name for names in regions.classes for name in names))
    boundaries = [c.recoded(lambda _: frozenset({""})) for c in continua]
    return UnitizingAlpha(
        **as_fields(_alpha("unitizing alpha", regions, continua, sampling)),
        boundaries=_alpha("unitizing alpha, boundaries", regions, boundaries, sampling),
        classes=tuple(_class_alpha(regions, continua, label, sampling) for label in labels),
    )


def _class_alpha(regions: Regions, continua: list[Continuum], label: str, sampling: Sampling) -> ClassAlpha:
    alone = frozenset({label})
    recoded = [c.recoded(lambda value: alone & value) for c in continua]
    return ClassAlpha(**as_fields(_alpha(f"unitizing alpha of {label}", regions, recoded, sampling)), label=label)


def _alpha(name: str, regions: Regions, continua: list[Continuum], sampling: Sampling) -> Agreement:
    """Alpha over continua; the features of an item are S, the diagonal, and the length of each value."""
    items = {item: row for row, item in enumerate(dict.fromkeys(c.item for c in continua))}
    answers = int(np.isin(regions.cell_item, list(items)).sum())
    basis = Basis(name, len(items), answers, regions.dropped)
    if not continua:
        return basis.undefined(NO_OVERLAP)
    values = {value: at for at, value in enumerate(dict.fromkeys(v for c in continua for v in c.values()))}
    features = np.zeros((len(items), 2 + len(values)))
    for continuum in continua:
        row = features[items[continuum.item]]
        row[0] += continuum.self_pairs()
        row[1] += continuum.agreed()
        for section in continuum.sections():
            row[2 + values[section.value]] += section.length
    undefined = _ONE_VALUE if any(values) else _NO_UNITS
    return measured(basis, features, _finish(continua), (sampling, undefined))


def _finish(continua: list[Continuum]) -> Finish:
    """From sums of features to alpha; undefined where chance cannot disagree."""
    least = 1e-12 * sum(section.length for c in continua for section in c.sections())

    def finish(sums: NDArray[Any]) -> NDArray[Any]:
        self_pairs, agreed, lengths = sums[:, 0], sums[:, 1], sums[:, 2:]
        total = lengths.sum(axis=1)
        expected = total - total * ((lengths**2).sum(axis=1) - self_pairs) / (total**2 - self_pairs)
        return np.asarray(np.where(expected.real > least, 1 - (total - agreed) / expected, np.nan))

    return finish
