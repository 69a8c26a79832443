"""The columns of a training set: their names, types and order are the same in every format."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import islice
from operator import attrgetter
from typing import Any

from labelwright.export.records import Record, turned

#: Rows that are looked at together.
_AT_ONCE = 1024
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
    REALS = "reals"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: in every format.
        type: what it holds.
        of: how a record gives its value (None: empty).
        take: how `Columns` give its values.
        exact: the values are of the column's type already, or empty.
    """

    name: str
    type: Type
    of: Callable[[Record], Any]
    take: Callable[[Any], Sequence[Any]]
    exact: bool = True


def _own(name: str, kind: Type, part: str | None = None) -> Column:
    """A column that is a field of the record."""
    getter = attrgetter(part or name)
    return Column(name, kind, getter, getter)


#: Columns that every set has, before and after the data fields.
_ID = _own("id", Type.TEXT)
_TAIL = (
    _own("posterior", Type.REAL),
    _own("split", Type.TEXT),
    _own("group", Type.TEXT),
    _own("existing_label", Type.TEXT, "existing"),
    _own("n_annotations", Type.INTEGER),
    _own("annotators", Type.TEXTS),
    _own("inferred_by", Type.TEXT),
    _own("contested", Type.TRUTH),
    _own("annotation_ids", Type.TEXTS),
    _own("guidelines_versions", Type.INTEGERS),
    _own("schema_versions", Type.INTEGERS),
    _own("suggested_by", Type.TEXTS),
    _own("adjudicator", Type.TEXT),
)
_SOFT = Column(
    "soft_label",
    Type.REALS,
    lambda record: list((record.soft or {}).values()),
    lambda columns: [list((soft or {}).values()) for soft in columns.soft],
)
RESERVED = frozenset({"id", "label", "soft_label", *(c.name for c in _TAIL)})


#: Types of values (see `class_of`) and the first column type that holds them all.
_KINDS = (
    (frozenset({str, datetime, date}), Type.TEXT),
    (frozenset({bool}), Type.TRUTH),
    (frozenset({int, bytes}), Type.INTEGER),
    (frozenset({int, float}), Type.REAL),
    (frozenset({frozenset}), Type.TEXTS),
)
#: Types that alone do not tell (see `class_of`).
_LOOKED_INTO = frozenset({int, list})
_EXACT_KINDS = ({str}, {bool}, {int}, {frozenset})


class ColumnSurvey:
    """Finds the columns of a set by looking at every row once.

    Args:
        fields: the schema's data fields, which come first among the data fields.
    """

    def __init__(self, fields: Iterable[str]) -> None:
        self._fields = tuple(fields)
        self._label: set[type] = set()
        self._data: dict[str, set[type]] = {}
        self._metadata: dict[str, set[type]] = {}
        self._answers: dict[str, set[type]] = {}
        self._soft = False

    def add(self, columns: Any) -> None:
        """Look at the next rows, turned into columns (see `turned`)."""
        self._label |= _classes(columns.label)
        _note(self._data, columns.data)
        _note(self._metadata, columns.metadata)
        if any(columns.answers):
            _note(self._answers, columns.answers)
        self._soft = self._soft or any(soft is not None for soft in columns.soft)

    def columns(self) -> tuple[Column, ...]:
        """Id, label, data fields, other controls, what is known of the label, metadata.

        A column whose name is taken gets ``data_``, ``answer_`` or ``metadata_`` before it.
        """
        known = [f for f in self._fields if f in self._data]
        order = [*known, *sorted(set(self._data) - set(known))]
        taken = set(RESERVED)
        data = [_within("data", f, _free(f, "data", taken), self._data[f]) for f in order]
        metadata = [
            _within("metadata", f, _free(f, "metadata", taken), self._metadata[f]) for f in sorted(self._metadata)
        ]
        answers = [_within("answers", f, _free(f, "answer", taken), self._answers[f]) for f in sorted(self._answers)]
        label = replace(_own("label", type_of(self._label)), exact=_exact(self._label))
        soft = (_SOFT,) if self._soft else ()
        return (_ID, label, *soft, *data, *answers, *_TAIL, *metadata)


def columns_of(records: Iterable[Record], fields: Iterable[str]) -> tuple[Column, ...]:
    """The columns of a set; see `ColumnSurvey`."""
    survey, rows = ColumnSurvey(fields), iter(records)
    while some := tuple(islice(rows, _AT_ONCE)):
        survey.add(turned(some))
    return survey.columns()


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
    if value is None or (kind is Type.TEXT and type(value) is str):
        return value
    if kind is Type.JSON:
        return json.dumps(plain(value), ensure_ascii=False, sort_keys=True)
    if kind is Type.REAL:
        return float(value) if math.isfinite(value) else None
    return plain(value) if kind is Type.TEXT else value


def _note(kinds: dict[str, set[type]], rows: Sequence[Mapping[str, Any]]) -> None:
    """The types under each name, of rows that mostly have the same names."""
    names = rows[0].keys()
    alike = all(row.keys() == names for row in rows)
    for name in names if alike else {name for row in rows for name in row}:
        values = [row[name] for row in rows] if alike else [row[name] for row in rows if name in row]
        kinds[name] = kinds.get(name, set()) | _classes(values)


def _classes(values: Sequence[Any]) -> set[type]:
    """The types of values, by stand-ins where `class_of` has them."""
    kinds = set(map(type, values))
    if kinds.isdisjoint(_LOOKED_INTO):
        return kinds
    return {class_of(value) for value in values}


def class_of(value: Any) -> type:
    """The value's type.

    Types of their own, by stand-ins: lists of texts (frozenset), whole numbers that no 64 bits hold (complex), and
    those that no float holds (bytes).
    """
    kind = type(value)
    if kind is int and abs(value) > _EXACT:
        return bytes if -_INT64 <= value < _INT64 else complex
    if kind is list and all(isinstance(v, str) for v in value):
        return frozenset
    return kind


def type_of(kinds: set[type]) -> Type:
    """The first column type that holds values of all those types (see `class_of`)."""
    kinds = kinds - {type(None)}
    for members, found in _KINDS:
        if kinds <= members:
            return found
    return Type.JSON


def _free(field: str, prefix: str, taken: set[str]) -> str:
    name = field
    while name in taken:
        name = f"{prefix}_{name}"
    taken.add(name)
    return name


def _exact(kinds: set[type]) -> bool:
    return kinds - {type(None)} in _EXACT_KINDS


def _within(part: str, field: str, name: str, kinds: set[type]) -> Column:
    """A column that is one field of the record's data, metadata or answers."""
    mappings = attrgetter(part)
    return Column(
        name,
        type_of(kinds),
        lambda record: mappings(record).get(field),
        lambda columns: [mapping.get(field) for mapping in mappings(columns)],
        _exact(kinds),
    )
