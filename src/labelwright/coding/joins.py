"""What else is known of items and rows, brought to the codes: slices, times, the items of a second table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labelwright.coding.coded import Coded, as_list
from labelwright.coding.columns import code_column, code_objects
from labelwright.coding.patterns import item_rows
from labelwright.coding.table import COLUMNS, assemble, checked, columns_of
from labelwright.model.errors import DataError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame


def coded_rows(annotations: IntoDataFrame, column: str) -> list[tuple[Any, Coded]]:
    """The annotations of each value of one of their columns, in ascending order; null rows are left out.

    Raises:
        DataError: the column is missing.
    """
    item, annotator, label, extra = columns_of(annotations, (*COLUMNS, column))
    coded = [
        checked(code_column(part, name), name) for part, name in zip((item, annotator, label), COLUMNS, strict=True)
    ]
    slices = code_column(extra, column).sorted()
    items, annotators, labels = coded[0], coded[1].sorted(), coded[2].sorted()
    return [
        (name, assemble(items.kept(rows), annotators.kept(rows), labels.taken(rows)))
        for name, rows in ((name, slices.codes == code) for code, name in enumerate(as_list(slices.names)))
    ]


def item_table(coded: Coded, slices: Mapping[Any, Any] | IntoDataFrame) -> tuple[NDArray[np.int32], list[Any]]:
    """A value for each item.

    Args:
        coded: the annotations.
        slices: item to value; or a DataFrame with columns item and slice.

    Returns:
        For each item code the code of its value (-1: none), and the values in ascending order.
    """
    if isinstance(slices, Mapping):
        known = slices
    else:
        items, values = (code_column(column, "slice") for column in columns_of(slices, ("item", "slice")))
        item_names, value_names = as_list(items.names), as_list(values.names)
        pairs = zip(items.codes.tolist(), values.codes.tolist(), strict=True)
        known = {item_names[i]: value_names[v] for i, v in pairs if i >= 0 and v >= 0}
    column = code_objects((known.get(name) for name in as_list(coded.item_names)), "slice").sorted()
    return column.codes, as_list(column.names)


def latest_times(annotations: IntoDataFrame, coded: Coded, column: str) -> NDArray[Any]:
    """The latest time among the rows of each item; NaT or NaN where none is known; shape (n_items,).

    Raises:
        DataError: the column holds no times and no numbers.
    """
    items, times = columns_of(annotations, ("item", column))
    values = _numbers(times, column)
    rows = code_column(items, "item")
    latest = np.full(len(rows.names), -np.inf)
    np.fmax.at(latest, rows.codes, values.astype(np.float64) if values.dtype.kind != "M" else _as_floats(values))
    place = {name: code for code, name in enumerate(as_list(rows.names))}
    found = latest[[place[name] for name in as_list(coded.item_names)]]
    found[np.isinf(found)] = np.nan
    if values.dtype.kind != "M":
        return found
    unknown = np.isnan(found)
    stamps = np.where(unknown, 0, found).astype(np.int64).astype("datetime64[us]")
    stamps[unknown] = np.datetime64("NaT")
    return stamps


def _numbers(column: Any, name: str) -> NDArray[Any]:
    """Times as datetime64 (UTC), or numbers."""
    import narwhals as nw  # noqa: PLC0415 - late: the library starts without it

    series = nw.from_native(column, series_only=True)
    if isinstance(series.dtype, (nw.Datetime, nw.Date)):
        stamps = series.cast(nw.Datetime("us")) if isinstance(series.dtype, nw.Date) else series
        return np.asarray(stamps.dt.timestamp("us").to_numpy()).astype("datetime64[us]")
    if not series.dtype.is_numeric():
        raise DataError(f"The column {name} holds no times and no numbers", where=f"type {series.dtype}")
    return np.asarray(series.to_numpy())


def _as_floats(stamps: NDArray[Any]) -> NDArray[np.float64]:
    """Microseconds, exact up to the year 2255; NaN for no time."""
    floats = stamps.astype(np.int64).astype(np.float64)
    floats[np.isnat(stamps)] = np.nan
    return floats


def match_items(first: Coded, second: Coded) -> NDArray[np.int64]:
    """Items of two tables by name: item codes, -1 where a table does not have it; shape (items of both, 2)."""
    names = {name: code for code, name in enumerate(as_list(second.item_names))}
    matched = np.array([names.pop(name, -1) for name in as_list(first.item_names)], dtype=np.int64)
    only_second = np.array(list(names.values()), dtype=np.int64)
    return np.vstack(
        (
            np.column_stack((np.arange(len(matched)), matched)),
            np.column_stack((np.full(len(only_second), -1), only_second)),
        )
    )


def pattern_rows(coded: Coded, n_rows: int) -> NDArray[np.int64]:
    """The row of each item in `Coded.patterns`, or in those of at least two annotations; -1 where it has none.

    Args:
        coded: the annotations.
        n_rows: how many patterns there are in the table that is meant.
    """
    patterns = coded.patterns
    n = len(patterns.times)
    row = item_rows(patterns, coded.item, coded.label, coded.n_items)
    if n_rows == n:
        return row
    paired = patterns.sizes > 1
    return np.append(np.where(paired, np.cumsum(paired) - 1, -1), -1)[row]
