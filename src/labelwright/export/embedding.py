"""Media within the rows of a Parquet file, as Hugging Face's `datasets` decodes them: Image, Audio and Video features.

A cell is ``{"bytes", "path"}``; the path is the link that the item has, so nothing is lost. What is not at hand keeps
its link and no bytes where it is an address, which the library fetches by itself; else the cell is empty, and listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from labelwright.export.arrow import arrow, by_row, parquet
from labelwright.export.encoding import EncodedFile
from labelwright.export.labelled import Lost, base_name

#: Feature by extension: what Pillow, the library's sound decoder and its film decoder open.
FEATURES = {
    "Image": frozenset({"jpg", "jpeg", "png", "gif", "bmp", "webp", "tif", "tiff", "avif"}),
    "Audio": frozenset({"wav", "mp3", "flac", "ogg", "oga", "opus", "m4a", "aac"}),
    "Video": frozenset({"mp4", "webm", "mov", "m4v", "ogv", "mkv", "avi"}),
}
_FEATURE_OF = {extension: feature for feature, extensions in FEATURES.items() for extension in extensions}
#: Bytes of media in one file, and in one group of rows: no more than a group is in memory.
SHARD_BYTES = 500 << 20
GROUP_BYTES = 32 << 20
GROUP_ROWS = 1_000
#: A larger file keeps its link: a cell is held in memory by whoever reads it.
MOST_BYTES = 512 << 20


@dataclass(frozen=True, eq=False)
class MediaColumn:
    """A column whose links become media.

    Attributes:
        name: of the column.
        feature: Image, Audio or Video.
        link: how a row gives the link.
    """

    name: str
    feature: str
    link: Callable[[Any], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A row with its media."""

    row: Any
    cells: dict[str, dict[str, Any] | None]
    size: int


def feature_of(links: Iterable[Any]) -> str | None:
    """What a column of links is; None where they are of several kinds, of none, or no links."""
    found = {_FEATURE_OF.get(base_name(v).rpartition(".")[2].lower()) for v in links if isinstance(v, str)}
    return next(iter(found)) if len(found) == 1 else None


def media_type() -> Any:
    """A cell's Arrow type."""
    pa = arrow()
    return pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def loaded(
    rows: Iterable[Any],
    columns: Iterable[MediaColumn],
    media: Callable[[str], bytes | None],
    lost: Lost,
    item: Callable[[Any], str],
) -> Iterator[Loaded]:
    """Rows with their media, one after the other.

    Args:
        rows: read once.
        columns: which cells become media.
        media: bytes behind a link.
        lost: takes what is not at hand.
        item: a row's id.
    """
    known = tuple(columns)
    for row in rows:
        cells = {column.name: _cell(column.link(row), media) for column in known}
        for column in known:
            if cells[column.name] is None and column.link(row) is not None:
                what = {"column": column.name, "link": str(column.link(row))}
                lost.add(item(row), "the medium is not at hand, or too large", **what)
        yield Loaded(row, cells, sum(len(c["bytes"] or b"") for c in cells.values() if c))


def _cell(link: Any, media: Callable[[str], bytes | None]) -> dict[str, Any] | None:
    if not isinstance(link, str):
        return None
    body = media(link)
    if body is not None and len(body) <= MOST_BYTES:
        return {"bytes": body, "path": link}
    return {"bytes": None, "path": link} if "://" in link else None


def shards(
    split: str, rows: Iterator[Loaded], schema: Any, cells: dict[str, Callable[[Any], Any]], columns: list[MediaColumn]
) -> Iterator[EncodedFile]:
    """``data/SPLIT-00000.parquet`` …: each is written before the next one's rows are read."""
    getters: dict[str, Callable[[Loaded], Any]] = {
        **{name: _of_row(cell) for name, cell in cells.items()},
        **{c.name: _of_media(c.name) for c in columns},
    }
    ordered = [getters[name] for name in schema.names]
    for number, first in enumerate(rows):
        path = f"data/{split}-{number:05d}.parquet"
        yield EncodedFile(path, parquet(by_row(_shard(first, rows), ordered, _groups), schema))


def _of_row(cell: Callable[[Any], Any]) -> Callable[[Loaded], Any]:
    return lambda loaded: cell(loaded.row)


def _of_media(name: str) -> Callable[[Loaded], Any]:
    return lambda loaded: loaded.cells[name]


def _shard(first: Loaded, rows: Iterator[Loaded]) -> Iterator[Loaded]:
    size = 0
    for row in chain([first], rows):
        yield row
        size += row.size
        if size >= SHARD_BYTES:
            return


def _groups(rows: Iterable[Loaded], _most: int) -> Iterator[list[Loaded]]:
    group: list[Loaded] = []
    size = 0
    for row in rows:
        group.append(row)
        size += row.size
        if size >= GROUP_BYTES or len(group) == GROUP_ROWS:
            yield group
            group, size = [], 0
    if group:
        yield group
