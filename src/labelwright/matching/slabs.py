"""Areas of general polygons and of what two of them share, exact up to floating point.

The plane is cut into horizontal slabs at every corner and at every point where two edges cross. Inside a slab the
cross-section's length is linear in the height, so its length half way up times the slab's height is its area. Points
are inside by the even-odd rule, so concave polygons and polygons that cross themselves need no special case.
"""

from __future__ import annotations

import numpy as np

from labelwright.matching.arrays import Floats

#: Cells of the (slab, edge) table worked on at a time, to bound memory.
_CELLS = 2_000_000


def _edges(ring: Floats) -> Floats:
    """Edges (n, 4) x0, y0, x1, y1 of a ring of corners (n, 2), closing edge included."""
    return np.concatenate([ring, np.roll(ring, -1, axis=0)], axis=1)


def _crossing_heights(edges: Floats) -> Floats:
    """Heights at which two of the edges cross."""
    start, along = edges[:, :2], edges[:, 2:] - edges[:, :2]
    rows = max(1, _CELLS // len(edges))
    found = []
    for at in range(0, len(edges), rows):
        from_here, this_way = start[at : at + rows], along[at : at + rows]
        gap = start[None, :, :] - from_here[:, None, :]
        bottom = _cross(this_way[:, None, :], along[None, :, :])
        with np.errstate(divide="ignore", invalid="ignore"):
            t, u = _cross(gap, along[None, :, :]) / bottom, _cross(gap, this_way[:, None, :]) / bottom
        one, two = np.nonzero((t > 0) & (t < 1) & (u > 0) & (u < 1))
        found.append(from_here[one, 1] + t[one, two] * this_way[one, 1])
    return np.concatenate(found)


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


def _sections(edges: Floats, first: int, heights: Floats) -> Floats:
    """Lengths of the cross-sections of polygon a (edges up to ``first``), b, and both, shape (heights, 3)."""
    x0, y0, x1, y1 = edges.T
    active = (np.minimum(y0, y1) < heights[:, None]) & (np.maximum(y0, y1) > heights[:, None])
    rise = np.where(y1 == y0, 1.0, y1 - y0)
    x = np.where(active, x0 + (heights[:, None] - y0) * ((x1 - x0) / rise), np.inf)
    order = np.argsort(x, axis=1)
    x = np.take_along_axis(x, order, axis=1)
    hit = np.take_along_axis(active, order, axis=1)
    in_a = (np.cumsum(hit & (order < first), axis=1) % 2 == 1)[:, :-1]
    in_b = (np.cumsum(hit & (order >= first), axis=1) % 2 == 1)[:, :-1]
    with np.errstate(invalid="ignore"):
        step = np.where(hit[:, 1:], np.diff(x, axis=1), 0.0)
    return np.stack([(step * flag).sum(axis=1) for flag in (in_a, in_b, in_a & in_b)], axis=1)


def polygon_areas(a: Floats, b: Floats) -> tuple[float, float, float]:
    """Areas of two polygons and of what they share.

    Args:
        a: corners in order, shape (n, 2), closed by the edge from the last to the first.
        b: likewise, shape (m, 2).

    Returns:
        Area of a, of b, and of their intersection.
    """
    edges = np.concatenate([_edges(a), _edges(b)])
    levels = np.unique(np.concatenate([edges[:, 1], _crossing_heights(edges)]))
    middle, height = (levels[1:] + levels[:-1]) / 2, np.diff(levels)
    total = np.zeros(3)
    rows = max(1, _CELLS // len(edges))
    for at in range(0, len(middle), rows):
        part = slice(at, at + rows)
        total += height[part] @ _sections(edges, len(a), middle[part])
    return float(total[0]), float(total[1]), float(total[2])
