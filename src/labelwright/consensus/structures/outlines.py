"""One polygon out of several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labelwright.consensus.structures.planes import size_of
from labelwright.matching.arrays import Floats
from labelwright.matching.polygon import polygon_iou, ring_of
from labelwright.model.values import Polygon

#: Corners of a mean outline of polygons that differ in their number of corners.
_CORNERS = 64
#: A polygon with fewer corners is a slip of the hand and is left out.
_LEAST_CORNERS = 3


def fuse_polygons(polygons: Sequence[Polygon], weights: Sequence[float]) -> Polygon:
    """The mean outline, unless a member fits the others better than the mean outline fits all.

    Fit is the weighted mean IoU. The mean outline goes from corner to corner where all have equally many, else in 64
    steps of equal length; of unlike shapes it can be poor, and then the member nearest to the others is taken. Polygons
    of fewer than three corners do not count beside others.
    """
    solid = [row for row, p in enumerate(polygons) if len(p.points) >= _LEAST_CORNERS]
    if len(solid) < len(polygons):
        polygons, weights = [polygons[row] for row in solid or [0]], [weights[row] for row in solid or [0]]
    if len(polygons) == 1:
        return polygons[0]
    size = size_of([p.size for p in polygons])
    mean = Polygon(tuple((x, y) for x, y in _mean_ring(polygons, weights).tolist()), closed=True, size=size)
    candidates = [mean, *polygons]
    return candidates[int(np.argmax(_fits(candidates, np.asarray(weights, dtype=np.float64))))]


def _fits(candidates: Sequence[Polygon], weights: Floats) -> Floats:
    """Weighted mean IoU of each candidate with the members but itself; the first is no member."""
    n = len(weights)
    left, right = np.repeat(np.arange(n + 1), n), np.tile(np.arange(n) + 1, n + 1)
    others = np.where(left == right, 0.0, weights[right - 1]).reshape(n + 1, n)
    iou = polygon_iou(candidates)(left, right).reshape(n + 1, n)
    return np.asarray((iou * others).sum(axis=1) / others.sum(axis=1))


def _mean_ring(polygons: Sequence[Polygon], weights: Sequence[float]) -> Floats:
    rings = [_positive(ring_of(p)) for p in polygons]
    if len({len(r) for r in rings}) > 1:
        rings = [_resampled(r) for r in rings]
    lead = rings[max(range(len(rings)), key=lambda row: weights[row])]
    aligned = np.stack([_aligned(r, lead) for r in rings])
    return np.asarray(np.average(aligned, axis=0, weights=np.asarray(weights, dtype=np.float64)))


def _positive(ring: Floats) -> Floats:
    """The ring in the sense in which its area is positive."""
    ahead = np.roll(ring, -1, axis=0)
    area = (ring[:, 0] * ahead[:, 1] - ring[:, 1] * ahead[:, 0]).sum()
    return ring if area >= 0 else ring[::-1]


def _resampled(ring: Floats) -> Floats:
    """Points at equal steps along the ring, shape (64, 2)."""
    closed = np.concatenate([ring, ring[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    steps = np.arange(_CORNERS) / _CORNERS * along[-1]
    return np.stack([np.interp(steps, along, closed[:, axis]) for axis in (0, 1)], axis=1)


def _aligned(ring: Floats, lead: Floats) -> Floats:
    """The ring begun where it lies nearest to the lead, corner by corner."""
    turns = [np.roll(ring, -shift, axis=0) for shift in range(len(ring))]
    gaps = [float(np.square(turn - lead).sum()) for turn in turns]
    return turns[int(np.argmin(gaps))]
