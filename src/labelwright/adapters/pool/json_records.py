"""JSON (one array) and JSONL: records with their place in bytes, so that a row is sought directly."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from labelwright.adapters.pool.batch import Batch, BatchBuilder
from labelwright.adapters.pool.encoding import decode, encoding_of, lines, mark_length
from labelwright.adapters.pool.rejects import Reject, excerpt, name_of
from labelwright.adapters.pool.source import Source, Wanted, stamp
from labelwright.model.errors import DataError

#: Records looked at to tell which columns there are and what they hold.
SAMPLE = 100
CHUNK = 1 << 20
LONGEST_ELEMENT = 64 << 20

# A string (perhaps cut off by the end of the chunk), or a character of the structure.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Record:
    number: int
    line: int
    offset: int
    length: int
    text: str
    fits: bool = True


class JsonReader:
    """A JSON array of objects, or an object a line. Which of the two is told by the first character."""

    def open(self, path: Path, encoding: str | None) -> Source:
        """Look at the first records for columns and types."""
        size, modified, digest = stamp(path)
        found = encoding_of(path, encoding)
        start = mark_length(path, found)
        form = _form(path, found, start)
        source = Source(path, form, (), size, modified, digest, found, start=start)
        parsed = (_parse(record)[0] for record in islice(_records(source), SAMPLE))
        objects = [value for value in parsed if isinstance(value, dict)]
        if not objects:
            raise DataError("None of the first records is a JSON object", where=str(path), next_step="Mend the file")
        columns = tuple(dict.fromkeys(name for value in objects for name in value))
        kinds = {name: _kind_of_most(objects, name) for name in columns}
        return Source(path, form, columns, size, modified, digest, found, kinds=kinds, start=start)

    def read(self, source: Source, wanted: Wanted) -> Iterator[Batch]:
        """All records; broken ones and those with values of another type than most are rejected."""
        builder = BatchBuilder(wanted.columns)
        for record in _records(source):
            values = _values(source, record, wanted)
            if isinstance(values, Reject):
                builder.reject(values)
            else:
                builder.add((record.number, record.line, record.offset, record.length), values)
            if builder.full:
                yield builder.take()
        yield builder.take()

    def fetch(self, source: Source, places: pl.DataFrame, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Records by their offsets."""
        found = []
        with source.path.open("rb") as stream:
            for offset, length in places.select("offset", "length").iter_rows():
                stream.seek(offset)
                record = orjson.loads(decode(stream.read(length), source.encoding or "utf-8"))
                found.append({column: record.get(column) for column in columns})
        return found

    def stream(self, source: Source, columns: Sequence[str]) -> Callable[[pl.DataFrame], list[dict[str, Any]]]:
        """As `fetch`, for places that come in the order of the file."""
        return lambda places: self.fetch(source, places, columns)


def _form(path: Path, encoding: str, start: int) -> str:
    with path.open("rb") as stream:
        stream.seek(start)
        first = decode_start(stream.read(4096), encoding).lstrip()[:1]
    if not first:
        raise DataError("The file is empty", where=str(path), next_step="It needs records")
    if first == "[" and path.suffix.lower() not in (".jsonl", ".ndjson"):
        if encoding.startswith("utf-16"):
            raise DataError("A JSON array in UTF-16 is not read", where=str(path), next_step="Save it as UTF-8")
        return "json"
    return "jsonl"


def decode_start(raw: bytes, encoding: str) -> str:
    """The beginning of a text, whose last character may be cut."""
    return raw.decode("utf-8" if encoding == "utf-8-sig" else encoding, "ignore")


def _records(source: Source) -> Iterator[_Record]:
    return _elements(source) if source.format == "json" else _json_lines(source)


def _json_lines(source: Source) -> Iterator[_Record]:
    number, offset = 0, source.start
    for line, (text, length, fits) in enumerate(lines(source.path, source.encoding or "utf-8", source.start), 1):
        if text and not text.isspace():
            yield _Record(number, line, offset, length, text, fits)
            number += 1
        offset += length


def _elements(source: Source) -> Iterator[_Record]:
    """The elements of the array, cut out by its brackets, so that a broken one does not spoil the next."""
    number, line = 0, 1
    for offset, before, raw in _slices(source):
        line += before
        if raw.strip():
            lead = len(raw) - len(raw.lstrip())
            body = raw.strip()
            at = line + raw[:lead].count(b"\n")
            yield _Record(number, at, offset + lead, len(body), *_text_of(body, source.encoding or "utf-8"))
            number += 1
        line += raw.count(b"\n")


def _slices(source: Source) -> Iterator[tuple[int, int, bytes]]:
    """Offset, line ends before it, and bytes of what stands between the array's commas."""
    with source.path.open("rb") as stream:
        stream.seek(source.start)
        buffer, base, position, depth, start = b"", source.start, 0, 0, 0
        before = 0
        while True:
            token = _TOKEN.search(buffer, position)
            if token is None or (token.group()[:1] == b'"' and token.end() == len(buffer)):
                # Perhaps cut off: read on. What came before the element at hand is let go.
                position = len(buffer) if token is None else token.start()
                chunk = stream.read(CHUNK)
                if not chunk or len(buffer) - start > LONGEST_ELEMENT:
                    break
                buffer, base = buffer[start:] + chunk, base + start
                position, start = position - start, 0
                continue
            kind, position = token.group(), token.end()
            if kind in b"[{":
                depth += 1
                if depth == 1:
                    before, start = buffer.count(b"\n", 0, position), position
            elif kind in b"]}":
                depth -= 1
            if (kind == b"," and depth == 1) or depth == 0:
                yield base + start, before, buffer[start : token.start()]
                before, start = 0, position
                if depth == 0:
                    return
        yield base + start, before, buffer[start:]


def _text_of(raw: bytes, encoding: str) -> tuple[str, bool]:
    codec = "utf-8" if encoding == "utf-8-sig" else encoding
    try:
        return raw.decode(codec), True
    except UnicodeDecodeError:
        return raw.decode(codec, "backslashreplace"), False


def _parse(record: _Record) -> tuple[Any, str | None]:
    try:
        return orjson.loads(record.text), None
    except orjson.JSONDecodeError as error:
        return None, str(error).split(": line", maxsplit=1)[0]


def _values(source: Source, record: _Record, wanted: Wanted) -> list[str | None] | Reject:
    """The record's values as strings, or why it cannot be used."""
    if not record.fits:
        return _reject(source, record, "bytes that do not fit the encoding", source.encoding)
    value, problem = _parse(record)
    if problem is not None:
        return _reject(source, record, "broken JSON", problem)
    if not isinstance(value, dict):
        return _reject(source, record, "not a JSON object", _kind(value))
    for column in wanted.data:
        kind, usual = _kind(value.get(column)), source.kinds[column]
        if kind not in ("missing", usual) or kind in ("number", "boolean"):
            expected = usual if usual in ("list", "object") else "text"
            return _reject(source, record, "wrong type", f"{kind} where {expected} is expected", column, value[column])
    return [_as_string(value.get(column)) for column in wanted.columns]


def _reject(
    source: Source,
    record: _Record,
    reason: str,
    detail: str | None,
    field: str | None = None,
    shown: object = None,
) -> Reject:
    text = excerpt(record.text.strip() if field is None else shown)
    return Reject(name_of(source.path), record.number + 1, reason, record.line, field, text, detail)


def _as_string(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if value in ([], {}):
        return ""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _kind(value: Any) -> str:
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "boolean"
    kinds = {str: "text", int: "number", float: "number", list: "list", dict: "object"}
    return kinds[type(value)]


def _kind_of_most(objects: Sequence[dict[str, Any]], column: str) -> str:
    """The kind of most values; where it is neither list nor object, text is what is expected."""
    counts = Counter(kind for value in objects if (kind := _kind(value.get(column))) != "missing")
    most = counts.most_common(1)[0][0] if counts else "text"
    return most if most in ("list", "object") else "text"
