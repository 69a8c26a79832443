"""One place out of several: which module fuses which kind of geometry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from labelwright.consensus.structures.moving import fuse_tracks
from labelwright.consensus.structures.outlines import fuse_polygons
from labelwright.consensus.structures.planes import fuse_boxes, fuse_ellipses, fuse_keypoints, fuse_masks
from labelwright.consensus.structures.stretches import fuse_segments, fuse_spans, fuse_timelines
from labelwright.model.errors import UsageError
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

#: For each kind of geometry, what makes one of several; weights are positive and as many as the places.
FUSIONS: Mapping[type, Callable[[Sequence[Any], Sequence[float]], Any]] = MappingProxyType(
    {
        Span: fuse_spans,
        Segment: fuse_segments,
        FrameRanges: fuse_timelines,
        Box: fuse_boxes,
        Ellipse: fuse_ellipses,
        KeyPoint: fuse_keypoints,
        Mask: fuse_masks,
        Polygon: fuse_polygons,
        Track: fuse_tracks,
    },
)


def fused(places: Sequence[Geometry], weights: Sequence[float] | None = None) -> Geometry:
    """One place out of several of one kind.

    Args:
        places: one or more, of the same thing.
        weights: how much each counts, above 0; None: all alike.

    Returns:
        The fused place; the place itself where there is only one.

    Raises:
        UsageError: there is no place, the kinds differ, or a weight is not above 0.
    """
    counts = [1.0] * len(places) if weights is None else list(weights)
    if not places or len({type(p) for p in places}) != 1 or len(counts) != len(places):
        raise UsageError("Fusing takes one or more places of one kind, and a weight for each")
    if not min(counts) > 0:
        raise UsageError("A weight lies above 0", where=f"least weight {min(counts)}")
    if len(places) == 1 or all(p == places[0] for p in places[1:]):
        return places[0]
    result: Geometry = FUSIONS[type(places[0])](places, counts)
    return result
