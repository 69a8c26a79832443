"""Where people agree and where not: by class, pair, annotator, slice and time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwright.agreement.alpha import krippendorff_alpha
from labelwright.agreement.cohen import cohen_kappa
from labelwright.agreement.interval import Interval
from labelwright.agreement.result import Agreement, PairAgreement, Part, as_part, shared_fields
from labelwright.coding import Coded, coded_rows, encode, item_table, latest_times
from labelwright.model.errors import UsageError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

MeasureFunction: TypeAlias = Callable[..., Agreement]


def by_class(
    annotations: IntoDataFrame | Coded,
    measure: MeasureFunction = krippendorff_alpha,
    interval: Interval | None = None,
    **options: Any,
) -> tuple[Part, ...]:
    """The agreement on each class against all others: was it this class or not.

    Args:
        annotations: DataFrame with columns item, annotator, label, or `Coded`.
        measure: a measure of this package for classes without order.
        interval: as the measure takes it.
        **options: passed to the measure (replicates, seed, confidence).

    Returns:
        One part a class, in the order of the classes; a class that nobody chose is undefined.
    """
    coded = encode(annotations)
    return tuple(
        as_part(measure(_one_against_rest(coded, code), interval=interval, **options), name)
        for code, name in enumerate(coded.class_list())
    )


def by_pair(
    annotations: IntoDataFrame | Coded,
    measure: MeasureFunction = cohen_kappa,
    interval: Interval | None = None,
    **options: Any,
) -> tuple[PairAgreement, ...]:
    """The agreement of every two annotators who share an item.

    Args:
        annotations: DataFrame with columns item, annotator, label, or `Coded`.
        measure: a measure of this package; any other than those of two annotators is computed on the items that the
            two share.
        interval: as the measure takes it.
        **options: passed to the measure.
    """
    from labelwright.agreement.pairs import pair_tables  # noqa: PLC0415 - only needed for other measures

    coded = encode(annotations)
    found = measure(coded, interval=interval, **options) if measure.__name__ in ("cohen_kappa", "scott_pi") else None
    if found is not None:
        return tuple(getattr(found, "pairs", ()))
    names = coded.annotator_list()
    pairs = pair_tables(coded)
    return tuple(
        PairAgreement(
            **shared_fields(measure(_part(coded, _shared(coded, a, b)), interval=interval, **options)),
            a=names[a],
            b=names[b],
        )
        for a, b in zip(pairs.a, pairs.b, strict=True)
    )


def by_slice(
    annotations: IntoDataFrame | Coded,
    slices: str | Mapping[Any, Any] | IntoDataFrame,
    measure: MeasureFunction = krippendorff_alpha,
    interval: Interval | None = None,
    **options: Any,
) -> tuple[Part, ...]:
    """The agreement within each value of a metadata field.

    Args:
        annotations: DataFrame with columns item, annotator, label, or `Coded`.
        slices: item to value, as a mapping or a DataFrame with columns item and slice; or the name of a column of
            ``annotations``, whose annotations are then compared within each of its values. Items without a value are
            left out.
        measure: a measure of this package.
        interval: as the measure takes it.
        **options: passed to the measure.

    Returns:
        One part a value, in ascending order.

    Raises:
        UsageError: a column is named, but the annotations are `Coded`.
    """
    if isinstance(slices, str):
        if isinstance(annotations, Coded):
            raise UsageError("Coded annotations have no other columns", next_step="Give the slices by item")
        parts = coded_rows(annotations, slices)
    else:
        coded = encode(annotations)
        codes, names = item_table(coded, slices)
        parts = [(name, _part(coded, codes[coded.item] == code)) for code, name in enumerate(names)]
    return tuple(as_part(measure(part, interval=interval, **options), name) for name, part in parts)


def over_time(
    annotations: IntoDataFrame,
    times: str = "time",
    measure: MeasureFunction = krippendorff_alpha,
    interval: Interval | None = None,
    *,
    periods: int = 10,
    **options: Any,
) -> tuple[Part, ...]:
    """The agreement from period to period. An item belongs to the period of its last annotation.

    Args:
        annotations: DataFrame with columns item, annotator, label and one of times (dates, times or numbers).
        times: name of that column.
        measure: a measure of this package.
        interval: as the measure takes it.
        periods: how many periods with equally many items (as far as equal times allow).
        **options: passed to the measure.

    Returns:
        One part a period, in order of time; its key is (first, last) time of its items.

    Raises:
        UsageError: fewer than one period is asked for.
    """
    if periods < 1:
        raise UsageError("At least one period is needed", where=f"periods={periods}")
    coded = encode(annotations)
    when = latest_times(annotations, coded, times)
    known = np.flatnonzero(when == when)  # noqa: PLR0124 - NaN and NaT differ from themselves
    order = known[np.argsort(when[known], kind="stable")]
    parts = []
    for group in _equal_groups(when[order], periods):
        items = order[group]
        chosen = np.zeros(coded.n_items, dtype=np.bool_)
        chosen[items] = True
        found = measure(_part(coded, chosen[coded.item]), interval=interval, **options)
        parts.append(as_part(found, (when[items[0]].item(), when[items[-1]].item())))
    return tuple(parts)


def _equal_groups(values: NDArray[Any], n: int) -> list[slice]:
    """Ascending values cut into n groups; equal values stay together."""
    cuts = np.searchsorted(values, values[(np.arange(1, n) * values.size) // n]) if values.size else np.zeros(0, int)
    edges = np.unique(np.concatenate(([0], cuts, [values.size])))
    return [slice(int(low), int(high)) for low, high in pairwise(edges)]


def _one_against_rest(coded: Coded, code: int) -> Coded:
    """Class 1 is the class, class 0 any other."""
    return Coded(
        coded.item,
        coded.annotator,
        (coded.label == code).astype(np.int32),
        coded.item_names,
        coded.annotator_names,
        np.arange(2, dtype=np.int32),
        coded.n_dropped,
        coded.n_missing,
    )


def _shared(coded: Coded, a: int, b: int) -> NDArray[np.bool_]:
    """Rows of two annotators on the items that both answered."""
    of_two = (coded.annotator == a) | (coded.annotator == b)
    both = np.bincount(coded.item[of_two], minlength=coded.n_items) == 2
    return np.asarray(of_two & both[coded.item])


def _part(coded: Coded, rows: NDArray[np.bool_]) -> Coded:
    """Some of the rows, with only the annotators who still occur."""
    part = coded.select(rows)
    used = np.bincount(part.annotator, minlength=coded.n_annotators) > 0
    rank = (np.cumsum(used) - 1).astype(np.int32)
    names = tuple(name for name, is_used in zip(coded.annotator_list(), used, strict=True) if is_used)
    return Coded(part.item, rank[part.annotator], part.label, part.item_names, names, part.classes)
