"""Any DataFrame with columns item, annotator, label to `Coded`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from labelwright.coding.coded import Coded
from labelwright.coding.columns import Column, code_columns
from labelwright.coding.rows import last_answers
from labelwright.model.errors import DataError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

COLUMNS = ("item", "annotator", "label")


def encode(annotations: IntoDataFrame | Coded, *, named: bool = True) -> Coded:
    """Turn names into codes; what is coded already comes back as it is.

    Of several answers of one annotator to one item the last in row order counts. A row whose label is null (or NaN)
    is no answer: it is left out, and replaces nothing.

    Args:
        annotations: pandas or polars DataFrame or pyarrow table with the columns item, annotator and label (others
            are ignored), one annotation a row; or a `Coded`.
        named: False saves the time to sort and name items, annotators and classes, for measures that only count; the
            codes then stand in order of appearance.

    Raises:
        DataError: a column is missing, or an item or annotator is null.
    """
    if isinstance(annotations, Coded):
        return annotations
    columns = code_columns(columns_of(annotations, COLUMNS), COLUMNS)
    item, annotator, label = (checked(column, name) for column, name in zip(columns, COLUMNS, strict=True))
    if not named:
        return assemble(item.anonymous(), annotator.anonymous(), label.anonymous())
    return assemble(item, annotator.sorted(), label.sorted())


def checked(column: Column, name: str) -> Column:
    """The column, unless an item or annotator is null.

    Raises:
        DataError: one is.
    """
    if name != "label" and column.n_null:
        raise DataError(
            f"{column.n_null} rows have no {name}", where=f"column {name}", next_step="Fill them in or leave them out"
        )
    return column


def columns_of(annotations: Any, names: tuple[str, ...]) -> list[Any]:
    """The named columns, each as polars Series or pandas Series.

    Raises:
        DataError: it is no DataFrame, or a column is missing.
    """
    frame = annotations
    if not type(frame).__module__.startswith(("polars.dataframe", "pandas.core.frame")):
        import narwhals as nw  # noqa: PLC0415 - late: the library starts without it

        try:
            wrapped = nw.from_native(annotations)
        except TypeError as error:
            raise DataError(
                f"{type(annotations).__name__} is no DataFrame",
                next_step="Give a pandas or polars DataFrame or a pyarrow table with columns item, annotator, label",
            ) from error
        frame = wrapped.collect() if isinstance(wrapped, nw.LazyFrame) else wrapped
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise DataError(
            f"The column {', '.join(missing)} is missing",
            where=f"columns {', '.join(map(str, frame.columns))}",
            next_step="Rename the columns to item, annotator, label",
        )
    return [_native(frame[name]) for name in names]


def _native(column: Any) -> Any:
    """A polars Series as it is; a pyarrow column as polars Series without a copy; a pandas-like one as it is."""
    if type(column).__module__.startswith(("polars", "pandas")):
        return column
    native = column.to_native()
    if type(native).__module__.startswith(("polars", "pandas")):
        return native
    return column.to_polars()


def assemble(item: Column, annotator: Column, label: Column) -> Coded:
    """Leave out missing labels (and items and annotators that only occur there), then sort and drop repeats."""
    answered = label.codes >= 0 if label.n_null else None
    n_missing = 0
    if answered is not None:
        n_missing = int(np.count_nonzero(~answered))
        item, annotator, label = item.kept(answered), annotator.kept(answered), label.taken(answered)
    rows_item, rows_annotator, rows_label, n_dropped = last_answers(
        item.codes, annotator.codes, label.codes, annotator.size
    )
    for column in (rows_item, rows_annotator, rows_label):
        column.flags.writeable = False
    return Coded(rows_item, rows_annotator, rows_label, item.names, annotator.names, label.names, n_dropped, n_missing)
