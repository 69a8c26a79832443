"""Pictures, recordings and films that stand within a set of the library `datasets`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from labelwright.export.existing import Embedded

_FEATURES = frozenset({"Image", "Audio", "Video"})
#: First bytes of a file, where a set names no file: its extension.
_SIGNS = (
    (b"\x89PNG", 0, "png"), (b"\xff\xd8\xff", 0, "jpg"), (b"GIF8", 0, "gif"), (b"WEBP", 8, "webp"), (b"BM", 0, "bmp"),
    (b"WAVE", 8, "wav"), (b"fLaC", 0, "flac"), (b"OggS", 0, "ogg"), (b"ID3", 0, "mp3"), (b"\xff\xfb", 0, "mp3"),
    (b"ftyp", 4, "mp4"), (b"\x1aE\xdf\xa3", 0, "webm"), (b"AVI ", 8, "avi"), (b"II*", 0, "tif"), (b"MM\0*", 0, "tif"),
)  # fmt: skip


def media_columns(part: Any) -> dict[str, Any]:
    """Columns of media of a `datasets.Dataset`: name → the column's Arrow array of ``{"bytes", "path"}``."""
    names = [name for name, feature in part.features.items() if type(feature).__name__ in _FEATURES]
    table = part.data.table.select(names)
    return {name: table.column(name) for name in names}


def embedded(columns: Mapping[str, Any], row: int) -> dict[str, Embedded]:
    """One row's media."""
    return {name: _one(column, row) for name, column in columns.items()}


def _one(column: Any, row: int) -> Embedded:
    path = column[row]["path"].as_py() if column[row].is_valid else None
    return Embedded(path or "", lambda: _bytes(column, row))


def _bytes(column: Any, row: int) -> bytes | None:
    """Read now: a set of a hundred gigabytes stays on its disk."""
    cell = column[row].as_py() or {}
    if cell.get("bytes") is not None:
        return bytes(cell["bytes"])
    place = Path(cell.get("path") or "")
    return place.read_bytes() if place.is_absolute() and place.is_file() else None


def extension_of(name: str, body: bytes) -> str:
    """Of the file's name; else by its first bytes; empty where nothing tells."""
    known = Path(name).suffix
    return known or next((f".{end}" for sign, at, end in _SIGNS if body[at : at + len(sign)] == sign), "")
