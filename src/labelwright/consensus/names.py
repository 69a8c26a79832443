"""Codes back to names, as polars columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.coding import Names


def named(column: str, names: Names, codes: NDArray[np.integer[Any]] | None = None) -> pl.Series:
    """A column of names, or of the names of some codes; values that polars cannot hold become Python objects."""
    series = as_series(names).rename(column)
    if codes is None:
        return series
    if series.dtype == pl.Object:
        values = series.to_list()
        return pl.Series(column, [values[code] for code in codes.tolist()], dtype=pl.Object)
    return series.gather(np.asarray(codes, np.uint32))


def as_series(names: Names) -> pl.Series:
    """Names as a polars Series, whatever holds them."""
    if isinstance(names, pl.Series):
        return names
    values = names if isinstance(names, np.ndarray) and names.dtype.kind in "iufb" else list(names)
    try:
        return pl.Series(values)
    except TypeError:  # values of several types
        return pl.Series(list(names), dtype=pl.Object)


def class_columns(classes: Sequence[Any]) -> list[str]:
    """One column name for each class: its text, with underscores where that is taken (``item`` always is)."""
    taken = {"item"}
    names = []
    for value in classes:
        name = str(value)
        while name in taken:
            name += "_"
        taken.add(name)
        names.append(name)
    return names
