"""The pool in the user's own files: an index beside the workspace, the data where it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import orjson
from numpy.typing import ArrayLike, NDArray

from labelwright.adapters.pool.importing import FOLDERS, READERS, Importer, data_columns, open_sources, other_columns
from labelwright.adapters.pool.index import METADATA, Column, Index
from labelwright.adapters.pool.links import LinkCheck, check_links
from labelwright.adapters.pool.rejects import RejectLog
from labelwright.adapters.pool.source import Source
from labelwright.model.errors import DataError, LabelwrightError, UsageError
from labelwright.model.project import Item
from labelwright.ports import PoolSpec, PoolSummary, Progress

STATE = "pool.json"
REJECTS = "rejects.jsonl"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class _State:
    """What the last import found."""

    spec: PoolSpec
    sources: tuple[Source, ...]
    summary: PoolSummary
    index: str


class FilePool:
    """All items, in CSV, TSV, JSON, JSONL or Parquet files or in folders of media. Implements `ports.Pool`.

    Args:
        state_dir: folder for the index, the summary (``pool.json``) and ``rejects.jsonl``; made when missing.
        progress: told how far an import is.
        elsewhere: addresses of files whose original, not the copy that is read here, has changed.
    """

    def __init__(
        self, state_dir: Path, progress: Progress | None = None, elsewhere: Callable[[], Sequence[str]] = tuple
    ) -> None:
        self._elsewhere = elsewhere
        self._dir = state_dir
        self._progress = progress
        self._loaded: tuple[_State, Index] | None = None
        self._columns: dict[str, Column] = {}

    @property
    def rejects_path(self) -> Path:
        """Where the rows are that cannot be used."""
        return self._dir / REJECTS

    def import_files(self, spec: PoolSpec) -> PoolSummary:
        """Read every file once in a stream: build the index of ids, write the rejects.

        An import that fails or is killed leaves the one before it in force.

        Raises:
            DataError: a file cannot be read at all, a column is not there, or not one row can be used.
            LabelwrightError: the index cannot be written.
        """
        sources = open_sources(spec)
        self._dir.mkdir(parents=True, exist_ok=True)
        part, made, rejects = self._dir / "index.part", self._dir / "index.new", self._dir / f"{REJECTS}.part"
        try:
            with rejects.open("wb") as stream:
                summary = Importer(spec, sources, RejectLog(stream)).run(part, made, self._progress)
        except OSError as error:
            raise LabelwrightError(
                f"The index of the pool cannot be written: {error.strerror or error}",
                where=str(self._dir),
                next_step="Free space or mend the permissions, then import again; the pool before it is still in force",
            ) from error
        if not summary.items:
            rejects.replace(self.rejects_path)
            made.unlink()
            raise _nothing_usable(summary, self.rejects_path)
        self._put_in_force(_State(spec, sources, summary, _index_name(spec, summary)), made, rejects)
        return summary

    def summary(self) -> PoolSummary:
        """What the last import found. Raises UsageError when there was none."""
        return self._state().summary

    def __len__(self) -> int:
        """How many items there are."""
        return len(self._index())

    def ids(self) -> Sequence[str]:
        """Item ids by row, held compactly."""
        return self._column("id")

    def rows_of(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """Rows of item ids, -1 where there is no such item. Shape (ids,)."""
        return self._index().rows_of(ids)

    def strata(self, column: str) -> Sequence[str]:
        """Values of a metadata, label or group column by row; the empty string where there is none.

        Raises:
            UsageError: the pool was imported without that column.
        """
        spec = self._state().spec
        named = {spec.label_column: "existing", spec.group_column: "group"}
        if column in spec.metadata_columns:
            return self._column(METADATA + column)
        if column not in named:
            raise UsageError(
                f"The pool was imported without a column {column}",
                next_step="Name it among the metadata columns and import again",
            )
        return self._column(named[column])

    def items(self, rows: ArrayLike) -> list[Item]:
        """The items of those rows, in that order; only what is needed is read.

        Raises:
            UsageError: a row is not in the pool.
            DataError: a file has changed since the import.
        """
        wanted = np.asarray(rows, dtype=np.int64)
        state, index = self._state(), self._index()
        if len(wanted) and (wanted.min() < 0 or wanted.max() >= len(index)):
            raise UsageError(f"The pool has rows 0 to {len(index) - 1}", where="pool")
        lines = index.take(wanted)
        columns = list(dict.fromkeys(data_columns(state.spec) + other_columns(state.spec)))
        found: list[Item | None] = [None] * len(wanted)
        for (number,), part in lines.with_row_index("order").group_by("file"):
            source = _unchanged(state.sources[int(str(number))])
            rows_found = READERS[source.format].fetch(source, part, columns)
            for line, values in zip(part.iter_rows(named=True), rows_found, strict=True):
                found[line["order"]] = _item(line, values, state.spec)
        return [item for item in found if item is not None]

    def batches(
        self, size: int, stretch: tuple[int, int] | None = None
    ) -> Iterator[tuple[NDArray[np.int64], list[Mapping[str, Any]]]]:
        """Rows and their data in a stream, at most ``size`` at a time, in the order of the rows.

        Args:
            size: rows at a time.
            stretch: first row, and the row before which to stop; all rows without it.

        Raises:
            DataError: a file has changed since the import.
        """
        state = self._state()
        if size < 1:
            raise UsageError(f"A batch holds at least one item, not {size}", where="pool")
        fetchers: dict[int, Any] = {}
        for row, places in self._index().stream(size, stretch):
            number = int(places["file"][0])
            if number not in fetchers:
                source = _unchanged(state.sources[number])
                fetchers[number] = READERS[source.format].stream(source, data_columns(state.spec))
            values = fetchers[number](places)
            yield np.arange(row, row + len(places)), [_data(line, state.spec) for line in values]

    def check_links(self, rows: ArrayLike, opener: httpx.Client, *, allow_private: bool = False) -> list[LinkCheck]:
        """Try the links of those rows over the network (`links.check_links`); files are known to be there already."""
        fields = self._state().spec.links
        links = [str(item.data[field]) for item in self.items(rows) for field in fields]
        return check_links(links, opener, allow_private=allow_private)

    def changed(self) -> list[str]:
        """Files that are not as they were imported: size, time or ends differ; of objects in a store the tag.

        Raises:
            OutsideServiceError: such a store does not answer.
        """
        here = [str(source.path) for source in self._state().sources if not _is_unchanged(source)]
        return [*here, *self._elsewhere()]

    def _state(self) -> _State:
        return self._load()[0]

    def _index(self) -> Index:
        return self._load()[1]

    def _column(self, name: str) -> Column:
        if name not in self._columns:
            self._columns[name] = self._index().column(name)
        return self._columns[name]

    def _load(self) -> tuple[_State, Index]:
        if self._loaded is None:
            path = self._dir / STATE
            if not path.is_file():
                raise UsageError(
                    "The pool has not been imported yet", where=str(self._dir), next_step="Import the data"
                )
            state = _read_state(path)
            self._loaded = state, Index(self._dir / state.index)
        return self._loaded

    def _put_in_force(self, state: _State, made: Path, rejects: Path) -> None:
        """The state file goes last: it names the index that counts."""
        made.replace(self._dir / state.index)
        rejects.replace(self.rejects_path)
        part = self._dir / f"{STATE}.part"
        part.write_bytes(_state_json(state))
        part.replace(self._dir / STATE)
        self._loaded, self._columns = None, {}
        for old in self._dir.glob("index-*.parquet"):
            if old.name != state.index:
                with suppress(OSError):
                    old.unlink()


def _index_name(spec: PoolSpec, summary: PoolSummary) -> str:
    """Another spec or other files make another index, so that a new one never overwrites the one in force."""
    facts = f"{summary.fingerprint} {spec!r}"
    return f"index-{blake2b(facts.encode(), digest_size=8).hexdigest()}.parquet"


def _item(line: Mapping[str, Any], values: Mapping[str, Any], spec: PoolSpec) -> Item:
    metadata = {name: _plain(values[name]) for name in spec.metadata_columns}
    return Item(line["id"], _data(values, spec), metadata, line["group"] or line["id"], line["existing"] or None)


def _data(values: Mapping[str, Any], spec: PoolSpec) -> dict[str, Any]:
    return {field: values[column] for field, column in spec.fields.items()}


def _plain(value: Any) -> Any:
    """A metadata value as JSON has it: times as ISO 8601, what JSON cannot say as text, not-a-number as nothing."""
    if value is None or isinstance(value, str | bool | int | list | dict):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _is_unchanged(source: Source) -> bool:
    try:
        if source.format in FOLDERS:
            return READERS[source.format].open(source.path, None).digest == source.digest
        state = source.path.stat()
    except OSError:
        return False
    return (state.st_size, state.st_mtime_ns) == (source.size, source.modified)


def _unchanged(source: Source) -> Source:
    # A folder may lose or gain files beside those that are asked for; a file that moved its rows may not be read.
    if source.format not in FOLDERS and not _is_unchanged(source):
        raise DataError(
            "The data file has changed since it was imported", where=str(source.path), next_step="Import it again"
        )
    return source


def _nothing_usable(summary: PoolSummary, rejects: Path) -> DataError:
    reasons = ", ".join(f"{count} {reason}" for reason, count in summary.reasons.items()) or "the files hold no rows"
    return DataError(f"Not one of {summary.rows} rows can be used: {reasons}", next_step=f"See {rejects}")


def _state_json(state: _State) -> bytes:
    spec = {**asdict(state.spec), "files": [str(path) for path in state.spec.files], "fields": dict(state.spec.fields)}
    summary = {**asdict(state.summary), "reasons": dict(state.summary.reasons)}
    sources = [source.as_dict() for source in state.sources]
    content = {"format": FORMAT, "index": state.index, "spec": spec, "summary": summary, "sources": sources}
    return orjson.dumps(content, option=orjson.OPT_INDENT_2)


def _read_state(path: Path) -> _State:
    try:
        content = orjson.loads(path.read_bytes())
        spec, summary = content["spec"], content["summary"]
        return _State(
            PoolSpec(
                **{
                    **spec,
                    "files": tuple(Path(name) for name in spec["files"]),
                    "metadata_columns": tuple(spec["metadata_columns"]),
                    "links": tuple(spec["links"]),
                },
            ),
            tuple(Source.from_dict(source) for source in content["sources"]),
            PoolSummary(**{**summary, "notes": tuple(summary["notes"])}),
            content["index"],
        )
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise DataError(
            "The pool's summary cannot be read", where=str(path), next_step="Import the data again"
        ) from error
