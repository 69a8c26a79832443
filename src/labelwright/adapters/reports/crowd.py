"""Answers and truth from two CSV files, as a crowd to replay."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from labelwright.model.errors import DataError, UsageError
from labelwright.planning import RecordedCrowd

_TRUTH = ("truth", "label", "gold")


def read_crowd(labels: Path, truth: Path) -> RecordedCrowd:
    """The recorded answers of items whose truth is known.

    Args:
        labels: CSV with columns item, annotator, label; one answer a row.
        truth: CSV with columns item and truth (or label).

    Raises:
        UsageError: a file is missing.
        DataError: a column is missing, or nothing fits together.
    """
    return RecordedCrowd.of(read_answers(labels), read_labels(truth))


def read_answers(path: Path) -> list[tuple[str, str, str]]:
    """Rows of item, annotator and label, all as text."""
    return list(_columns(path, ("item", "annotator", "label")).iter_rows())


def read_labels(path: Path) -> dict[str, str]:
    """Known label by item; of several rows of one item the last counts."""
    frame = _read(path)
    column = next((c for c in _TRUTH if c in frame.columns), "truth")
    return dict(_checked(frame, path, ("item", column)).iter_rows())


def _columns(path: Path, names: tuple[str, ...]) -> pl.DataFrame:
    return _checked(_read(path), path, names)


def _checked(frame: pl.DataFrame, path: Path, names: tuple[str, ...]) -> pl.DataFrame:
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise DataError(
            f"The column {', '.join(missing)} is missing",
            where=f"{path}: {', '.join(frame.columns)}",
            next_step=f"Name the columns {', '.join(names)}",
        )
    return frame.select(names).drop_nulls()


def _read(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise UsageError("There is no such file", where=str(path), next_step="Give a CSV file")
    try:
        # Every value is text: 1 and "1" are the same class in both files.
        return pl.read_csv(path, infer_schema=False)
    except pl.exceptions.PolarsError as problem:
        raise DataError(f"The file cannot be read as CSV: {problem}", where=str(path)) from problem


def write_rows(path: Path, columns: tuple[str, ...], rows: list[tuple[str | None, ...]]) -> None:
    """A CSV of text.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row").write_csv(path)
    except OSError as problem:
        raise UsageError(
            f"The file cannot be written: {problem.strerror}", where=str(path), next_step="Name another place"
        ) from problem
