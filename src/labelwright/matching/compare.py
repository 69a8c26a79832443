"""The similarity of any two places: which module measures which kind of geometry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from labelwright.matching.arrays import Compare, Floats, Ints
from labelwright.matching.box import box_iou
from labelwright.matching.ellipse import ellipse_iou
from labelwright.matching.keypoint import keypoint_oks
from labelwright.matching.mask import mask_iou
from labelwright.matching.polygon import polygon_iou
from labelwright.matching.segment import segment_iou
from labelwright.matching.span import span_iou
from labelwright.matching.timeline import timeline_iou
from labelwright.matching.track import track_iou
from labelwright.model.values import (
    Box,
    Ellipse,
    FrameRanges,
    Geometry,
    KeyPoint,
    Mask,
    Polygon,
    Segment,
    Span,
    Track,
)

#: For each kind of geometry, what prepares a list of places for comparison.
SIMILARITIES: Mapping[type, Callable[[Sequence[Any]], Compare]] = MappingProxyType(
    {
        Span: span_iou,
        Segment: segment_iou,
        Box: box_iou,
        Polygon: polygon_iou,
        Ellipse: ellipse_iou,
        KeyPoint: keypoint_oks,
        Mask: mask_iou,
        Track: track_iou,
        FrameRanges: timeline_iou,
    },
)


def comparing(places: Sequence[Geometry]) -> Compare:
    """Prepare places for comparison.

    Returns:
        A function of two index arrays of shape (n,) into ``places`` that gives similarities in [0, 1], shape (n,).
        Places of different kinds (a box and a polygon) share nothing.
    """
    kinds = tuple(dict.fromkeys(type(p) for p in places))
    if len(kinds) == 1:
        return SIMILARITIES[kinds[0]](places)
    code = np.array([kinds.index(type(p)) for p in places], dtype=np.int64)
    within = np.zeros(len(places), dtype=np.int64)
    parts: list[Compare] = []
    for number, kind in enumerate(kinds):
        rows = np.flatnonzero(code == number)
        within[rows] = np.arange(len(rows))
        parts.append(SIMILARITIES[kind]([places[row] for row in rows]))

    def compare(left: Ints, right: Ints) -> Floats:
        result = np.zeros(len(left))
        for number, part in enumerate(parts):
            mine = (code[left] == number) & (code[right] == number)
            result[mine] = part(within[left[mine]], within[right[mine]])
        return result

    return compare


def similarity(one: Geometry, two: Geometry) -> float:
    """Similarity of two places, from 0 (nothing shared, or of different kinds) to 1 (equal)."""
    return float(comparing([one, two])(np.array([0]), np.array([1]))[0])
