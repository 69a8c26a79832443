"""Existing and fresh drawings of different kinds, brought to one kind: a mask and a box share nothing as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from labelwright.export.coco_masks import as_pixels, mask_of
from labelwright.export.existing import unspaced
from labelwright.export.labelled import Region
from labelwright.export.places import Frame, bounds, size_of
from labelwright.model.values import Box, Ellipse, Geometry, ImageSize, Mask, Polygon, Span

if TYPE_CHECKING:
    from labelwright.app.auditing import Fresh
    from labelwright.export.existing import Existing

_AREAS = (Box, Polygon, Ellipse, Mask)
_HUNDRED = ImageSize(100, 100)

Regions = tuple[Region, ...]
Change = Callable[[Geometry, ImageSize | None], Geometry]


def alike(pairs: Sequence[tuple[Existing, Fresh]]) -> tuple[list[tuple[Regions, Regions]], str]:
    """Existing and fresh regions of each pair in one kind of shape, and what was done to them.

    Outlines and masks stay what they are where both sides have the same kind. Where one side has boxes only, both are
    compared by their bounds; else as masks, pixel by pixel. Spans of texts that differ in their white space only are
    counted without it.
    """
    found = [_in_one_text(old, new.item) for old, new in pairs]
    left, right = _kinds(old for old, _ in found), _kinds(new for _, new in found)
    if len(left | right) < 2 or not left <= set(_AREAS) or not right <= set(_AREAS) or not left or not right:
        return found, ""
    if {Box} in (left, right):
        return _all(found, _bounded), " Drawings are compared by their bounds: one side has boxes only."
    return _all(found, _painted), " Drawings are compared by their pixels: the two sides have different kinds."


def _in_one_text(old: Existing, new: Existing) -> tuple[Regions, Regions]:
    before, now = old.regions or (), new.regions or ()
    if not any(isinstance(r.place, Span) for r in (*before, *now)):
        return before, now
    texts = {unspaced(v): v for v in new.data.values() if isinstance(v, str)}
    for value in old.data.values():
        other = texts.get(unspaced(value)) if isinstance(value, str) else None
        if other is not None and other != value:
            return _without_blanks(before, value), _without_blanks(now, other)
    return before, now


def _without_blanks(regions: Regions, text: str) -> Regions:
    """Spans by the letters before them, blanks not counted."""
    letters = [0, *accumulate(not c.isspace() for c in text)]

    def moved(place: Geometry) -> Geometry:
        if not isinstance(place, Span) or not 0 <= place.start <= place.end < len(letters):
            return place
        return replace(place, start=letters[place.start], end=letters[place.end])

    return tuple(r._replace(place=moved(r.place)) for r in regions)


def _kinds(regions: Iterable[Regions]) -> set[type]:
    return {type(r.place) for item in regions for r in item}


def _all(found: list[tuple[Regions, Regions]], changed: Change) -> list[tuple[Regions, Regions]]:
    made = []
    for old, new in found:
        size = next((s for r in (*old, *new) if (s := size_of(r.place))), None)
        both = tuple(tuple(r._replace(place=changed(r.place, size)) for r in side) for side in (old, new))
        made.append((both[0], both[1]))
    return made


def _bounded(place: Geometry, size: ImageSize | None) -> Geometry:
    """The true bounds in percent; of a mask those of its pixels."""
    if isinstance(place, Box) and not place.rotation:
        return place
    own = size_of(place) or size or _HUNDRED
    frame = _painted_frame(place, own) if isinstance(place, Mask) else bounds(place, own.width, own.height)
    if frame is None:
        return place
    x, y, w, h = (100 * v / s for v, s in zip(frame, (own.width, own.height) * 2, strict=True))
    return Box(x, y, w, h, size=own)


def _painted_frame(mask: Mask, size: ImageSize) -> Frame | None:
    painted = as_pixels(mask, size)
    down, across = np.flatnonzero(np.any(painted, axis=1)), np.flatnonzero(np.any(painted, axis=0))
    if not len(down):
        return None
    x, y = float(across[0]), float(down[0])
    return Frame(x, y, float(across[-1]) + 1 - x, float(down[-1]) + 1 - y)


def _painted(place: Geometry, size: ImageSize | None) -> Geometry:
    own = size_of(place) or size
    return place if isinstance(place, Mask) or own is None else mask_of(as_pixels(place, own))
