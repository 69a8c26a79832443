"""Similarity of polygons, convex or not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labelwright.matching.arrays import Compare, Floats, Ints
from labelwright.matching.slabs import polygon_areas
from labelwright.model.values import Polygon


def ring_of(polygon: Polygon) -> Floats:
    """Corners in percent, shape (n, 2)."""
    return np.array(polygon.points, dtype=np.float64).reshape(-1, 2)


def _bounds(ring: Floats) -> tuple[float, float, float, float]:
    if len(ring) == 0:
        return (0.0, 0.0, 0.0, 0.0)
    return (*ring.min(axis=0).tolist(), *ring.max(axis=0).tolist())


def _iou(a: Floats, b: Floats) -> float:
    if a.shape == b.shape and bool((a == b).all()):
        return 1.0
    area_a, area_b, shared = polygon_areas(a, b)
    union = area_a + area_b - shared
    return min(1.0, max(0.0, shared / union)) if union > 0 else 0.0


def polygon_iou(polygons: Sequence[Polygon]) -> Compare:
    """Intersection over union of polygons by exact slabs (see `slabs`), even-odd rule.

    An open line is closed by the edge from its last corner to its first. Percent will do for pixels here: stretching
    the picture changes both areas alike.
    """
    rings = [ring_of(p) for p in polygons]
    bounds = np.array([_bounds(r) for r in rings], dtype=np.float64).reshape(-1, 4)

    def compare(left: Ints, right: Ints) -> Floats:
        a, b = bounds[left], bounds[right]
        apart = ((a[:, 2:] < b[:, :2]) | (b[:, 2:] < a[:, :2])).any(axis=1)
        result = np.zeros(len(left))
        for row in np.flatnonzero(~apart):
            result[row] = _iou(rings[left[row]], rings[right[row]])
        return result

    return compare
