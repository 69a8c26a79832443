"""The columns of a training set: their names, types and order are the same in every format."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from labelwright.export.records import Record

_EXACT = 2**53  # a float holds every whole number up to here
_INT64 = 2**63


class Type(StrEnum):
    """What a column holds; JSON is text that holds a JSON value in formats without nesting."""

    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"
    TRUTH = "truth"
    TEXTS = "texts"
    INTEGERS = "integers"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, type, and how a record gives its value (None: empty)."""

    name: str
    type: Type
    of: Callable[[Record], Any]


#: Columns that every set has, before and after the data fields.
_LEAD = (
    Column("id", Type.TEXT, lambda r: r.id),
    Column("label", Type.TEXT, lambda r: r.label),
)
_TAIL = (
    Column("posterior", Type.REAL, lambda r: r.posterior),
    Column("split", Type.TEXT, lambda r: r.split),
    Column("group", Type.TEXT, lambda r: r.group),
    Column("existing_label", Type.TEXT, lambda r: r.existing),
    Column("n_annotations", Type.INTEGER, lambda r: r.n_annotations),
    Column("annotators", Type.TEXTS, lambda r: list(r.annotators)),
    Column("inferred_by", Type.TEXT, lambda r: r.inferred_by),
    Column("contested", Type.TRUTH, lambda r: r.contested),
    Column("annotation_ids", Type.TEXTS, lambda r: list(r.lineage.annotations)),
    Column("guidelines_versions", Type.INTEGERS, lambda r: list(r.lineage.guidelines_versions)),
    Column("schema_versions", Type.INTEGERS, lambda r: list(r.lineage.schema_versions)),
)
RESERVED = frozenset(c.name for c in _LEAD + _TAIL)


def columns_of(records: Iterable[Record], fields: Iterable[str]) -> tuple[Column, ...]:
    """The columns of a set: id, label, data fields, what is known of the label, metadata.

    A data field or metadata column whose name is taken gets ``data_`` or ``metadata_`` before it.

    Args:
        records: every row, read once.
        fields: the schema's data fields, which come first among the data fields.
    """
    kinds: dict[str, dict[str, set[type]]] = {"data": {}, "metadata": {}, "label": {}}
    for record in records:
        _note(kinds["label"], {"label": record.label})
        _note(kinds["data"], record.data)
        _note(kinds["metadata"], record.metadata)
    known = [f for f in fields if f in kinds["data"]]
    order = [*known, *sorted(set(kinds["data"]) - set(known))]
    taken = set(RESERVED)
    data = [_column(f, kinds["data"][f], "data", taken) for f in order]
    metadata = [_column(f, kinds["metadata"][f], "metadata", taken) for f in sorted(kinds["metadata"])]
    label = Column("label", _type(kinds["label"].get("label", set())), _LEAD[1].of)
    return (_LEAD[0], label, *data, *_TAIL, *metadata)


def plain(value: Any) -> Any:
    """A value as readers of JSON take it.

    Dates are ISO 8601, not-a-number is None; whole numbers beyond 64 bits, which few readers take, and what JSON does
    not know are text.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if -_INT64 <= value < _INT64 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value.isoformat() if isinstance(value, date) else str(value)


def flat(value: Any, kind: Type) -> Any:
    """A value for a format without nesting: as ``kind`` says, JSON as text."""
    if value is None:
        return None
    if kind is Type.JSON:
        return json.dumps(plain(value), ensure_ascii=False, sort_keys=True)
    if kind is Type.REAL:
        return float(value) if math.isfinite(value) else None
    return plain(value) if kind is Type.TEXT else value


def _note(kinds: dict[str, set[type]], values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        kinds.setdefault(name, set()).add(_class(value))


def _class(value: Any) -> type:
    """The value's type; whole numbers that no 64 bits hold, and those that no float holds, are types of their own."""
    kind = type(value)
    if kind is int and abs(value) > _EXACT:
        return complex if abs(value) >= _INT64 else bytes
    return kind


def _type(kinds: set[type]) -> Type:
    kinds = kinds - {type(None)}
    if kinds <= {str, datetime, date}:
        return Type.TEXT
    if kinds <= {bool}:
        return Type.TRUTH
    if kinds <= {int, bytes}:
        return Type.INTEGER
    return Type.REAL if kinds <= {int, float} else Type.JSON


def _column(field: str, kinds: set[type], prefix: str, taken: set[str]) -> Column:
    name = field
    while name in taken:
        name = f"{prefix}_{name}"
    taken.add(name)

    def of(record: Record) -> Any:
        return getattr(record, prefix).get(field)

    return Column(name, _type(kinds), of)
