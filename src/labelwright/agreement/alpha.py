"""Krippendorff's alpha for coded answers: any number of annotators, missing answers, any distance between classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from labelwright.agreement import distances, reasons
from labelwright.agreement.interval import Interval, Sampling
from labelwright.agreement.measuring import Prepared, basis_of, no_overlap
from labelwright.agreement.moments import prepare_moments
from labelwright.agreement.result import Agreement
from labelwright.agreement.statistic import Finish, Floats, Statistic, Sums
from labelwright.coding import Coded, Patterns, encode
from labelwright.model.errors import UsageError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

Level: TypeAlias = Literal["nominal", "ordinal", "interval", "ratio", "circular"]
# Beyond so many different numbers sums of squares take less than a table of distances.
_MANY_CLASSES = 64
LEVELS = ("nominal", "ordinal", "interval", "ratio", "circular")


def krippendorff_alpha(
    annotations: IntoDataFrame | Coded,
    level: Level = "nominal",
    interval: Interval | None = None,
    *,
    period: float | None = None,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Agreement:
    """Krippendorff's alpha: 1 - observed / expected disagreement.

    With o_ck the coincidences of classes c and k (every pair of annotations of an item, weighted by
    1 / (annotations of the item - 1)), n_c their row sums, n their total and d_ck the squared difference of the level:
    alpha = 1 - (n - 1) sum o_ck d_ck / sum n_c n_k d_ck.

    Items with fewer than two annotations are left out.

    Args:
        annotations: DataFrame with columns item, annotator, label, or `Coded`.
        level: ``nominal``; ``ordinal`` (by the order of the classes); ``interval``, ``ratio`` and ``circular`` (by
            their numeric values).
        interval: ``bootstrap`` (percentile, over items), ``bca``, ``analytic`` (delta method) or None.
        period: one full turn of a circular scale; default: highest - lowest value + 1.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the interval.

    Returns:
        The coefficient, at most 1; None when no item has two annotations, or only one class was used.

    Raises:
        UsageError: the level is not known.
        DataError: the level needs numbers and the classes are none.

    Source: Krippendorff (2011), Computing Krippendorff's alpha-reliability; (2013), Content Analysis, 3rd edition,
    chapter 12.
    """
    coded = encode(annotations, named=level != "nominal" or interval is not None)
    prepared = prepare_alpha(coded, level, period=period)
    return prepared.result(Sampling(interval, replicates, seed, confidence))


def prepare_alpha(coded: Coded, level: str = "nominal", *, period: float | None = None) -> Prepared:
    """Alpha of one table as a statistic over its items."""
    if level not in LEVELS:
        raise UsageError(f"Unknown level {level!r}", next_step=f"Use one of {', '.join(LEVELS)}")
    name = f"Krippendorff's alpha, {level}"
    if level == "nominal":
        return prepare_with(coded, name, _nominal)
    if level == "ordinal":
        distances.check_size(coded.n_classes)
        return prepare_with(coded, name, _ordinal)
    values = distances.numbers(coded.class_list(), level)
    if level == "interval" and coded.n_classes > _MANY_CLASSES:
        return prepare_moments(coded, name, values)
    distances.check_size(coded.n_classes)
    delta = _distance(level, values, period)
    return prepare_with(coded, name, lambda patterns: _weighted(patterns, delta))


def prepare_with(coded: Coded, name: str, statistic: Callable[[Patterns], Statistic]) -> Prepared:
    """Alpha from the patterns of items that have two annotations."""
    patterns = coded.patterns.at_least(2)
    if not patterns.times.size:
        return no_overlap(name, coded)
    return Prepared(basis_of(name, coded, patterns), statistic(patterns), reasons.ONE_CLASS)


def prepare_distance(coded: Coded, name: str, delta: Floats) -> Prepared:
    """Alpha for a table of squared differences, shape (classes, classes)."""
    return prepare_with(coded, name, lambda patterns: _weighted(patterns, delta))


def _distance(level: str, values: Floats, period: float | None) -> Floats:
    if level == "interval":
        return distances.interval(values)
    if level == "ratio":
        return distances.ratio(values)
    if period is None:
        period = float(np.ptp(values)) + 1 if values.size else 1.0
    return distances.circular(values, period)


def _nominal(patterns: Patterns) -> Statistic:
    """Features: disagreeing pairs / (m - 1), then the counts of each class."""
    counts, sizes = patterns.counts.astype(np.float64), patterns.sizes.astype(np.float64)
    disagreeing = (sizes * sizes - (counts * counts).sum(axis=1)) / (sizes - 1)
    return Statistic(np.column_stack((disagreeing, counts)), patterns.times, _finish_nominal)


def _finish_nominal(sums: Sums) -> Sums:
    chosen = sums[:, 1:]
    n = chosen.sum(axis=1)
    expected = n * n - (chosen * chosen).sum(axis=1)
    return np.asarray(1 - (n - 1) * sums[:, 0] / expected)


def _weighted(patterns: Patterns, delta: Floats) -> Statistic:
    """The same with a distance between classes."""
    counts, sizes = patterns.counts.astype(np.float64), patterns.sizes.astype(np.float64)
    disagreeing = ((counts @ delta) * counts).sum(axis=1) / (sizes - 1)
    return Statistic(np.column_stack((disagreeing, counts)), patterns.times, _finish_with(delta))


def _finish_with(delta: Floats) -> Finish:
    def finish(sums: Sums) -> Sums:
        chosen = sums[:, 1:]
        n = chosen.sum(axis=1)
        expected = ((chosen @ delta) * chosen).sum(axis=1)
        return np.asarray(1 - (n - 1) * sums[:, 0] / expected)

    return finish


def _ordinal(patterns: Patterns) -> Statistic:
    """Features: the coincidences of c < k, then the counts; the distance itself depends on the counts.

    The ordinal difference of two classes is the difference of their mid-ranks among all annotations.
    """
    counts, sizes = patterns.counts.astype(np.float64), patterns.sizes.astype(np.float64)
    low, high = np.triu_indices(counts.shape[1], 1)
    coincidences = counts[:, low] * counts[:, high] / (sizes - 1)[:, None]
    features = np.column_stack((coincidences, counts))

    def finish(sums: Sums) -> Sums:
        observed, chosen = sums[:, : low.size], sums[:, low.size :]
        n = chosen.sum(axis=1)
        midrank = np.cumsum(chosen, axis=1) - chosen / 2
        delta = (midrank[:, high] - midrank[:, low]) ** 2
        expected = (chosen[:, low] * chosen[:, high] * delta).sum(axis=1)
        return np.asarray(1 - (n - 1) * (observed * delta).sum(axis=1) / expected)

    return Statistic(features, patterns.times, finish)
