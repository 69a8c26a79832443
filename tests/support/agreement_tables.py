"""Annotation tables in the shapes that papers print, as long tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl


def by_annotator(rows: Mapping[str, str]) -> pl.DataFrame:
    """One line of whitespace-separated answers for each annotator; a dot is no answer."""
    cells = [
        (f"u{unit}", name, value)
        for name, line in rows.items()
        for unit, value in enumerate(line.split(), 1)
        if value != "."
    ]
    table = pl.DataFrame(cells, schema=["item", "annotator", "label"], orient="row")
    return table.with_columns(pl.col("label").cast(pl.Int64)) if all(c[2].isdigit() for c in cells) else table


def by_item(rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    """One row of answers for each item, one column for each annotator; None is no answer."""
    cells = [
        (item, f"r{annotator}", value)
        for item, row in enumerate(rows)
        for annotator, value in enumerate(row)
        if value is not None
    ]
    return pl.DataFrame(cells, schema=["item", "annotator", "label"], orient="row")


def contingency(table: Sequence[Sequence[int]], classes: Sequence[Any]) -> pl.DataFrame:
    """A table of two annotators: rows are the classes of A, columns those of B, cells are items."""
    pairs = [
        (a, b)
        for a, row in zip(classes, table, strict=True)
        for b, n in zip(classes, row, strict=True)
        for _ in range(n)
    ]
    return by_item(pairs)


def counted(rows: Sequence[Sequence[int]]) -> pl.DataFrame:
    """One row for each item, with how many annotators chose each class."""
    return by_item([[c for c, n in enumerate(row) for _ in range(n)] for row in rows])
