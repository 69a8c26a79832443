"""A set with labels as the pool of a workspace: a table of its items, the labels in a column of their own."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from pathlib import Path

from labelwright.adapters.datasets.existing.media import extension_of
from labelwright.adapters.datasets.existing.pictures import picture_folders
from labelwright.export.columns import plain
from labelwright.export.existing import Embedded, Existing, ExistingSet
from labelwright.export.labelled import Names
from labelwright.model.errors import DataError, UsageError

#: Name of the table in the workspace.
TABLE = "existing.jsonl"
_PICTURES = "pictures"


def write_items(found: ExistingSet, origin: Path, root: Path, field: str, images: Path | None) -> tuple[str, ...]:
    """Write ``existing.jsonl`` into a workspace: id, what the screen shows, the existing label; pictures beside it.

    Pictures are hard links where the file system has them, else copies: a workspace shows no file outside of itself
    and of the data it names.

    Args:
        found: the set.
        origin: where it was read from.
        root: the workspace.
        field: the data field that the screen shows.
        images: where the pictures are; None: beside the set.

    Returns:
        What a reader must know.

    Raises:
        DataError: no picture of the set can be found.
        UsageError: there is such a table already.
    """
    table = root / TABLE
    if table.exists():
        raise UsageError(f"There is a {TABLE} already", where=str(root), next_step="Choose another folder")
    root.mkdir(parents=True, exist_ok=True)
    place = _Place(root, field, [images] if images else list(picture_folders(origin)))
    pictured = any("image" in item.data and isinstance(item.data["image"], str) for item in found.items)
    missing = 0
    with table.open("w", encoding="utf-8", newline="\n") as file:
        for item in found.items:
            data = place.data_of(item, pictured=pictured)
            missing += data is None
            if data is not None:
                file.write(_line(item, data) + "\n")
    if missing and missing == len(found.items):
        table.unlink()
        raise DataError(
            "No picture of the set was found",
            where=", ".join(str(f) for f in place.folders if f),
            next_step="Say where they are: --images DIR",
        )
    return (f"{missing} pictures were not found; their items are left out.",) if missing else ()


@dataclass
class _Place:
    """Where a set's media come to lie in the workspace."""

    root: Path
    field: str
    folders: Sequence[Path]
    names: Names = dataclass_field(default_factory=Names)

    def data_of(self, item: Existing, *, pictured: bool) -> dict[str, object] | None:
        """What the screen shows; None where its medium is not to be found."""
        inner = next(((k, v) for k, v in item.data.items() if isinstance(v, Embedded)), None)
        if inner is not None:
            shown = self._written(item, inner[1])
            rest = {k: v for k, v in item.data.items() if not isinstance(v, Embedded)}
            return None if shown is None else {**rest, self.field: shown}
        if pictured:
            picture = next((p for f in self.folders if (p := f / str(item.data["image"])).is_file()), None)
            name = "".join(self.names.of(str(item.data["image"]), item.id)) if picture else ""
            return None if picture is None else {self.field: _linked(picture, self.root, name)}
        data = dict(item.data)
        if self.field not in data and "text" in data:
            data[self.field] = data.pop("text")
        return data

    def _written(self, item: Existing, medium: Embedded) -> str | None:
        body = medium.read()
        if body is None:
            return None
        stem, _ = self.names.of(medium.name or None, item.id)
        place = self.root / _PICTURES / f"{stem}{extension_of(medium.name, body)}"
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(body)
        return f"{_PICTURES}/{place.name}"


def _line(item: Existing, data: dict[str, object]) -> str:
    return json.dumps({"id": item.id, **plain(data), "existing": item.text}, ensure_ascii=False)


def _linked(picture: Path, root: Path, name: str) -> str:
    place = root / _PICTURES / name
    place.parent.mkdir(exist_ok=True)
    if not place.exists():
        try:
            os.link(picture.resolve(), place)
        except OSError:  # another file system, or one without hard links
            shutil.copyfile(picture, place)
    return f"{_PICTURES}/{name}"
