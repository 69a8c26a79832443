"""What makes a training set corrupt: found before a byte is written, and named row by row."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, compress, islice
from typing import Any

from labelwright.export.records import Record, turned
from labelwright.export.splits import shown
from labelwright.model.errors import CheckFailedError

#: Rows that are looked at together.
_AT_ONCE = 1024
#: The hash of an item that shows no text.
_NO_TEXT = hash("")
_PLAIN = frozenset({str, int, float, bool, type(None)})
#: How many rows a message names; all of them are in the file beside the output.
NAMED = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One corrupt row: the item's id, what is wrong, and the particulars."""

    item: str
    reason: str
    detail: str


class Checker:
    """Looks at every row once, many together, and keeps what is wrong.

    Args:
        classes: the schema's class names; empty where any label is allowed.
        fields: data fields whose texts together are what an item shows; empty: all of them.
    """

    def __init__(self, classes: tuple[str, ...], fields: tuple[str, ...]) -> None:
        self._known = frozenset(classes)
        self._fields = fields
        self._ids: list[str] = []
        self._splits: list[str] = []
        # 64 bits twice: among 10^9 texts, two different ones are taken for equal with a probability below 10^-19.
        self._texts, self._sure = array("q"), array("q")
        self._found: list[tuple[int, Problem]] = []

    def add(self, columns: Any) -> None:
        """Look at the next rows, turned into columns (see `turned`)."""
        if not self._are_usual(columns):
            for place, record in enumerate(map(Record._make, zip(*columns, strict=True)), len(self._ids)):
                self._found.extend((place, problem) for problem in _own_problems(record, self._known))
        self._ids += columns.id
        self._splits += columns.split
        texts = [text if text.strip("\x1f") else "" for data in columns.data for text in (shown(data, self._fields),)]
        self._texts.extend(map(hash, texts))
        self._sure.extend([hash(f"{text}\0") for text in texts])

    def problems(self) -> list[Problem]:
        """Every corrupt row so far, in the order of the rows."""
        found = [*self._found, *self._twice(), *self._leaks()]
        return [problem for _, problem in sorted(found, key=lambda pair: pair[0])]

    def _are_usual(self, columns: Any) -> bool:
        """Plainly sound, as nearly all rows are: this runs a million times."""
        if set(map(type, columns.label)) != {str} or min(columns.n_annotations) < 1:
            return False
        return (not self._known or self._known.issuperset(columns.label)) and _are_ascii(columns)

    def _twice(self) -> Iterator[tuple[int, Problem]]:
        seen: set[str] = set()
        if len(set(self._ids)) == len(self._ids):
            return
        for place, item in enumerate(self._ids):
            if item in seen:
                yield place, Problem(item, "duplicate id", "another row has the same id")
            seen.add(item)

    def _leaks(self) -> Iterator[tuple[int, Problem]]:
        """Rows whose text an earlier row of another split has."""
        first: dict[tuple[int, int], dict[str, str]] = {}
        for place in self._in_several_splits():
            item, split = self._ids[place], self._splits[place]
            splits = first.setdefault((self._texts[place], self._sure[place]), {})
            splits.setdefault(split, item)
            for other, there in splits.items():
                if other != split:
                    detail = f"here {split}, in {other} as {there!r}"
                    yield place, Problem(item, "the same text in two splits", detail)

    def _in_several_splits(self) -> list[int]:
        """The places of texts that more than one split has, in order."""
        splits = sorted(Counter(self._splits).items(), key=lambda pair: pair[1])
        wanted: set[int] = set()
        for (small, _), (large, _) in combinations(splits, 2):
            wanted |= set(self._texts_of(small)).intersection(self._texts_of(large))
        wanted.discard(_NO_TEXT)
        return [place for place, text in enumerate(self._texts) if text in wanted] if wanted else []

    def _texts_of(self, split: str) -> Iterator[int]:
        return compress(self._texts, [there == split for there in self._splits])


def find_problems(records: Iterable[Record], classes: tuple[str, ...], fields: tuple[str, ...]) -> list[Problem]:
    """Every corrupt row, in the order of the rows; see `Checker`."""
    checker, rows = Checker(classes, fields), iter(records)
    while some := list(islice(rows, _AT_ONCE)):
        checker.add(turned(some))
    return checker.problems()


def check_records(problems: Iterable[Problem], where: str) -> None:
    """Refuse a set with corrupt rows.

    Raises:
        CheckFailedError: there is one; the message names the first 20.
    """
    found = list(problems)
    if not found:
        return
    named = "; ".join(f"{p.item!r}: {p.reason} ({p.detail})" for p in found[:NAMED])
    more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
    raise CheckFailedError(
        f"Nothing was written, {len(found)} rows are corrupt: {named}{more}",
        where=where,
        next_step="Mend or remove these items. Equal texts belong into one group (data.group in labelwright.yaml)",
    )


def _own_problems(record: Record, known: frozenset[str]) -> Iterator[Problem]:
    labels = record.label if isinstance(record.label, list | tuple) else (record.label,)
    unknown = [label for label in labels if label not in known] if known else []
    if unknown:
        yield Problem(record.id, "unknown class", ", ".join(repr(label) for label in unknown))
    if not record.n_annotations:
        yield Problem(record.id, "a label without annotations", f"labeled {record.label!r}")
    try:
        _encode((record.id, record.group, record.label, record.existing, record.data, record.metadata))
    except UnicodeEncodeError:
        yield Problem(record.id, "not valid Unicode", "half of a surrogate pair, which no UTF-8 file can hold")


def _are_ascii(columns: Any) -> bool:
    """Everything that people wrote is ASCII, and nothing is nested: what most rows are is found quickly."""
    rows = [*columns.data, *columns.metadata]
    values = [value for row in rows for value in row.values()]
    if any(columns.existing) or not _PLAIN.issuperset(map(type, values)):
        return False
    texts = [value for value in values if type(value) is str]
    names = {name for row in rows for name in row}
    return "".join([*columns.id, *columns.group, *columns.label, *names, *texts]).isascii()


def _encode(value: Any) -> None:
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            _encode(key)
            _encode(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _encode(inner)
