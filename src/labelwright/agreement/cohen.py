"""Coefficients of two annotators, for every pair: Cohen's kappa (plain and weighted) and Scott's pi."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwright.agreement import reasons
from labelwright.agreement.interval import Interval, Sampling
from labelwright.agreement.light import mean_interval
from labelwright.agreement.measuring import Basis
from labelwright.agreement.pairs import PairTables, pair_tables
from labelwright.agreement.result import PairAgreement, PairwiseAgreement, shared_fields
from labelwright.agreement.statistic import Finish, Floats, Statistic, Sums
from labelwright.coding import Coded, encode
from labelwright.model.errors import UsageError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

Weights: TypeAlias = Literal["linear", "quadratic"]


def cohen_kappa(
    annotations: IntoDataFrame | Coded,
    weights: Weights | None = None,
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> PairwiseAgreement:
    """Cohen's kappa of every pair of annotators on the items that both answered, and its mean (Light 1971).

    With p_ck the share of items that a puts into class c and b into k, and w_ck the weight of that disagreement
    (plain: 1 between different classes): kappa = 1 - sum w_ck p_ck / sum w_ck p_c. p_.k.

    Args:
        annotations: DataFrame with columns item, annotator, label, or `Coded`.
        weights: None; ``linear`` (|c - k|) or ``quadratic`` ((c - k)²) in the order of the classes.
        interval: ``bootstrap``, ``bca``, ``analytic`` (Fleiss, Cohen and Everitt 1969) or None.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the intervals.

    Returns:
        The mean over the pairs where kappa is defined, with ``.pairs`` and ``.mean``.

    Raises:
        UsageError: the weights are not known.

    Sources: Cohen (1960), A coefficient of agreement for nominal scales; Cohen (1968), Weighted kappa.
    """
    coded = encode(annotations)
    apart = disagreement_weights(weights, coded.n_classes)
    name = f"Cohen's kappa, {weights} weights" if weights else "Cohen's kappa"
    sampling = Sampling(interval, replicates, seed, confidence, ddof=0)
    return _pairwise(coded, name, cohen_finish(apart), sampling)


def scott_pi(
    annotations: IntoDataFrame | Coded,
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> PairwiseAgreement:
    """Scott's pi of every pair of annotators, and its mean.

    As Cohen's kappa, but chance is one distribution of classes for both: that of all their annotations.

    Args:
        annotations: DataFrame with columns item, annotator, label, or `Coded`.
        interval: ``bootstrap``, ``bca``, ``analytic`` (delta method) or None.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the intervals.

    Source: Scott (1955), Reliability of content analysis: the case of nominal scale coding.
    """
    coded = encode(annotations)
    sampling = Sampling(interval, replicates, seed, confidence)
    return _pairwise(coded, "Scott's pi", _scott(coded.n_classes), sampling)


def disagreement_weights(weights: str | None, n_classes: int) -> Floats:
    """Weight of each disagreement, shape (classes, classes), 0 on the diagonal.

    Raises:
        UsageError: the weights are not known.
    """
    rank = np.arange(n_classes, dtype=np.float64)
    apart = np.abs(rank[:, None] - rank[None, :])
    if weights is None:
        return np.asarray((apart > 0).astype(np.float64))
    if weights == "linear":
        return apart
    if weights == "quadratic":
        return apart**2
    raise UsageError(f"Unknown weights {weights!r}", next_step="Use None, linear or quadratic")


def cohen_finish(apart: Floats) -> Finish:
    """From cells of a table, shape (replicates, classes²), to kappa."""
    n_classes = len(apart)

    def finish(sums: Sums) -> Sums:
        table = sums.reshape(len(sums), n_classes, n_classes)
        n = sums.sum(axis=1)
        observed = sums @ apart.ravel()
        expected = ((table.sum(axis=2) @ apart) * table.sum(axis=1)).sum(axis=1)
        return np.asarray(1 - n * observed / expected)

    return finish


def _scott(n_classes: int) -> Finish:
    apart = disagreement_weights(None, n_classes).ravel()

    def finish(sums: Sums) -> Sums:
        table = sums.reshape(len(sums), n_classes, n_classes)
        n = sums.sum(axis=1)
        both = table.sum(axis=1) + table.sum(axis=2)
        expected = 4 * n * n - (both * both).sum(axis=1)
        return np.asarray(1 - 4 * n * (sums @ apart) / expected)

    return finish


def _pairwise(coded: Coded, name: str, finish: Finish, sampling: Sampling) -> PairwiseAgreement:
    found = pair_tables(coded)
    cells = found.tables.reshape(len(found.a), coded.n_classes**2)
    shared = cells.sum(axis=1)
    names = coded.annotator_list()
    bases = [Basis(name, n, 2 * n, 0) for n in shared.tolist()]
    ends = [(names[a], names[b]) for a, b in zip(found.a.tolist(), found.b.tolist(), strict=True)]
    if sampling.interval is None:
        with np.errstate(divide="ignore", invalid="ignore"):
            values = finish(cells.astype(np.float64)).tolist()
        pairs = tuple(_plain_pair(basis, value, *end) for basis, value, end in zip(bases, values, ends, strict=True))
    else:
        pairs = tuple(
            _pair(basis, row, finish, sampling, *end) for basis, row, end in zip(bases, cells, ends, strict=True)
        )
    return _mean(coded, found, pairs, finish, name, sampling)


def _plain_pair(basis: Basis, value: float, a: Any, b: Any) -> PairAgreement:
    """One pair without an interval."""
    found = float(value) if np.isfinite(value) else None
    reason = None if found is not None else reasons.ONE_CLASS
    return PairAgreement(found, None, None, basis.n_items, basis.n_annotations, reason, 0, basis.measure, a=a, b=b)


def _pair(basis: Basis, row: NDArray[np.int64], finish: Finish, sampling: Sampling, a: Any, b: Any) -> PairAgreement:
    """One pair; only the cells that occur are resampled."""
    used = np.flatnonzero(row)
    statistic = Statistic(np.eye(row.size)[used], row[used], finish)
    found = basis.measured(statistic, sampling, undefined=reasons.ONE_CLASS)
    return PairAgreement(**shared_fields(found), a=a, b=b)


def _mean(
    coded: Coded, found: PairTables, pairs: tuple[PairAgreement, ...], finish: Finish, name: str, sampling: Sampling
) -> PairwiseAgreement:
    """Light's mean; pairs for which the coefficient is undefined are left out."""
    sizes = np.diff(coded.starts)
    sizes = sizes[sizes > 1]
    basis = Basis(name, int(sizes.size), int(sizes.sum()), coded.n_dropped)
    defined = [pair.value for pair in pairs if pair.value is not None]
    if not defined:
        mean = basis.undefined(reasons.ONE_CLASS if pairs else reasons.no_pair(coded.n_annotations))
    else:
        value = sum(defined) / len(defined)
        mean = basis.defined(value, mean_interval(coded, found, finish, value, sampling), sampling)
    return PairwiseAgreement(**shared_fields(mean), pairs=pairs)
