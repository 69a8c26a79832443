"""Reading every file of the pool once: index of the good rows, rejects of the others, counts of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.adapters.pool import media, texts
from labelwright.adapters.pool.batch import Batch
from labelwright.adapters.pool.checks import content, hashed, problems
from labelwright.adapters.pool.delimited import DelimitedReader
from labelwright.adapters.pool.duplicates import Repeat, Seen
from labelwright.adapters.pool.encoding import note_on
from labelwright.adapters.pool.index import METADATA, IndexWriter, schema_of, without
from labelwright.adapters.pool.json_records import JsonReader
from labelwright.adapters.pool.parquet import ParquetReader
from labelwright.adapters.pool.rejects import Reject, RejectLog, excerpt
from labelwright.adapters.pool.source import Reader, Source, Wanted, fingerprint
from labelwright.model.errors import DataError
from labelwright.ports import PoolSpec, PoolSummary, Progress

#: Formats that are folders: a row is found by its file's path.
FOLDERS = frozenset({"media", "texts"})
READERS: dict[str, Reader] = {
    "csv": DelimitedReader(),
    "json": JsonReader(),
    "jsonl": JsonReader(),
    "parquet": ParquetReader(),
    "media": media.MediaReader(),
    "texts": texts.TextReader(),
}

_FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}


def columns_of(path: Path, encoding: str | None = None) -> tuple[str, ...]:
    """Columns of a data file, or those that a folder of media offers.

    Raises:
        DataError: the file is not there, of no known kind, or its header cannot be read.
    """
    return _open(path, encoding).columns


def is_data_file(name: str) -> bool:
    """Whether a file or object is one of those that hold rows, by its name."""
    return Path(name).suffix.lower() in _FORMATS


def open_sources(spec: PoolSpec) -> tuple[Source, ...]:
    """Look at every file and check that it has the columns that are wanted.

    Raises:
        DataError: no files, a file that cannot be read, or a column that is not there.
    """
    if not spec.files:
        raise DataError("The pool has no files", next_step="Name at least one data file or folder")
    if not spec.fields:
        raise DataError("No data field is mapped to a column", next_step="Map the schema's fields to columns")
    sources = tuple(_open(Path(path), spec.encoding) for path in spec.files)
    for source in sources:
        _check_columns(source, spec)
    return sources


@dataclass(frozen=True, slots=True)
class _Seen:
    """Where the good rows stand, by ordinal, for the message on a repeat."""

    files: list[NDArray[Any]] = field(default_factory=list)
    records: list[NDArray[Any]] = field(default_factory=list)
    lines: list[NDArray[Any]] = field(default_factory=list)


class Importer:
    """One import.

    Args:
        spec: which columns mean what.
        sources: its files, looked at.
        rejects: where bad rows go.
    """

    def __init__(self, spec: PoolSpec, sources: Sequence[Source], rejects: RejectLog) -> None:
        self._spec = spec
        self._sources = sources
        self._rejects = rejects
        self._hashes = Seen()
        self._seen = _Seen()
        self._rows = self._bad = self._duplicates = 0

    def run(self, part: Path, out: Path, progress: Progress | None) -> PoolSummary:
        """Write the index to ``out``, by way of ``part``."""
        wanted = _wanted(self._spec)
        with IndexWriter(part, self._spec.metadata_columns) as writer:
            for number, source in enumerate(self._sources):
                if progress:
                    progress.start(f"Reading {source.path.name}", None)
                for batch in READERS[source.format].read(source, wanted):
                    writer.write(self._take(number, source, batch))
                    if progress:
                        progress.step(len(batch.places) + len(batch.rejects))
                if progress:
                    progress.done()
        self._leave_out_repeats(part, out)
        return self._summary()

    def _take(self, number: int, source: Source, batch: Batch) -> pl.DataFrame:
        """The index's lines of a batch's good rows; its bad ones are rejected."""
        found = problems(batch.values, self._spec, source.path if source.format in FOLDERS else source.path.parent)
        bad = found["reason"].is_not_null()
        rejects = [*batch.rejects, *_rejects(source, batch, found, bad)]
        for reject in sorted(rejects, key=lambda reject: reject.row):
            self._rejects.add(reject)
        self._rows += len(batch.places) + len(batch.rejects)
        self._bad += len(rejects)
        values, places = batch.values.filter(~bad), batch.places.filter(~bad)
        said = content(values, self._spec.fields)
        own = None if self._spec.id_column is None else values[self._spec.id_column]
        self._hashes.add(said, own)
        self._seen.files.append(np.full(len(places), number, dtype=np.int32))
        self._seen.records.append(places["record"].to_numpy())
        self._seen.lines.append(places["line"].fill_null(0).to_numpy())
        ids = pl.Series(hashed(said), dtype=pl.String) if own is None else own
        return _index_lines(number, source, places, values, ids, self._spec)

    def _leave_out_repeats(self, part: Path, out: Path) -> None:
        repeats = self._hashes.repeats()
        if not repeats:
            part.replace(out)
            return
        files, records, lines = (
            np.concatenate(parts) for parts in (self._seen.files, self._seen.records, self._seen.lines)
        )
        for repeat in repeats:
            self._rejects.add(self._repeat_reject(repeat, files, records, lines))
            self._duplicates += repeat.same_content
            self._bad += not repeat.same_content
        without(part, out, np.array([repeat.row for repeat in repeats]))
        part.unlink()

    def _repeat_reject(self, repeat: Repeat, files: NDArray[Any], records: NDArray[Any], lines: NDArray[Any]) -> Reject:
        name = self._sources[files[repeat.row]].path.name
        elsewhere = files[repeat.row] != files[repeat.first]
        first = f"row {records[repeat.first] + 1}" + (
            f" in {self._sources[files[repeat.first]].path.name}" if elsewhere else ""
        )
        line = int(lines[repeat.row]) or None
        row = int(records[repeat.row]) + 1
        if repeat.same_content:
            return Reject(name, row, f"duplicate of {first}", line)
        return Reject(name, row, "id used before with other content", line, self._spec.id_column, detail=first)

    def _summary(self) -> PoolSummary:
        reasons = {
            reason: count
            for reason, count in sorted(self._rejects.reasons.items())
            if not reason.startswith("duplicate of ")
        }
        encodings = dict.fromkeys(source.encoding for source in self._sources if source.encoding)
        notes = [note_on(source.path, source.encoding) for source in self._sources if source.encoding]
        if self._spec.id_column is not None and self._duplicates:
            notes.append("Rows that say the same as another count as duplicates even under another id; the first stays")
        return PoolSummary(
            rows=self._rows,
            items=self._rows - self._bad - self._duplicates,
            duplicates=self._duplicates,
            rejected=self._bad,
            reasons=reasons,
            encoding=", ".join(encodings) or None,
            fingerprint=fingerprint(self._sources),
            notes=tuple(note for note in notes if note),
        )


def data_columns(spec: PoolSpec) -> tuple[str, ...]:
    """The columns that fill data fields, each once."""
    return tuple(dict.fromkeys(spec.fields.values()))


def other_columns(spec: PoolSpec) -> tuple[str, ...]:
    """Id, group, label and metadata columns."""
    named = (spec.id_column, spec.group_column, spec.label_column)
    return tuple(dict.fromkeys([name for name in named if name is not None] + list(spec.metadata_columns)))


def _wanted(spec: PoolSpec) -> Wanted:
    return Wanted(data_columns(spec), other_columns(spec))


def _open(path: Path, encoding: str | None) -> Source:
    path = path.absolute()
    if path.is_dir():
        return READERS["texts" if texts.holds_texts(path) else "media"].open(path, encoding)
    if not path.is_file():
        raise DataError("There is no such data file", where=str(path), next_step="Check the path")
    form = _FORMATS.get(path.suffix.lower())
    if form is None:
        known = ", ".join(sorted(_FORMATS))
        raise DataError(
            "Files of this kind are not read", where=str(path), next_step=f"Use one of {known}, or a folder"
        )
    return READERS[form].open(path, encoding)


def _check_columns(source: Source, spec: PoolSpec) -> None:
    wanted = _wanted(spec).columns
    missing = [column for column in wanted if column not in source.columns]
    if missing:
        raise DataError(
            f"Columns that are not there: {', '.join(missing)}",
            where=str(source.path),
            next_step=f"It has: {', '.join(source.columns[:50])}",
        )
    unknown = [name for name in spec.links if name not in spec.fields]
    if unknown:
        raise DataError(f"Links that are no data fields: {', '.join(unknown)}", next_step="Name fields of the schema")
    if source.format == "media":
        media.check_columns(source.path, data_columns(spec))


def _rejects(source: Source, batch: Batch, found: pl.DataFrame, bad: pl.Series) -> list[Reject]:
    if not bad.any():
        return []
    rows = batch.places.select("record", "line").hstack(found).filter(bad)
    values = batch.values.filter(bad)
    return [
        Reject(source.path.name, record + 1, reason, line, column, excerpt(values[column][at]))
        for at, (record, line, column, reason) in enumerate(rows.iter_rows())
    ]


def _index_lines(
    number: int,
    source: Source,
    places: pl.DataFrame,
    values: pl.DataFrame,
    ids: pl.Series,
    spec: PoolSpec,
) -> pl.DataFrame:
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(places))
    columns = {
        "id": ids,
        "media": values["path"] if source.format in FOLDERS else nothing,
        "group": values[spec.group_column] if spec.group_column else nothing,
        "existing": values[spec.label_column] if spec.label_column else nothing,
        **{METADATA + name: values[name] for name in spec.metadata_columns},
    }
    lines = places.select("record", "offset", "length").with_columns(
        pl.lit(number, dtype=pl.Int32).alias("file"),
        *(series.alias(name) for name, series in columns.items()),
    )
    return lines.select(list(schema_of(spec.metadata_columns)))
