"""Gwet's AC1 and AC2, and the coefficient of Brennan and Prediger: chance that does not grow with skewed classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from labelwright.agreement import reasons
from labelwright.agreement.cohen import Weights, disagreement_weights
from labelwright.agreement.interval import Interval, Sampling
from labelwright.agreement.measuring import Prepared, basis_of, no_overlap
from labelwright.agreement.percent import agreeing_share
from labelwright.agreement.result import Agreement
from labelwright.agreement.statistic import Floats, Statistic, Sums
from labelwright.coding import Coded, Patterns, encode

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame


def gwet_ac1(
    annotations: IntoDataFrame | Coded,
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Agreement:
    """Gwet's AC1: agreement corrected for the chance that annotators guess on hard items.

    With P_a the mean share of agreeing pairs (items with two annotations or more), p_c the mean over all items of
    the share of class c, and q classes: P_e = sum p_c (1 - p_c) / (q - 1), AC1 = (P_a - P_e) / (1 - P_e).

    Args:
        annotations: DataFrame with columns item, annotator, label, or `Coded`. The classes are those that occur; give
            a categorical column (or `Coded` with classes) when some were never chosen.
        interval: ``bootstrap``, ``bca``, ``analytic`` (Gwet 2014, chapter 5) or None.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the interval.

    Returns:
        The coefficient, at most 1; None when there is only one class.

    Source: Gwet (2008), Computing inter-rater reliability in the presence of high agreement; (2014), Handbook of
    Inter-Rater Reliability, 4th edition.
    """
    return prepare_ac1(encode(annotations, named=interval is not None)).result(
        Sampling(interval, replicates, seed, confidence)
    )


def gwet_ac2(
    annotations: IntoDataFrame | Coded,
    weights: Weights = "linear",
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Agreement:
    """Gwet's AC2: AC1 with partial credit for classes that lie close together.

    The weights of agreement are 1 - |c - k| / (q - 1) (linear) or 1 - (c - k)² / (q - 1)² (quadratic), in the order of
    the classes.

    Args:
        annotations: as for `gwet_ac1`.
        weights: ``linear`` or ``quadratic``.
        interval: ``bootstrap``, ``bca``, ``analytic`` or None.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the interval.

    Source: Gwet (2014), Handbook of Inter-Rater Reliability, 4th edition, chapters 3 and 4.
    """
    return prepare_ac2(encode(annotations), weights).result(Sampling(interval, replicates, seed, confidence))


def brennan_prediger(
    annotations: IntoDataFrame | Coded,
    weights: Weights | None = None,
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Agreement:
    """The coefficient of Brennan and Prediger: chance is the same for every class (1/q).

    Args:
        annotations: as for `gwet_ac1`.
        weights: None, ``linear`` or ``quadratic``.
        interval: ``bootstrap``, ``bca``, ``analytic`` or None.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the interval.

    Source: Brennan and Prediger (1981), Coefficient kappa: some uses, misuses, and alternatives.
    """
    prepared = prepare_brennan_prediger(encode(annotations), weights)
    return prepared.result(Sampling(interval, replicates, seed, confidence))


def prepare_ac1(coded: Coded) -> Prepared:
    """AC1 of one table as a statistic over its items."""
    return _prepare("Gwet's AC1", coded, None, _gwet_chance)


def prepare_ac2(coded: Coded, weights: str = "linear") -> Prepared:
    """AC2 of one table as a statistic over its items."""
    return _prepare(f"Gwet's AC2, {weights} weights", coded, weights, _gwet_chance)


def prepare_brennan_prediger(coded: Coded, weights: str | None = None) -> Prepared:
    """Brennan and Prediger's coefficient of one table as a statistic over its items."""
    name = "Brennan-Prediger" + (f", {weights} weights" if weights else "")
    return _prepare(name, coded, weights, _uniform_chance)


def agreement_weights(weights: str | None, n_classes: int) -> Floats:
    """Credit for each two classes, from 0 to 1, 1 on the diagonal; shape (classes, classes)."""
    apart = disagreement_weights(weights, n_classes)
    return np.asarray(1 - apart / max(1.0, float(apart.max(initial=0))))


def _gwet_chance(shares: Sums, credit: Floats) -> Sums:
    """Sum of all weights / (q (q - 1)) × sum p_c (1 - p_c); shares have shape (replicates, classes)."""
    q = len(credit)
    return np.asarray(credit.sum() / (q * (q - 1)) * (shares * (1 - shares)).sum(axis=1))


def _uniform_chance(shares: Sums, credit: Floats) -> Sums:
    return np.full(len(shares), credit.sum() / len(credit) ** 2, dtype=shares.dtype)


def _prepare(name: str, coded: Coded, weights: str | None, chance: Callable[[Sums, Floats], Sums]) -> Prepared:
    credit = agreement_weights(weights, coded.n_classes)
    patterns = coded.patterns
    paired = patterns.at_least(2)
    if not paired.times.size:
        return no_overlap(name, coded)
    basis = basis_of(name, coded, paired)
    if coded.n_classes < 2:
        return Prepared(basis, None, reasons.ONE_CLASS)

    def finish(sums: Sums) -> Sums:
        expected = chance(sums[:, 3:] / sums[:, 2:3], credit)
        return np.asarray((sums[:, 1] / sums[:, 0] - expected) / (1 - expected))

    return Prepared(basis, Statistic(_features(patterns, credit), patterns.times, finish), reasons.ONE_CLASS)


def _features(patterns: Patterns, credit: Floats) -> Floats:
    """Columns: has a pair, its agreeing share, one, and the share of each class."""
    sizes = patterns.sizes
    paired = sizes > 1
    features = np.zeros((len(sizes), 3 + len(credit)))
    features[:, 0] = paired
    features[paired, 1] = agreeing_share(Patterns(patterns.counts[paired], patterns.times[paired]), credit)
    features[:, 2] = 1
    features[:, 3:] = patterns.counts / sizes[:, None]
    return features
