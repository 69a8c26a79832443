"""Percent agreement: the share of pairs of annotations of an item that agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from labelwright.agreement import reasons
from labelwright.agreement.interval import Interval, Sampling
from labelwright.agreement.measuring import Prepared, basis_of, no_overlap
from labelwright.agreement.result import Agreement
from labelwright.agreement.statistic import Floats, Statistic, Sums
from labelwright.coding import Coded, Patterns, encode

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

NAME = "percent agreement"


def percent_agreement(
    annotations: IntoDataFrame | Coded,
    *,
    interval: Interval | None = None,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Agreement:
    """The mean over items of the share of pairs of annotators who chose the same class (Fleiss 1971, P-bar).

    Not corrected for chance. Items with fewer than two annotations are left out.

    Args:
        annotations: DataFrame with columns item, annotator, label, or `Coded`.
        interval: ``bootstrap``, ``bca``, ``analytic`` or None.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the interval.

    Returns:
        The share, from 0 to 1.
    """
    return prepare_percent(encode(annotations, named=interval is not None)).result(
        Sampling(interval, replicates, seed, confidence)
    )


def prepare_percent(coded: Coded) -> Prepared:
    """Percent agreement of one table as a statistic over its items."""
    patterns = coded.patterns.at_least(2)
    if not patterns.times.size:
        return no_overlap(NAME, coded)
    features = np.column_stack((np.ones(len(patterns.times)), agreeing_share(patterns)))
    statistic = Statistic(features, patterns.times, _share)
    return Prepared(basis_of(NAME, coded, patterns), statistic, reasons.NO_OVERLAP)


def agreeing_share(patterns: Patterns, weights: Floats | None = None) -> Floats:
    """For each pattern the (weighted) share of its pairs of annotations that agree; shape (patterns,)."""
    counts, sizes = patterns.counts.astype(np.float64), patterns.sizes
    weighted = counts if weights is None else counts @ weights
    pairs = (counts * (weighted - 1)).sum(axis=1)
    return np.asarray(pairs / (sizes * (sizes - 1.0)))


def _share(sums: Sums) -> Sums:
    return np.asarray(sums[:, 1] / sums[:, 0])
