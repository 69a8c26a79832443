"""Labels that came with the data, or lie in a file of their own: what an audit compares with a fresh consensus."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labelwright.export.columns import plain
from labelwright.export.labelled import Region, base_name
from labelwright.export.tables import region_value
from labelwright.model.values import Box, Ellipse, Geometry, ImageSize, Mask, Polygon, Segment, Span


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """A medium that stands within a set itself: its file's name, and how its bytes are read (None: it has none)."""

    name: str
    read: Callable[[], bytes | None]


@dataclass(frozen=True, slots=True)
class Existing:
    """One item with the label that it had.

    Attributes:
        id: its id, or the name of its file.
        data: what it shows.
        label: its class; None where it has drawings instead.
        regions: what was drawn on it; None where it has a class instead.
    """

    id: str
    data: Mapping[str, Any]
    label: str | None = None
    regions: tuple[Region, ...] | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """By what it is found in another set: its id, the names of its files, its texts, and these without blanks."""
        texts = [value for value in self.data.values() if isinstance(value, str)]
        names = [base_name(text) for text in (*texts, self.id) if "/" in text or "." in text[-6:]]
        names += [base_name(value.name) for value in self.data.values() if isinstance(value, Embedded) and value.name]
        # Label Studio puts eight characters and a hyphen before the names of uploaded files.
        plain_names = [name[9:] for name in names if name[8:9] == "-"]
        return tuple(dict.fromkeys([self.id, *names, *plain_names, *texts, *map(unspaced, texts)]))

    @property
    def text(self) -> str | None:
        """The label as one text, for a column of a table."""
        if self.regions is None:
            return self.label
        return json.dumps([plain(region_value(r)) for r in self.regions], ensure_ascii=False, sort_keys=True)


def unspaced(text: str) -> str:
    """The text without white space: that of a CoNLL file is words with a blank between them, whatever was there."""
    return "".join(text.split())


@dataclass(frozen=True, slots=True)
class ExistingSet:
    """A set of items with labels.

    Attributes:
        format: what it was read as.
        items: in the order of the set.
        classes: in its order.
        notes: what a reader must know about how it was read.
    """

    format: str
    items: Sequence[Existing]
    classes: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def drawn(self) -> bool:
        """The labels are drawings."""
        return any(item.regions is not None for item in self.items)


def regions_of_text(text: str) -> tuple[Region, ...] | None:
    """What `Existing.text` wrote; None for a plain class."""
    if not text.startswith("["):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, list) or not all(isinstance(r, dict) for r in found):
        return None
    regions = [region for number, value in enumerate(found) if (region := region_of_value(value, number))]
    return tuple(regions) if len(regions) == len(found) else None


def region_of_value(value: Mapping[str, Any], number: int) -> Region | None:
    """A region from the fields of `region_value`: stretches, boxes, outlines, ellipses, masks; None for all else."""
    size = _size(value)
    labels = tuple(map(str, value.get("labels", ())))
    place: Geometry
    if "rle" in value:
        place = Mask(tuple(map(int, value["rle"])), size)
    elif "points" in value:
        place = Polygon(tuple((float(x), float(y)) for x, y in value["points"]), value.get("closed", True), size)
    elif {"x", "y", "width", "height"} <= value.keys():
        x, y, w, h = (float(value[k]) for k in ("x", "y", "width", "height"))
        place = Box(x, y, w, h, float(value.get("rotation", 0.0)), size)
    elif {"x", "y", "radius_x", "radius_y"} <= value.keys():
        a, b, c, d = (float(value[k]) for k in ("x", "y", "radius_x", "radius_y"))
        place = Ellipse(a, b, c, d, float(value.get("rotation", 0.0)), size)
    elif {"start", "end"} <= value.keys() and isinstance(value["start"], int) and "channel" not in value:
        place = Span(value["start"], int(value["end"]), value.get("text"))
    elif {"start", "end"} <= value.keys():
        place = Segment(float(value["start"]), float(value["end"]), value.get("channel"))
    else:
        return None
    return Region(place, labels, "existing", "", str(value.get("id", f"e{number}")))


def _size(value: Mapping[str, Any]) -> ImageSize | None:
    width, height = value.get("original_width"), value.get("original_height")
    return ImageSize(width, height) if isinstance(width, int) and isinstance(height, int) else None
