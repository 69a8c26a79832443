"""What makes a training set corrupt: found before a byte is written, and named row by row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from labelwright.export.records import Record
from labelwright.export.splits import shown
from labelwright.model.errors import CheckFailedError

#: How many rows a message names; all of them are in the file beside the output.
NAMED = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One corrupt row: the item's id, what is wrong, and the particulars."""

    item: str
    reason: str
    detail: str


class Checker:
    """Looks at every row once and keeps what is wrong.

    Args:
        classes: the schema's class names; empty where any label is allowed.
        fields: data fields whose texts together are what an item shows; empty: all of them.
    """

    def __init__(self, classes: tuple[str, ...], fields: tuple[str, ...]) -> None:
        self.problems: list[Problem] = []
        self._known = frozenset(classes)
        self._fields = fields
        self._ids: set[str] = set()
        self._texts: dict[str, dict[int, str]] = {}

    def add(self, record: Record) -> None:
        """Look at the next row."""
        if not self._is_usual(record):
            self.problems.extend(_own_problems(record, self._known))
        if record.id in self._ids:
            self.problems.append(Problem(record.id, "duplicate id", "another row has the same id"))
        self._ids.add(record.id)
        self._leak(record)

    def _is_usual(self, record: Record) -> bool:
        """Plainly sound, as nearly all rows are: this runs a million times."""
        label, known = record.label, self._known
        return type(label) is str and (not known or label in known) and record.n_annotations > 0 and _is_unicode(record)

    def _leak(self, record: Record) -> None:
        text = shown(record.data, self._fields)
        if not text.strip("\x1f"):
            return
        # 12 bytes: among 10^9 texts, two different ones are taken for equal with a probability below 10^-10.
        digest = int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest(), "big")
        self._texts.setdefault(record.split, {}).setdefault(digest, record.id)
        for split, texts in self._texts.items():
            if split != record.split and digest in texts:
                detail = f"here {record.split}, in {split} as {texts[digest]!r}"
                self.problems.append(Problem(record.id, "the same text in two splits", detail))


def find_problems(records: Iterable[Record], classes: tuple[str, ...], fields: tuple[str, ...]) -> list[Problem]:
    """Every corrupt row, in the order of the rows; see `Checker`."""
    checker = Checker(classes, fields)
    for record in records:
        checker.add(record)
    return checker.problems


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
    if not _is_unicode(record):
        yield Problem(record.id, "not valid Unicode", "half of a surrogate pair, which no UTF-8 file can hold")


def _is_unicode(record: Record) -> bool:
    data, metadata = record.data, record.metadata
    values = (record.id, record.group, record.label, *data, *data.values(), *metadata, *metadata.values())
    with suppress(TypeError):  # not all are texts
        if not record.existing and "".join(values).isascii():
            return True  # the usual case, quickly
    try:
        _encode((record.id, record.group, record.label, record.existing, record.data, record.metadata))
    except UnicodeEncodeError:
        return False
    return True


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
