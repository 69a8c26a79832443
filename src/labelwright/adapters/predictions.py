"""Writes predictions as they come, as Parquet, CSV or JSON Lines."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

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
    texts = {"id", "label", "model"}
    return pa.schema([(name, pa.string() if name in texts else pa.float64()) for name in rows[0]])
