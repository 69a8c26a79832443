"""Labels known from elsewhere: a file with columns id and label, only to measure by."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from labelwright.model.errors import DataError


def read_reference(path: Path) -> dict[str, str]:
    """Label by item id. CSV or Parquet.

    Raises:
        DataError: the file cannot be read, lacks a column, or says two things about one item.
    """
    try:
        frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
        rows = frame.select(pl.col("id").cast(pl.String), pl.col("label").cast(pl.String)).drop_nulls().unique()
    except (OSError, pl.exceptions.PolarsError) as problem:
        raise DataError(
            f"The reference labels cannot be read: {problem}",
            where=str(path),
            next_step="It needs the columns id and label; correct model.reference in labelwright.yaml",
        ) from problem
    twice = rows.group_by("id").len().filter(pl.col("len") > 1)
    if len(twice):
        raise DataError(
            f"Item {twice['id'].sort()[0]} has two reference labels", where=str(path), next_step="Keep one of them"
        )
    return dict(rows.iter_rows())
