"""Files of known labels: CSV, Parquet or JSONL with columns id and label, and for what is drawn a column result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from labelwright.app.gold import GoldRow
from labelwright.model.errors import DataError

#: Where a row's number starts: a file's first line holds the names.
_FIRST = {"": 2, ".jsonl": 1, ".ndjson": 1}


def read_gold(path: Path) -> list[GoldRow]:
    """The rows of a gold file in order.

    Columns: ``id``; ``label``, or ``result`` with a list of Label Studio's records; ``explanation`` is optional.

    Raises:
        DataError: the file cannot be read, or has no column id.
    """
    try:
        rows = list(_rows(path))
    except (OSError, ValueError, pl.exceptions.PolarsError) as problem:
        raise DataError(
            f"The gold cannot be read: {problem}", where=str(path), next_step="CSV, Parquet or JSONL with id and label"
        ) from problem
    if rows and not any("id" in r for r in rows):
        raise DataError("The gold has no column id", where=str(path), next_step="It needs the columns id and label")
    first = _FIRST.get(path.suffix.lower(), _FIRST[""])
    return [_row(number, values) for number, values in enumerate(rows, first)]


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    match path.suffix.lower():
        case ".jsonl" | ".ndjson":
            for line in path.read_bytes().splitlines():
                found = orjson.loads(line) if line.strip() else {}
                yield found if isinstance(found, dict) else {}
        case ".parquet":
            yield from pl.read_parquet(path).iter_rows(named=True)
        case _:
            yield from pl.read_csv(path, infer_schema=False, encoding="utf8").iter_rows(named=True)


def _row(number: int, values: Mapping[str, Any]) -> GoldRow:
    label, answer, why = values.get("label"), values.get("result") or (), values.get("explanation")
    if isinstance(answer, str):
        answer = orjson.loads(answer) if answer.lstrip().startswith("[") else ()
    return GoldRow(
        number,
        str(values.get("id") or ""),
        str(label) if label not in {None, ""} else None,
        tuple(r for r in answer if isinstance(r, dict)),
        str(why) if why else None,
    )
