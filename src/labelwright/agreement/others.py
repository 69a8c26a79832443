"""Each annotator against the others."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwright.agreement import reasons
from labelwright.agreement.cohen import cohen_finish, disagreement_weights
from labelwright.agreement.interval import Interval, Sampling
from labelwright.agreement.measuring import Basis, Prepared
from labelwright.agreement.result import Part, as_part
from labelwright.agreement.statistic import Floats, Statistic, Sums
from labelwright.coding import Coded, encode, pattern_rows
from labelwright.model.errors import UsageError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

OthersMeasure: TypeAlias = Literal["kappa", "percent"]


def by_annotator(
    annotations: IntoDataFrame | Coded,
    measure: OthersMeasure = "kappa",
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> tuple[Part, ...]:
    """How far each annotator agrees with the others on the items that they share.

    An annotator's answer is set against that of one of the other annotators of the item, each as likely: a table of
    own class by other's class, in which every item counts once. ``percent`` is the share on its diagonal, ``kappa``
    is Cohen's kappa of that table.

    Args:
        annotations: DataFrame with columns item, annotator, label, or `Coded`.
        measure: ``kappa`` or ``percent``.
        interval: ``bootstrap``, ``bca``, ``analytic`` (delta method) or None.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the intervals.

    Returns:
        One part an annotator, in the order of their names. ``n_items`` are the items shared with somebody,
        ``n_annotations`` all annotations of those items.

    Raises:
        UsageError: the measure is not known.
    """
    if measure not in ("kappa", "percent"):
        raise UsageError(f"Unknown measure {measure!r}", next_step="Use kappa or percent")
    coded = encode(annotations)
    sampling = Sampling(interval, replicates, seed, confidence)
    return tuple(
        as_part(prepared.result(sampling), name)
        for name, prepared in zip(coded.annotator_list(), prepare_others(coded, measure), strict=True)
    )


def prepare_others(coded: Coded, measure: str) -> list[Prepared]:
    """For each annotator the agreement with the others as a statistic over their shared items."""
    patterns = coded.patterns
    pattern = pattern_rows(coded, len(patterns.times))[coded.item]
    rows = np.flatnonzero(patterns.sizes[pattern] > 1)
    rows = rows[np.argsort(coded.annotator[rows], kind="stable")]
    edges = np.searchsorted(coded.annotator[rows], np.arange(coded.n_annotators + 1))
    kind = pattern * coded.n_classes + coded.label  # what stands on the item, and what the annotator said
    return [_prepare(coded, kind[rows[low:high]], measure) for low, high in pairwise(edges)]


def _prepare(coded: Coded, kinds: NDArray[np.int64], measure: str) -> Prepared:
    kinds, times = np.unique(kinds, return_counts=True)
    pattern, own = np.divmod(kinds, max(1, coded.n_classes))
    name = f"{measure} against the others"
    basis = Basis(name, int(times.sum()), int(times @ coded.patterns.sizes[pattern]), 0)
    if not kinds.size:
        return Prepared(basis, None, reasons.NO_SHARED)
    features = _tables(own, coded.patterns.counts[pattern].astype(np.float64))
    finish = _share if measure == "percent" else cohen_finish(disagreement_weights(None, coded.n_classes))
    return Prepared(basis, Statistic(features, times.astype(np.int64), finish), reasons.ONE_CLASS)


def _tables(own: NDArray[np.int64], counts: Floats) -> Floats:
    """What one item adds to the table of own class by other's class; shape (patterns, classes²)."""
    n, n_classes = counts.shape
    others = counts.copy()
    others[np.arange(n), own] -= 1
    table = np.zeros((n, n_classes, n_classes))
    table[np.arange(n), own] = others / others.sum(axis=1, keepdims=True)
    return table.reshape(n, n_classes * n_classes)


def _share(sums: Sums) -> Sums:
    """The share on the diagonal of each table."""
    n_classes = round(sums.shape[1] ** 0.5)
    return np.asarray(sums[:, :: n_classes + 1].sum(axis=1) / sums.sum(axis=1))
