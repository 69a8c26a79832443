"""Percent agreement: the share of pairs of annotations of an item that agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from labelwright.agreement import reasons
from labelwright.agreement.interval import Interval, Sampling
from labelwright.agreement.measuring import Basis
from labelwright.agreement.result import Agreement
from labelwright.agreement.statistic import Floats, Statistic
from labelwright.coding import Coded, Patterns, encode

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame


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
    coded = encode(annotations)
    sampling = Sampling(interval, replicates, seed, confidence)
    patterns = coded.patterns.at_least(2)
    basis = basis_of("percent agreement", coded, patterns)
    if not basis.n_items:
        return basis.undefined(reasons.no_overlap(coded.n_annotations))
    features = np.column_stack((np.ones(len(patterns.times)), agreeing_share(patterns)))
    return basis.measured(Statistic(features, patterns.times, _share), sampling, undefined=reasons.NO_OVERLAP)


def basis_of(measure: str, coded: Coded, patterns: Patterns) -> Basis:
    """Counts that a measure over these patterns rests on."""
    return Basis(measure, int(patterns.times.sum()), int(patterns.times @ patterns.sizes), coded.n_dropped)


def agreeing_share(patterns: Patterns, weights: Floats | None = None) -> Floats:
    """For each pattern the (weighted) share of its pairs of annotations that agree; shape (patterns,)."""
    counts, sizes = patterns.counts.astype(np.float64), patterns.sizes
    weighted = counts if weights is None else counts @ weights
    pairs = (counts * (weighted - 1)).sum(axis=1)
    return np.asarray(pairs / (sizes * (sizes - 1.0)))


def _share(sums: Floats) -> Floats:
    return np.asarray(sums[:, 1] / sums[:, 0])
