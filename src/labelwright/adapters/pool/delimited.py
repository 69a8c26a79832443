"""CSV and TSV: records with their place in bytes, so that a row is sought directly."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from labelwright.adapters.pool.batch import Batch, BatchBuilder
from labelwright.adapters.pool.encoding import decode, encoding_of, lines, mark_length
from labelwright.adapters.pool.rejects import Reject, excerpt, name_of
from labelwright.adapters.pool.source import Source, Wanted, stamp
from labelwright.model.errors import DataError

#: Characters that one value may have.
LONGEST_VALUE = 16 << 20


class DelimitedReader:
    """Comma, semicolon or tab separated values with a header, quoted as RFC 4180 has it."""

    def open(self, path: Path, encoding: str | None) -> Source:
        """Read the header. The delimiter is the one of comma, semicolon, tab and bar that it holds most often."""
        size, modified, digest = stamp(path)
        found = encoding_of(path, encoding)
        start = mark_length(path, found)
        cursor = _Cursor(path, found, start)
        line = next(lines(path, found, start), ("", 0, True))[0]
        delimiter = "\t" if path.suffix.lower() == ".tsv" else max(",;\t|", key=line.count)
        try:
            with _long_values():
                header = tuple(next(csv.reader(cursor, delimiter=delimiter, strict=True), ()))
        except csv.Error as error:
            raise DataError(f"The header cannot be read: {error}", where=str(path), next_step="Mend line 1") from error
        _check_header(path, header)
        return Source(path, "csv", header, size, modified, digest, found, delimiter, start=cursor.offset)

    def read(self, source: Source, wanted: Wanted) -> Iterator[Batch]:
        """All rows; ragged, unclosed and undecodable ones are rejected, and reading goes on at the next line."""
        builder = BatchBuilder(wanted.columns)
        indexes = [source.columns.index(column) for column in wanted.columns]
        with _long_values():
            for record in _records(source):
                if record.problem is None:
                    place = (record.number, record.line, record.offset, record.length)
                    builder.add(place, [record.values[index] for index in indexes])
                else:
                    builder.reject(_reject(source, record))
                if builder.full:
                    yield builder.take()
        yield builder.take()

    def fetch(self, source: Source, places: pl.DataFrame, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Rows by their offsets."""
        indexes = [source.columns.index(column) for column in columns]
        found = []
        with _long_values(), source.path.open("rb") as stream:
            for offset, length in places.select("offset", "length").iter_rows():
                stream.seek(offset)
                text = decode(stream.read(length), source.encoding or "utf-8")
                values = next(csv.reader(io.StringIO(text, newline=""), delimiter=source.delimiter or ",", strict=True))
                found.append({column: values[index] for column, index in zip(columns, indexes, strict=True)})
        return found

    def stream(self, source: Source, columns: Sequence[str]) -> Callable[[pl.DataFrame], list[dict[str, Any]]]:
        """As `fetch`, for places that come in the order of the file."""
        return lambda places: self.fetch(source, places, columns)


@dataclass(frozen=True, slots=True)
class _Record:
    number: int
    line: int
    offset: int
    length: int
    values: Sequence[str]
    problem: str | None = None
    detail: str | None = None


class _Cursor:
    """Feeds lines to the csv module and knows how far it has read."""

    def __init__(self, path: Path, encoding: str, offset: int, line: int = 0) -> None:
        self._lines = lines(path, encoding, offset)
        self.offset = offset
        self.line = line
        self.fits = True
        self.first: tuple[str, int] = ("", 0)  # the first line of the record at hand, and its length
        self.fresh = True

    def __iter__(self) -> _Cursor:
        return self

    def __next__(self) -> str:
        text, length, fits = next(self._lines)
        if self.fresh:
            self.first, self.fresh = (text, length), False
        self.offset += length
        self.line += 1
        self.fits = self.fits and fits
        return text


def _records(source: Source) -> Iterator[_Record]:
    """Every record. After one that cannot be read, the reading starts anew at the line after its first."""
    number, encoding = 0, source.encoding or "utf-8"
    header_lines = _header_lines(source)
    cursor = _Cursor(source.path, encoding, source.start, header_lines)
    while True:
        reader = csv.reader(cursor, delimiter=source.delimiter or ",", strict=True)
        offset, line = cursor.offset, cursor.line
        try:
            for values in reader:
                if values:
                    place = (number, line + 1, offset, cursor.offset - offset)
                    yield _Record(*place, values, *_problem(source, values, cursor))
                    number += 1
                offset, line = cursor.offset, cursor.line
                cursor.fits, cursor.fresh = True, True
        except csv.Error as error:
            text, length = cursor.first
            yield _Record(number, line + 1, offset, length, (text,), "broken CSV row", str(error))
            number += 1
            cursor = _Cursor(source.path, encoding, offset + length, line + 1)
            continue
        return


def _problem(source: Source, values: Sequence[str], cursor: _Cursor) -> tuple[str | None, str | None]:
    if not cursor.fits:
        return "bytes that do not fit the encoding", source.encoding
    if len(values) != len(source.columns):
        return "wrong number of columns", f"{len(values)} where the header has {len(source.columns)}"
    return None, None


def _reject(source: Source, record: _Record) -> Reject:
    shown = excerpt((source.delimiter or ",").join(record.values))
    reason = record.problem or ""
    return Reject(name_of(source.path), record.number + 1, reason, record.line, None, shown, record.detail)


def _header_lines(source: Source) -> int:
    with source.path.open("rb") as stream:
        return decode(stream.read(source.start), source.encoding or "utf-8").count("\n")


def _check_header(path: Path, header: tuple[str, ...]) -> None:
    if not header:
        raise DataError("The file is empty", where=str(path), next_step="It needs a header and rows")
    doubled = sorted({name for name in header if header.count(name) > 1})
    if doubled:
        raise DataError(f"Columns of the same name: {', '.join(doubled)}", where=str(path), next_step="Rename them")


@contextmanager
def _long_values() -> Iterator[None]:
    """The csv module takes 128 KiB a value unless told otherwise, for the whole process: put back afterwards."""
    before = csv.field_size_limit(LONGEST_VALUE)
    try:
        yield
    finally:
        csv.field_size_limit(before)
