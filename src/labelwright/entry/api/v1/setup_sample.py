"""The first rows of a data file, to be looked at."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROWS = 8
_MOST_TEXT = 300
#: A JSON file is read whole to be shown; a larger one is imported, but not shown.
_MOST_JSON = 50_000_000


def sample_rows(path: Path) -> list[dict[str, Any]]:
    """At most `ROWS` rows, long values cut. A file that cannot be shown gives none; the import says why."""
    try:
        return [{str(k): _cut(v) for k, v in row.items()} for row in itertools.islice(_rows(path), ROWS)]
    except (OSError, ValueError, csv.Error):
        return []


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    kind = path.suffix.lower()
    if kind == ".parquet":
        import polars as pl  # noqa: PLC0415

        yield from pl.read_parquet(path, n_rows=ROWS).iter_rows(named=True)
    elif kind in {".jsonl", ".ndjson"}:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            yield from (row for line in file if line.strip() and isinstance(row := json.loads(line), dict))
    elif kind == ".json":
        if path.stat().st_size <= _MOST_JSON:
            found = json.loads(path.read_text(encoding="utf-8-sig"))
            yield from (row for row in found if isinstance(row, dict))
    else:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            head = file.read(20_000)
            file.seek(0)
            mark = "\t" if kind == ".tsv" else csv.Sniffer().sniff(head, ",;\t|").delimiter if "\n" in head else ","
            yield from csv.DictReader(file, delimiter=mark)


def _cut(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    return text if len(text) <= _MOST_TEXT else text[:_MOST_TEXT] + "…"
