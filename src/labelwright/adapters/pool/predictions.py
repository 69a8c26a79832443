"""The user's own predictions: a file with an id and class probabilities, or Label Studio results, row by row."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow.parquet as pq

from labelwright.adapters.pool.rejects import Reject, RejectLog, excerpt
from labelwright.model.errors import DataError
from labelwright.ports.scoring import ScoredRows
from labelwright.sampling.requests import SUM_TOLERANCE

REJECTS = "prediction-rejects.jsonl"


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """What a file says of the pool.

    Attributes:
        scored: rows of the pool, ascending, and the class probabilities of each.
        rejected: rows of the file that cannot be used.
        reasons: how many by reason.
    """

    scored: ScoredRows
    rejected: int
    reasons: Mapping[str, int]


@dataclass(eq=False)
class _Bad(Exception):  # noqa: N818 - a row that is turned away, caught a few lines below
    reason: str
    field: str | None = None
    value: Any = None


def read_predictions(
    path: Path,
    classes: Sequence[str],
    label_of: Callable[[str], str | None],
    rows_of: Callable[[Sequence[str]], np.ndarray[Any, Any]],
    rejects: Path,
) -> Predictions:
    """Read and check a file of predictions.

    Args:
        path: CSV, Parquet or JSON Lines with ``id`` and either one column a class, ``probabilities`` (an object by
            class), or ``result`` (a list of Label Studio results) and ``score`` (0..1).
        classes: of the control, in their order.
        label_of: the one class that a list of results chooses; None where it chooses none or several.
        rows_of: rows of the pool by ids, -1 where there is no such item.
        rejects: where the bad rows go, with reasons.

    Raises:
        DataError: the file cannot be read, or not one row can be used.
    """
    found: dict[str, np.ndarray[Any, Any]] = {}
    places: dict[str, int] = {}
    rejects.parent.mkdir(parents=True, exist_ok=True)
    with rejects.open("wb") as stream:
        log = RejectLog(stream)

        def reject(number: int, bad: _Bad) -> None:
            log.add(Reject(path.name, number, bad.reason, None, bad.field, excerpt(bad.value)))

        for number, row in enumerate(_rows(path), 1):
            try:
                item, said = _id(row, found)
                found[item], places[item] = _probabilities(said, classes, label_of), number
            except _Bad as bad:
                reject(number, bad)
        ids = list(found)
        rows = rows_of(ids) if ids else np.empty(0, dtype=np.int64)
        for item, at in zip(ids, rows.tolist(), strict=True):
            if at < 0:
                reject(places[item], _Bad("no such item in the pool", "id", item))
    usable = np.flatnonzero(rows >= 0)
    if not len(usable):
        raise DataError("Not one prediction can be used", where=str(path), next_step=f"See {rejects}")
    order = usable[np.argsort(rows[usable], kind="stable")]
    p = np.array([found[ids[k]] for k in order.tolist()])
    return Predictions((rows[order].astype(np.int64), p), sum(log.reasons.values()), dict(log.reasons))


def _rows(path: Path) -> Iterator[Mapping[str, Any] | None]:
    """Each row as a mapping; None where it is none."""
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            for batch in pq.ParquetFile(path).iter_batches(10_000):
                yield from batch.to_pylist()
        elif path.suffix.lower() in (".jsonl", ".ndjson"):
            with path.open("rb") as stream:
                yield from (_object(line) for line in stream if line.strip())
        else:
            with path.open(encoding="utf-8-sig", newline="") as text:
                yield from csv.DictReader(text)
    except (OSError, ValueError, csv.Error) as problem:
        raise DataError(
            f"The predictions cannot be read: {problem}",
            where=str(path),
            next_step="Give a CSV, Parquet or JSON Lines file with the columns id and one for each class",
        ) from problem


def _object(line: bytes) -> Mapping[str, Any] | None:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _id(row: Mapping[str, Any] | None, found: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    if row is None:
        raise _Bad("not a JSON object")
    value = row.get("id")
    if value is None or not str(value).strip():
        raise _Bad("missing id", "id")
    if str(value) in found:
        raise _Bad("id used before", "id", value)
    return str(value), row


def _probabilities(
    row: Mapping[str, Any], classes: Sequence[str], label_of: Callable[[str], str | None]
) -> np.ndarray[Any, Any]:
    if row.get("result") not in (None, ""):
        return _of_result(row, classes, label_of)
    given = row.get("probabilities") or row
    if not isinstance(given, Mapping):
        raise _Bad("probabilities are no object by class", "probabilities", given)
    p = np.array([_number(given.get(name), name) for name in classes])
    if abs(float(p.sum()) - 1) > SUM_TOLERANCE:
        raise _Bad("probabilities do not add up to 1", None, float(p.sum()))
    return np.asarray(p / p.sum())


def _number(value: Any, field: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise _Bad("missing probability" if value in (None, "") else "not a number", field, value) from None
    if not 0 <= number <= 1:
        raise _Bad("a probability lies between 0 and 1", field, value)
    return number


def _of_result(
    row: Mapping[str, Any], classes: Sequence[str], label_of: Callable[[str], str | None]
) -> np.ndarray[Any, Any]:
    """The class that the results choose has the score; the others share what is left."""
    raw = row["result"] if isinstance(row["result"], str) else orjson.dumps(row["result"]).decode()
    label = label_of(raw)
    if label is None:
        raise _Bad("the results do not choose one class of the schema", "result", raw)
    score = _number(row.get("score"), "score")
    p = np.full(len(classes), (1 - score) / (len(classes) - 1))
    p[classes.index(label)] = score
    return p
