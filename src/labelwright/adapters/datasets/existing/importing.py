"""A set with labels as the pool of a workspace: a table of its items, the labels in a column of their own."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from labelwright.adapters.datasets.existing.pictures import picture_folders
from labelwright.export.columns import plain
from labelwright.export.existing import Existing, ExistingSet
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
    pictured = any("image" in item.data for item in found.items)
    folders = [images] if images else list(picture_folders(origin))
    names, missing = Names(), 0
    with table.open("w", encoding="utf-8", newline="\n") as file:
        for item in found.items:
            data = dict(item.data)
            if pictured:
                picture = next((p for f in folders if f and (p := f / str(data["image"])).is_file()), None)
                missing += picture is None
                if picture is None:
                    continue
                data = {field: _linked(picture, root, "".join(names.of(str(data["image"]), item.id)))}
            elif field not in data and "text" in data:
                data[field] = data.pop("text")
            file.write(_line(item, data) + "\n")
    if pictured and missing == len(found.items):
        table.unlink()
        raise DataError(
            "No picture of the set was found",
            where=", ".join(str(f) for f in folders if f),
            next_step="Say where they are: --images DIR",
        )
    return (f"{missing} pictures were not found; their items are left out.",) if missing else ()


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
