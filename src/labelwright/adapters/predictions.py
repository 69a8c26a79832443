"""Predictions as files, Parquet, CSV or JSON Lines: written as they come, and read where others made them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from labelwright.model.errors import DataError
from labelwright.ports.suggesting import Predicted

Rows = list[dict[str, Any]]


def write_predictions(out: Path, parts: Iterable[Rows]) -> int:
    """Write a file that appears when it is whole; how many rows it has.

    Args:
        out: its suffix, .parquet, .csv or .jsonl, says the form.
        parts: rows with the same columns throughout.
    """
    part = out.with_name(out.name + ".part")
    write = {".parquet": _parquet, ".csv": _csv, ".jsonl": _jsonl}[out.suffix]
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        n = write(part, parts)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return n


def _jsonl(path: Path, parts: Iterable[Rows]) -> int:
    n = 0
    with path.open("wb") as file:
        for rows in parts:
            file.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
            n += len(rows)
    return n


def _csv(path: Path, parts: Iterable[Rows]) -> int:
    n = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer: Callable[[Any], Any] = csv.writer(file).writerow
        for rows in parts:
            if n == 0 and rows:
                writer(list(rows[0]))
            for row in rows:
                writer(list(row.values()))
            n += len(rows)
    return n


def _parquet(path: Path, parts: Iterable[Rows]) -> int:
    n, writer = 0, None
    try:
        for rows in parts:
            schema = writer.schema if writer else _schema(rows)
            batch = pa.Table.from_pylist(rows, schema)
            writer = writer or pq.ParquetWriter(path, schema, compression="zstd")
            writer.write_table(batch)
            n += len(rows)
        if writer is None:
            pq.write_table(pa.table({"id": pa.array([], pa.string())}), path)
    finally:
        if writer is not None:
            writer.close()
    return n


def _schema(rows: Rows) -> pa.Schema:
    """Text for what is told about the item, numbers for the classes."""
    texts = {"id", "label", "model", "result"}
    return pa.schema([(name, pa.string() if name in texts else pa.float64()) for name in rows[0]])


def read_predictions(path: Path, classes: Collection[str]) -> dict[str, Predicted]:
    """Predictions of the user's own, by item id.

    Args:
        path: .parquet, .csv or .jsonl with a column ``id`` and either one column a class (probabilities), or
            ``probabilities`` (an object by class), or ``label``
            and perhaps ``confidence``, or ``result`` (Label Studio's list) and perhaps ``score``.
        classes: of the control.

    Raises:
        DataError: the file cannot be read, lacks what is needed, or says two things about one item.
    """
    readers: dict[str, Callable[[Path], pl.DataFrame]] = {
        ".parquet": pl.read_parquet,
        ".csv": pl.read_csv,
        ".jsonl": pl.read_ndjson,
    }
    try:
        frame = readers[path.suffix](path)
    except (KeyError, OSError, pl.exceptions.PolarsError) as problem:
        raise _wrong(f"The predictions cannot be read: {problem}", path) from problem
    named = [c for c in classes if c in frame.columns]
    if "id" not in frame.columns or not (named or {"label", "result", "probabilities"} & set(frame.columns)):
        raise _wrong(f"The file has the columns {', '.join(frame.columns)}", path)
    found = {str(row["id"]): _predicted(row, named) for row in frame.iter_rows(named=True)}
    if len(found) != len(frame):
        raise _wrong("An item has two predictions", path)
    return {item: p for item, p in found.items() if p is not None}


def _predicted(row: Mapping[str, Any], named: Sequence[str]) -> Predicted | None:
    """What one row says; None where it says nothing."""
    if row.get("result"):
        lines = orjson.loads(row["result"]) if isinstance(row["result"], str) else row["result"]
        return Predicted(None, row.get("score"), tuple(lines))
    given = row.get("probabilities")
    p = {c: value for c, value in given.items() if value is not None} if isinstance(given, Mapping) else {}
    p = p or {c: row[c] for c in named if row[c] is not None}
    if p:
        best = max(p, key=lambda c: p[c])
        return Predicted(best, float(p[best]))
    return None if row.get("label") is None else Predicted(str(row["label"]), row.get("confidence"))


def _wrong(what: str, path: Path) -> DataError:
    return DataError(
        what,
        where=str(path),
        next_step="It needs id, and a column for each class, or label and confidence, or result and score",
    )
