"""Codes for a long column of Python objects, as pandas keeps strings: first by identity, then by value.

Readers of files make one object for each different string, so most of a column is told apart by the addresses alone,
and only one object of each address is looked into. Where every row has an object of its own, all of them are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labelwright.coding.many import GROUPED, hashed_codes, numbered, run_numbers

if TYPE_CHECKING:
    import polars as pl

# Rows looked at to learn whether there are few different objects.
_SAMPLE = 4096
_FEW = 4  # so many rows of the sample to each object

_Codes = NDArray[np.int32]
_Rows = NDArray[np.int64]


def object_codes(values: NDArray[np.object_]) -> tuple[_Codes, _Rows]:
    """Code objects by equality, in the order of their first appearance.

    Args:
        values: hashable objects, shape (rows,); None, NaN and what else pandas takes for missing is null.

    Returns:
        The codes, shape (rows,), -1 for null; and the row at which each code appears first, shape (codes,).

    Raises:
        TypeError: an object cannot be hashed.
    """
    places, first = _by_identity(values)
    codes, leads = _by_value(values[first])
    return (places if codes is None else codes[places]), first[leads]


def addresses(values: NDArray[np.object_]) -> NDArray[np.intp]:
    """Where each object lies: equal addresses are one object. A view: the array must live as long as it."""
    return np.ndarray(values.shape, np.intp, buffer=np.ascontiguousarray(values))


def _by_identity(values: NDArray[np.object_]) -> tuple[_Codes, _Rows]:
    """Codes of objects by address, in the order of appearance, and the first row of each.

    Rows next to each other with one address always share a code; where that leaves few rows, equal addresses further
    apart may have different ones.
    """
    where = addresses(values)
    sample = where[:: max(1, where.size // _SAMPLE)]
    if np.unique(sample).size * _FEW <= sample.size:
        return _few(where)
    starts = np.flatnonzero(np.append(True, where[1:] != where[:-1]))
    return (run_numbers(starts, where.size), starts) if starts.size * GROUPED <= where.size else _sorted(where)


def _few(where: NDArray[np.intp]) -> tuple[_Codes, _Rows]:
    """By a table of the addresses."""
    import pandas as pd  # noqa: PLC0415 - the frame is here already

    codes, found = pd.factorize(where)
    narrow = codes.astype(np.int32)
    highest = np.maximum.accumulate(narrow)  # codes go up by one at each first appearance
    return narrow, np.searchsorted(highest, np.arange(len(found), dtype=np.int32))


def _sorted(where: NDArray[np.intp]) -> tuple[_Codes, _Rows]:
    """By sorting: address and row in one word where they fit, which is much faster than an argsort."""
    low = int(where.min())
    bits = int(where.size).bit_length()
    if (int(where.max()) - low).bit_length() + bits <= 64:
        packed = np.sort((where - low).astype(np.uint64) << np.uint64(bits) | np.arange(where.size, dtype=np.uint64))
        order = (packed & np.uint64((1 << bits) - 1)).astype(np.int64)
        packed >>= np.uint64(bits)
        return numbered(order, np.append(True, packed[1:] != packed[:-1]))
    order = np.argsort(where, kind="stable")
    ordered = where[order]
    return numbered(order, np.append(True, ordered[1:] != ordered[:-1]))


def _by_value(leads: NDArray[np.object_]) -> tuple[_Codes | None, _Rows]:
    """Codes of the objects that identity left, None where they all differ; and the first place of each code."""
    strings = _strings(leads)
    if strings is not None:
        codes, first = hashed_codes(strings)
        return (None if first.size == leads.size else codes), first
    import pandas as pd  # noqa: PLC0415 - the frame is here already

    found, uniques = pd.factorize(leads)
    narrow = found.astype(np.int32)
    highest = np.maximum.accumulate(narrow)
    return narrow, np.searchsorted(highest, np.arange(len(uniques), dtype=np.int32))


def _strings(leads: NDArray[Any]) -> pl.Series | None:
    """The objects as strings, if they all are."""
    import polars as pl  # noqa: PLC0415 - late: short tables need none of it

    if not isinstance(leads[0], str):
        return None
    try:
        series = pl.Series(values=leads, dtype=pl.String, strict=True)
    except (TypeError, ValueError, pl.exceptions.PolarsError):  # another kind of value, or half a character
        return None
    return None if series.null_count() else series
