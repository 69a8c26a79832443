"""Intraclass correlations: agreement of numbers, in the six forms of Shrout and Fleiss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwright.agreement import distances, reasons
from labelwright.agreement.icc_interval import f_interval
from labelwright.agreement.interval import Interval, Sampling
from labelwright.agreement.measuring import Basis, Prepared, no_overlap
from labelwright.agreement.result import Agreement
from labelwright.agreement.statistic import Finish, Floats, Statistic, Sums
from labelwright.coding import Coded, encode
from labelwright.model.errors import UsageError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

Form: TypeAlias = Literal["ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)"]
FORMS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """The table of variance; each of shape (replicates,).

    Attributes:
        between: between items (BMS).
        within: within items (WMS).
        raters: between annotators (JMS).
        error: residual (EMS).
        n: items.
        k: annotations of an item.
    """

    between: Sums
    within: Sums
    raters: Sums
    error: Sums
    n: Sums
    k: int


def icc(
    annotations: IntoDataFrame | Coded,
    form: Form = "ICC(2,1)",
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Agreement:
    """Intraclass correlation of numeric labels.

    Args:
        annotations: DataFrame with columns item, annotator, label (numbers), or `Coded`.
        form: first number: 1 items answered by different annotators, 2 the same annotators as a sample of all (their
            levels count), 3 only these annotators (their levels do not count). Second: 1 reliability of one
            annotation, k of the mean of all annotations of an item.
        interval: ``bootstrap``, ``bca``, ``analytic`` (F-based, Shrout and Fleiss 1979, p. 424) or None.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the interval.

    Returns:
        The coefficient, at most 1. Forms 2 and 3 rest on the items that every annotator answered, form 1 on items
        with at least two annotations, which must have the same number of them.

    Raises:
        UsageError: the form is not known.
        DataError: a label is no number.

    Source: Shrout and Fleiss (1979), Intraclass correlations: uses in assessing rater reliability.
    """
    sampling = Sampling(interval, replicates, seed, confidence)
    prepared = prepare_icc(encode(annotations), form)
    value = None if prepared.statistic is None else prepared.statistic.value()
    if interval != "analytic" or prepared.statistic is None or value is None:
        return prepared.result(sampling)
    squares = mean_squares(prepared.statistic.total[None, :], _width(prepared.statistic))
    return prepared.basis.defined(value, f_interval(squares, form, value, confidence), sampling)


def prepare_icc(coded: Coded, form: str = "ICC(2,1)") -> Prepared:
    """One form of one table as a statistic over its items."""
    if form not in FORMS:
        raise UsageError(f"Unknown form {form!r}", next_step=f"Use one of {', '.join(FORMS)}")
    values = distances.numbers(coded.class_list(), form)
    sizes = np.diff(coded.starts)
    if not (sizes > 1).any():
        return no_overlap(form, coded)
    one_way = form.startswith("ICC(1")
    k = int(sizes[sizes > 1].min()) if one_way else coded.n_annotators
    complete = sizes > 1 if one_way else sizes == k
    n = int(np.count_nonzero(complete))
    basis = Basis(form, n, int(sizes[complete].sum()), coded.n_dropped)
    if one_way and int(sizes.max()) != k:
        return Prepared(basis, None, reasons.number_varies_icc(k, int(sizes.max())))
    if n < 2:
        return Prepared(basis, None, reasons.NOT_CROSSED)
    table = _table(coded, values, complete, k)
    return Prepared(basis, _statistic(table, form), reasons.NO_SPREAD)


def _table(coded: Coded, values: Floats, complete: NDArray[np.bool_], k: int) -> Floats:
    """Numbers by item and annotator, about their mean; shape (items, k)."""
    rows = np.flatnonzero(complete[coded.item])
    order = rows[np.lexsort((coded.annotator[rows], coded.item[rows]))]
    table = values[coded.label[order]].reshape(-1, k)
    return np.asarray(table - table.ravel()[0])


def _statistic(table: Floats, form: str) -> Statistic:
    """Features: one, sum of squares, square of the sum, and each annotator's number."""
    table, times = np.unique(table, axis=0, return_counts=True)
    total = table.sum(axis=1)
    features = np.column_stack((np.ones(len(table)), (table * table).sum(axis=1), total * total, table))
    return Statistic(features, times.astype(np.int64), _finish(form, table.shape[1]))


def _width(statistic: Statistic) -> int:
    return int(statistic.features.shape[1]) - 3


def mean_squares(sums: Sums, k: int) -> MeanSquares:
    """The table of variance from the sums over items."""
    n, squares, item_squares, columns = sums[:, 0], sums[:, 1], sums[:, 2], sums[:, 3:]
    grand = columns.sum(axis=1) ** 2 / (n * k)
    between = item_squares / k - grand
    raters = (columns * columns).sum(axis=1) / n - grand
    within = squares - item_squares / k
    return MeanSquares(
        between / (n - 1),
        within / (n * (k - 1)),
        raters / (k - 1),
        (within - raters) / ((n - 1) * (k - 1)),
        n,
        k,
    )


def _finish(form: str, k: int) -> Finish:
    def finish(sums: Sums) -> Sums:
        return np.asarray(_FORMULAS[form](mean_squares(sums, k)))

    return finish


_FORMULAS: dict[str, Callable[[MeanSquares], Any]] = {
    "ICC(1,1)": lambda s: (s.between - s.within) / (s.between + (s.k - 1) * s.within),
    "ICC(1,k)": lambda s: (s.between - s.within) / s.between,
    "ICC(2,1)": lambda s: (s.between - s.error) / (s.between + (s.k - 1) * s.error + s.k * (s.raters - s.error) / s.n),
    "ICC(2,k)": lambda s: (s.between - s.error) / (s.between + (s.raters - s.error) / s.n),
    "ICC(3,1)": lambda s: (s.between - s.error) / (s.between + (s.k - 1) * s.error),
    "ICC(3,k)": lambda s: (s.between - s.error) / s.between,
}
