"""A folder of text files: one item a file, its text the whole file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from labelwright.adapters.pool.batch import Batch, BatchBuilder
from labelwright.adapters.pool.media import extension, folder_digest, kind_of, refused, walk
from labelwright.adapters.pool.rejects import Reject
from labelwright.adapters.pool.source import Source, Wanted
from labelwright.model.errors import DataError

TEXTS = frozenset({"txt", "text", "md", "markdown"})
#: The columns that such a folder has, as if it were a table.
COLUMNS = ("text", "path", "name", "folder", "bytes")
#: A larger file is no text to be read on a screen.
MOST_BYTES = 10 << 20
_ROWS = 500


def holds_texts(folder: Path) -> bool:
    """Whether there are text files in a folder, and no pictures, recordings or films."""
    found = False
    for link in walk(folder):
        if kind_of(link):
            return False
        found = found or extension(link) in TEXTS
    return found


class TextReader:
    """Text files below a folder in the order of their paths. Hidden files and links out of the folder are refused."""

    def open(self, path: Path, encoding: str | None) -> Source:
        """Look at names, sizes and times."""
        size, digest = folder_digest(path)
        return Source(path, "texts", COLUMNS, size, 0, digest, encoding or "utf-8-sig")

    def read(self, source: Source, wanted: Wanted) -> Iterator[Batch]:
        """One row a file."""
        columns = tuple(dict.fromkeys((*wanted.columns, "path")))  # by its path the index finds a file again
        builder = BatchBuilder(columns)
        for number, link in enumerate(walk(source.path)):
            problem = refused(source.path, link) or _problem(source, link)
            if problem:
                shown = link.encode("utf-8", "backslashreplace").decode()
                builder.reject(Reject(source.path.name, number + 1, problem, field="path", excerpt=shown))
            else:
                row = _row(source, link, columns)
                builder.add((number, 0, 0, 0), [row[column] for column in columns])
            if builder.full or number % _ROWS == _ROWS - 1:
                yield builder.take()
        yield builder.take()

    def fetch(self, source: Source, places: pl.DataFrame, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Rows by their links, which the index keeps."""
        try:
            return [_row(source, link, columns) for link in places["media"]]
        except (OSError, UnicodeDecodeError) as gone:
            raise DataError(
                f"A file is gone from the folder, or no text any more: {gone}",
                where=str(source.path),
                next_step="Put it back, or import again",
            ) from gone

    def stream(self, source: Source, columns: Sequence[str]) -> Callable[[pl.DataFrame], list[dict[str, Any]]]:
        """As `fetch`, for places that come in the order of the folder."""
        return lambda places: self.fetch(source, places, columns)


def _problem(source: Source, link: str) -> str | None:
    if extension(link) not in TEXTS:
        return "not a text file by its extension"
    if (source.path / link).stat().st_size > MOST_BYTES:
        return f"larger than {MOST_BYTES >> 20} MiB"
    try:
        text = _text(source, link)
    except UnicodeDecodeError:
        return f"cannot be read as {source.encoding}: name its encoding"
    return None if text.strip() else "empty file"


def _text(source: Source, link: str) -> str:
    return (source.path / link).read_bytes().decode(source.encoding or "utf-8-sig")


def _row(source: Source, link: str, columns: Sequence[str]) -> dict[str, Any]:
    path = Path(link)
    parent = "" if path.parent == Path() else path.parent.as_posix()
    row: dict[str, Any] = {"path": link, "name": path.name, "folder": parent}
    if "text" in columns:
        row["text"] = _text(source, link)
    if "bytes" in columns:
        row["bytes"] = str((source.path / link).stat().st_size)
    return {column: row[column] for column in columns}
