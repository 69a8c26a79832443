"""A table with item, annotator, label (CSV, TSV, Parquet) as the tables of a report: millions of rows, no objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from labelwright.app.tables import NUMERIC_KINDS, ControlTable, Tables
from labelwright.model.errors import DataError, UsageError
from labelwright.model.project import AnnotationState, Annotator, Item
from labelwright.model.schema import Control, Kind

#: Names that the three columns go by, besides the one given; the first is ours.
_ITEM = ("item", "item_id", "task", "task_id")
_ANNOTATOR = ("annotator", "annotator_id", "worker", "worker_id", "completed_by", "user")
_LABEL = ("label", "class", "answer", "choice")
_TEXT = ("text", "content", "sentence")
_SECONDS = ("seconds", "lead_time")
#: From this many different whole numbers on, labels are a quantity rather than classes.
_MANY_VALUES = 20


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """Which column means what; None: found by its usual names."""

    item: str | None = None
    annotator: str | None = None
    label: str | None = None
    text: str | None = None
    kind: Kind | None = None


def is_table(path: Path) -> bool:
    """The file's name says that it is a table."""
    return path.suffix.lower() in {".csv", ".tsv", ".tab", ".parquet", ".pq"}


def read_table(path: Path, names: ColumnNames | None = None) -> Tables:
    """Read the table. A row without item, annotator or label is left out and counted with its reason.

    Of several answers of an annotator to an item the last row counts.

    Raises:
        DataError: the file cannot be read as a table, or a column is missing.
    """
    names = names or ColumnNames()
    raw, notes = _load(path)
    columns = _columns(raw.columns, names, path)
    rows, rejected = _clean(raw.select([pl.col(old).alias(new) for new, old in columns.items()]))
    kind = names.kind or _kind(rows["label"])
    if kind in NUMERIC_KINDS:
        rows = _numbers(rows, rejected)
    if names.kind is None:
        notes = (*notes, *_reading(raw[columns["label"]], kind))
    return _tables(rows, kind, rejected, notes)


def _load(path: Path) -> tuple[pl.DataFrame, tuple[str, ...]]:
    try:
        if path.suffix.lower() in {".parquet", ".pq"}:
            return pl.read_parquet(path), ()
        return _load_text(path, "\t" if path.suffix.lower() in {".tsv", ".tab"} else ",")
    except OSError as error:
        raise DataError(
            f"The file cannot be read: {error.strerror or error}",
            where=str(path),
            next_step="Check the path and its permissions.",
        ) from error
    except pl.exceptions.PolarsError as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise DataError(
            f"The file cannot be read as a table: {reason}",
            where=str(path),
            next_step="It needs a header line with the columns item, annotator, label.",
        ) from error


def _load_text(path: Path, separator: str) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Every field as text: whether labels are numbers is decided by all of them, not by the first hundred."""

    def read(source: Path | bytes) -> pl.DataFrame:
        return pl.read_csv(source, separator=separator, infer_schema=False, truncate_ragged_lines=True)

    try:
        return read(path), ()
    except pl.exceptions.ComputeError as error:
        if "utf" not in str(error).lower():
            raise
        raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        return read(raw.decode("latin-1").encode()), ("The file is not UTF-8; it was read as Latin-1.",)


def _columns(found: list[str], names: ColumnNames, path: Path) -> dict[str, str]:
    columns: dict[str, str] = {}
    needed: tuple[tuple[str, str | None, tuple[str, ...]], ...] = (
        ("item", names.item, _ITEM),
        ("annotator", names.annotator, _ANNOTATOR),
        ("label", names.label, _LABEL),
    )
    extra: tuple[tuple[str, str | None, tuple[str, ...]], ...] = (
        ("text", names.text, _TEXT),
        ("seconds", None, _SECONDS),
    )
    for meaning, given, usual in needed:
        column = _find(found, given, usual)
        if column is None:
            raise DataError(
                f"There is no column {given or meaning}",
                where=f"{path} has: {', '.join(found) or 'no columns'}",
                next_step=f"Rename one, or name it with --{meaning}-column.",
            )
        columns[meaning] = column
    for meaning, given, usual in extra:
        column = _find(found, given, usual)
        if column is None and given is not None:
            raise UsageError(f"There is no column {given}", where=str(path), next_step=f"It has: {', '.join(found)}.")
        if column is not None and column not in columns.values():
            columns[meaning] = column
    return columns


def _find(found: list[str], given: str | None, usual: tuple[str, ...]) -> str | None:
    if given is not None:
        return given if given in found else None
    lowered = {name.strip().lower(): name for name in reversed(found)}
    return next((lowered[name] for name in usual if name in lowered), None)


def _clean(rows: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
    """Ids and labels as text without surrounding blanks; incomplete rows counted by what they lack."""
    keys = ("item", "annotator", "label")
    stripped = rows.with_columns(pl.col(k).cast(pl.String).str.strip_chars().replace("", None) for k in keys)
    rejected: dict[str, int] = {}
    for key in keys:
        n = stripped[key].null_count()
        if n:
            rejected[f"a row without {key}"] = n
            stripped = stripped.filter(pl.col(key).is_not_null())
    if "seconds" in stripped.columns:
        seconds = pl.col("seconds").cast(pl.Float64, strict=False)
        stripped = stripped.with_columns(seconds=pl.when(seconds.is_finite() & (seconds >= 0)).then(seconds))
    return stripped, rejected


def _numbers(rows: pl.DataFrame, rejected: dict[str, int]) -> pl.DataFrame:
    value = pl.col("label").cast(pl.Float64, strict=False)
    numbers = rows.with_columns(label=pl.when(value.is_finite()).then(value))
    n = numbers["label"].null_count()
    if n:
        rejected["a label that is not a number"] = n
    return numbers.drop_nulls("label")


def _kind(labels: pl.Series) -> Kind:
    """Numbers with a fraction, or more whole numbers than anybody has classes, are a quantity."""
    distinct = labels.unique()
    values = distinct.cast(pl.Float64, strict=False)
    if not len(values) or values.null_count() or not values.is_finite().all():
        return Kind.CHOICE
    whole = bool((values == values.floor()).all())
    return Kind.CHOICE if whole and len(values) <= _MANY_VALUES else Kind.NUMBER


def _reading(labels: pl.Series, kind: Kind) -> tuple[str, ...]:
    """Says how numbers were read, since that decides which differences weigh more than others."""
    if kind is Kind.NUMBER:
        return ("The labels are read as numbers on an interval scale (--level nominal reads them as classes).",)
    if labels.unique().cast(pl.Float64, strict=False).null_count() == 0 and len(labels):
        return ("The labels are numbers read as classes (--level ordinal reads them as ordered steps).",)
    return ()


def _tables(rows: pl.DataFrame, kind: Kind, rejected: dict[str, int], notes: tuple[str, ...]) -> Tables:
    last = rows.with_columns(_later=~pl.struct("item", "annotator").is_last_distinct())
    labels = last.filter(~pl.col("_later")).select("item", "annotator", "label")
    classes: tuple[str, ...] = ()
    if kind not in NUMERIC_KINDS:
        classes = tuple(labels["label"].unique().sort().to_list())
    annotators = labels["annotator"].unique().sort().to_list()
    state = pl.when("_later").then(pl.lit(AnnotationState.SUPERSEDED)).otherwise(pl.lit(AnnotationState.VALID))
    seconds = pl.col("seconds") if "seconds" in rows.columns else pl.lit(None, pl.Float64)
    return Tables(
        controls=(ControlTable(Control("label", "", kind, (), classes), labels, n_dropped=int(last["_later"].sum())),),
        answers=last.select(
            "item", "annotator", state.alias("state"), seconds.alias("seconds"), pl.lit(0, pl.Int64).alias("round")
        ),
        content=_Content(rows),
        n_items=labels["item"].n_unique(),
        annotators={a: Annotator(a, a, "") for a in annotators},
        rejected=rejected,
        notes=notes,
    )


@dataclass(frozen=True, slots=True)
class _Content:
    """Looks up the text of the few items that a report names."""

    rows: pl.DataFrame

    def __call__(self, ids: Iterable[str]) -> Mapping[str, Item]:
        wanted = list(ids)
        if "text" not in self.rows.columns:
            return {i: Item(i, {}) for i in wanted}
        found = self.rows.filter(pl.col("item").is_in(wanted)).unique("item", keep="first", maintain_order=True)
        return {row["item"]: Item(row["item"], {"text": row["text"]}) for row in found.iter_rows(named=True)}
