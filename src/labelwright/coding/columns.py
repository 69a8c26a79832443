"""One column of names to integer codes, whatever library holds it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labelwright.coding.coded import Names, as_list
from labelwright.coding.few import FEW_ROWS, few_codes
from labelwright.coding.many import MANY_ROWS, hashed_codes
from labelwright.coding.objects import object_codes
from labelwright.model.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

# A span of integers that is at most so many times the number of rows is coded by a table.
_DENSE_SPAN = 4
_DENSE_LEAST = 1 << 12


@dataclass(frozen=True, eq=False)
class Column:
    """A column as codes.

    Attributes:
        codes: int32, shape (rows,); -1 is null.
        size: how many codes there are.
        source: gives the value of each code; asked only when somebody wants the names.
        n_null: how many rows are null.
        ordered: the names have an order of their own, which sorting must keep.
    """

    codes: NDArray[np.int32]
    size: int
    source: Callable[[], Names]
    n_null: int = 0
    ordered: bool = False

    @cached_property
    def names(self) -> Names:
        """The value of each code."""
        return self.source()

    def sorted(self) -> Column:
        """The same with names in ascending order; values that cannot be compared keep the order of appearance."""
        if self.ordered:
            return self
        order = _ascending(self.names)
        if order is None or bool((order[1:] > order[:-1]).all()):
            return self
        rank = np.empty(len(order) + 1, np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        rank[-1] = -1  # a null stays one
        return Column(rank[self.codes], self.size, lambda: _picked(self.names, order), self.n_null)

    def anonymous(self) -> Column:
        """The same with the codes for names, for those who only count; an order of its own keeps its names."""
        return self if self.ordered else Column(self.codes, self.size, lambda: range(self.size), self.n_null)

    def taken(self, rows: NDArray[np.bool_]) -> Column:
        """Some of the rows; the names stay."""
        return replace(self, codes=self.codes[rows])

    def kept(self, rows: NDArray[np.bool_]) -> Column:
        """Some of the rows, and only the names that still occur there."""
        codes = self.codes[rows]
        used = np.bincount(codes, minlength=self.size) > 0
        if bool(used.all()):
            return replace(self, codes=codes)
        rank = np.cumsum(used, dtype=np.int32) - np.int32(1)
        where = np.flatnonzero(used)
        return Column(rank[codes], where.size, lambda: _picked(self.names, where), self.n_null, self.ordered)


def _picked(names: Names, codes: NDArray[np.int64]) -> Names:
    return tuple(names[i] for i in codes) if isinstance(names, (tuple, range)) else names[codes]


def _plain(codes: NDArray[np.int32], names: Names, n_null: int = 0, *, ordered: bool = False) -> Column:
    """A column whose names are there already."""
    return Column(codes, len(names), lambda: names, n_null, ordered)


def code_columns(columns: Sequence[Any], names: Sequence[str]) -> list[Column]:
    """Code columns of one table; the string columns of a polars frame in one go, side by side.

    Args:
        columns: polars or pandas Series; their values are strings, numbers, dates, lists or sets.
        names: what each is, for messages.

    Raises:
        DataError: values cannot be told apart by equality.
    """
    strings = [k for k, column in enumerate(columns) if _is_string(column) and not _is_many(column, names[k])]
    together = dict(zip(strings, _code_strings([columns[k] for k in strings]), strict=True))
    return [
        together[k] if k in together else code_column(column, name)
        for k, (column, name) in enumerate(zip(columns, names, strict=True))
    ]


def code_column(column: Any, what: str) -> Column:
    """Code one column; see `code_columns`."""
    if type(column).__module__.startswith("polars"):
        return _code_polars(column, what)
    return _code_pandas(column, what)


def _is_string(column: Any) -> bool:
    if not type(column).__module__.startswith("polars"):
        return False
    import polars as pl  # noqa: PLC0415 - the frame is here already

    return bool(column.dtype == pl.String)


def _is_many(series: pl.Series, what: str) -> bool:
    return what == "item" and len(series) >= MANY_ROWS and not series.null_count()


def _code_polars(series: pl.Series, what: str) -> Column:
    import polars as pl  # noqa: PLC0415 - the frame is here already, or it is not needed

    kind = series.dtype
    if isinstance(kind, pl.Enum):
        return _plain(_physical(series.to_physical()), kind.categories, series.null_count(), ordered=True)
    if kind in (pl.String, pl.Categorical):
        strings = series.cast(pl.String)
        return code_many(strings) if _is_many(strings, what) else _code_strings([strings])[0]
    if kind.is_integer() or kind.is_float() or kind == pl.Boolean:
        return _code_numbers(series.to_numpy(), series.is_null().to_numpy() if series.null_count() else None)
    if kind.is_temporal():
        column = _code_numbers(series.to_physical().to_numpy(), series.is_null().to_numpy())
        return _plain(column.codes, pl.Series(series.name, column.names).cast(kind), column.n_null)
    return code_objects(series.to_list(), what)


def _physical(codes: pl.Series) -> NDArray[np.int32]:
    """Physical codes with -1 for null."""
    import polars as pl  # noqa: PLC0415

    if codes.null_count():
        return codes.cast(pl.Int32).fill_null(-1).to_numpy()
    plain = codes.to_numpy()
    return plain.view(np.int32) if plain.dtype == np.uint32 else plain.astype(np.int32)


def _code_strings(columns: list[pl.Series]) -> list[Column]:
    """Each by a category table of its own, so that nothing is left behind in a global one."""
    if not columns:
        return []
    if 0 < len(columns[0]) <= FEW_ROWS and not any(column.null_count() for column in columns):
        return [Column(codes, first.size, partial(column.gather, first)) for column, codes, first in few_codes(columns)]
    import polars as pl  # noqa: PLC0415

    tables = [pl.Categories.random() for _ in columns]
    kinds = [pl.Categorical(table) for table in tables]
    numbered = [column.alias(str(k)) for k, column in enumerate(columns)]
    if len(columns[0]) < MANY_ROWS:
        frame = pl.DataFrame([column.cast(kind) for column, kind in zip(numbered, kinds, strict=True)])
    else:
        frame = pl.DataFrame(numbered).select(pl.col(str(k)).cast(kind) for k, kind in enumerate(kinds))
    physical = frame.select_seq(pl.all().to_physical())
    return [
        _of_categories(coded, table, codes, column)
        for coded, table, codes, column in zip(
            frame.get_columns(), tables, physical.get_columns(), columns, strict=True
        )
    ]


def _of_categories(coded: pl.Series, table: pl.Categories, physical: pl.Series, column: pl.Series) -> Column:
    codes = _physical(physical)
    names = partial(_category_names, table, coded, column.name)
    return Column(codes, int(codes.max(initial=-1)) + 1, names, column.null_count())


def _category_names(table: pl.Categories, _coded: pl.Series, name: str) -> pl.Series:
    """The strings by code. The table lives as long as a column that uses it, so the column is held until here."""
    import polars as pl  # noqa: PLC0415

    return table.to_series().cast(pl.String).alias(name)


def code_many(series: pl.Series) -> Column:
    """Many different strings without null: by runs of equal neighbours, then by 128 bits of hash."""
    codes, first = hashed_codes(series)
    return Column(codes, first.size, lambda: series.gather(first))


def _code_numbers(values: NDArray[Any], null: NDArray[np.bool_] | None = None) -> Column:
    """By a table when integers lie close together, otherwise by sorting. NaN is null."""
    if values.dtype.kind == "f":
        missing = np.isnan(values)
        null = missing if null is None else missing | null
    if null is not None and bool(null.any()):
        inner = _code_numbers(values[~null])
        codes = np.full(values.size, -1, np.int32)
        codes[~null] = inner.codes
        return _plain(codes, inner.names, int(np.count_nonzero(null)))
    if values.dtype.kind in "iu" and values.size:
        low, high = int(values.min()), int(values.max())
        if high - low < max(_DENSE_SPAN * values.size, _DENSE_LEAST):
            return _code_dense(values, low)
    names, codes = np.unique(values, return_inverse=True)
    return _plain(codes.astype(np.int32), names)


def _code_dense(values: NDArray[np.integer[Any]], low: int) -> Column:
    """Integers in a short span: a table from value to code."""
    offset = (values - values.dtype.type(low)).astype(np.int32, copy=False)
    used = np.bincount(offset) > 0
    names = np.flatnonzero(used).astype(values.dtype) + values.dtype.type(low)
    if bool(used.all()):
        return _plain(offset, names)
    return _plain((np.cumsum(used, dtype=np.int32) - np.int32(1))[offset], names)


def _code_pandas(series: pd.Series[Any], what: str) -> Column:
    import pandas as pd  # noqa: PLC0415 - the frame is here already

    if isinstance(series.dtype, pd.CategoricalDtype):
        names = np.asarray(series.cat.categories)
        codes = series.cat.codes.to_numpy().astype(np.int32)
        return _plain(codes, names, int((codes < 0).sum()), ordered=True)
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "iufb":
        return _code_numbers(series.to_numpy())
    if isinstance(series.dtype, pd.StringDtype) and series.dtype.storage == "pyarrow":
        return _code_polars(_of_arrow(series), what)
    try:
        if series.dtype == object and len(series) >= MANY_ROWS:
            return _code_identical(series.to_numpy())
        found, uniques = pd.factorize(series.array if series.dtype != object else series.to_numpy())
    except TypeError:  # lists and sets
        return code_objects(series.tolist(), what)
    narrow = found.astype(np.int32)
    return _plain(narrow, np.asarray(uniques), int((narrow < 0).sum()))


def _of_arrow(series: pd.Series[Any]) -> pl.Series:
    """Strings that pandas keeps as Arrow does, without a copy of their bytes."""
    import polars as pl  # noqa: PLC0415 - late: other columns need none of it

    return pl.Series(str(series.name), pl.from_arrow(series.array.__arrow_array__()))


def _code_identical(values: NDArray[np.object_]) -> Column:
    """A long column of Python objects."""
    codes, first = object_codes(values)
    return Column(codes, first.size, lambda: values[first], int(np.count_nonzero(codes < 0)))


def code_objects(values: Iterable[Any], what: str) -> Column:
    """Python values by equality; lists and arrays count as tuples, sets as frozensets."""
    table: dict[Hashable, int] = {}
    codes = []
    for value in values:
        key = frozen(value)
        try:
            codes.append(-1 if _is_missing(key) else table.setdefault(key, len(table)))
        except TypeError as error:
            raise DataError(
                f"The {what} column holds values of type {type(value).__name__}", where=repr(value)[:80]
            ) from error
    column = np.array(codes, dtype=np.int32)
    return _plain(column, tuple(table), int((column < 0).sum()))


def frozen(value: Any) -> Any:
    """The value with lists as tuples and sets as frozensets, inside too."""
    if isinstance(value, (list, tuple)):
        return tuple(frozen(part) for part in value)
    if isinstance(value, np.ndarray):
        return tuple(frozen(part) for part in value.tolist())
    if isinstance(value, (set, frozenset)):
        return frozenset(frozen(part) for part in value)
    return value


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)  # noqa: PLR0124 - NaN is the one that differs


def _ascending(names: Names) -> NDArray[np.int64] | None:
    """The order that sorts the names, or None where they cannot be compared."""
    if hasattr(names, "arg_sort"):
        return names.arg_sort().to_numpy().astype(np.int64)
    values = as_list(names)
    if values and isinstance(values[0], frozenset):  # < means subset, which is no order
        values = [sorted(map(repr, value)) for value in values]
    try:
        return np.array(sorted(range(len(values)), key=values.__getitem__), dtype=np.int64)
    except TypeError:
        return None
