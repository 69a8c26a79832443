"""Fleiss' kappa: any number of annotators, the same number for every item."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from labelwright.agreement import reasons
from labelwright.agreement.interval import Interval, Sampling
from labelwright.agreement.measuring import Prepared, basis_of, no_overlap
from labelwright.agreement.percent import agreeing_share
from labelwright.agreement.result import Agreement
from labelwright.agreement.statistic import Statistic, Sums
from labelwright.coding import Coded, encode

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

NAME = "Fleiss' kappa"


def fleiss_kappa(
    annotations: IntoDataFrame | Coded,
    *,
    interval: Interval | None = None,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Agreement:
    """Fleiss' kappa (Fleiss 1971, Measuring nominal scale agreement among many raters).

    With the share of agreeing pairs P, and p_c the share of class c among all annotations:
    kappa = (P - sum p_c²) / (1 - sum p_c²).

    Items with a single annotation are left out. When the others differ in their number of annotations the measure
    does not apply, and the result says so: Krippendorff's alpha and Gwet's AC1 do.

    Args:
        annotations: DataFrame with columns item, annotator, label, or `Coded`.
        interval: ``bootstrap``, ``bca``, ``analytic`` (Gwet 2014, chapter 5) or None.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the interval.

    Returns:
        The coefficient, at most 1.
    """
    return prepare_fleiss(encode(annotations, named=interval is not None)).result(
        Sampling(interval, replicates, seed, confidence)
    )


def prepare_fleiss(coded: Coded) -> Prepared:
    """Fleiss' kappa of one table as a statistic over its items."""
    patterns = coded.patterns.at_least(2)
    if not patterns.times.size:
        return no_overlap(NAME, coded)
    basis = basis_of(NAME, coded, patterns)
    least, most = int(patterns.sizes.min()), int(patterns.sizes.max())
    if least != most:
        return Prepared(basis, None, reasons.number_varies(least, most))
    features = np.column_stack((np.ones(len(patterns.times)), agreeing_share(patterns), patterns.counts))
    return Prepared(basis, Statistic(features.astype(np.float64), patterns.times, _kappa), reasons.ONE_CLASS)


def _kappa(sums: Sums) -> Sums:
    """From the sums over items of: one, the agreeing share, the counts of each class."""
    chosen = sums[:, 2:]
    total = chosen.sum(axis=1)
    expected = (chosen * chosen).sum(axis=1) / (total * total)
    return np.asarray((sums[:, 1] / sums[:, 0] - expected) / (1 - expected))
