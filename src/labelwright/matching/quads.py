"""Shared area of convex quadrilaterals, many pairs at once and exact up to floating point.

The corners of the intersection of two convex polygons are the corners of each that lie in the other, and the points
where their edges cross. They are gathered for all pairs at once (4 + 4 + 16 candidates), put in order of their angle
about their mean, and measured with the shoelace formula.
"""

from __future__ import annotations

import numpy as np

from labelwright.matching.arrays import Flags, Floats

#: Slack of the inside test as a share of the figure's own size: corners on an edge count as inside.
_SLACK = 1e-12


def _cross(ax: Floats, ay: Floats, bx: Floats, by: Floats) -> Floats:
    return ax * by - ay * bx


def _inside(points: Floats, quads: Floats) -> Flags:
    """Whether points (n, 4, 2) lie in quads (n, 4, 2) whose corners run in the positive sense."""
    edges = np.roll(quads, -1, axis=1) - quads
    offset = points[:, :, None, :] - quads[:, None, :, :]
    side = _cross(edges[:, None, :, 0], edges[:, None, :, 1], offset[..., 0], offset[..., 1])
    slack = _SLACK * np.square(np.abs(edges).max(axis=(1, 2)))[:, None, None]
    return np.asarray((side >= -slack).all(axis=2))


def _crossings(a: Floats, b: Floats) -> tuple[Floats, Flags]:
    """Points (n, 16, 2) where the edges of a and b cross, and which of them are real."""
    along_a, along_b = np.roll(a, -1, axis=1) - a, np.roll(b, -1, axis=1) - b
    da, db = along_a[:, :, None, :], along_b[:, None, :, :]
    gap = b[:, None, :, :] - a[:, :, None, :]
    bottom = _cross(da[..., 0], da[..., 1], db[..., 0], db[..., 1])
    parallel = np.abs(bottom) <= _SLACK * np.abs(da).max(axis=3) * np.abs(db).max(axis=3)
    safe = np.where(parallel, 1.0, bottom)
    t = _cross(gap[..., 0], gap[..., 1], db[..., 0], db[..., 1]) / safe
    u = _cross(gap[..., 0], gap[..., 1], da[..., 0], da[..., 1]) / safe
    real = ~parallel & (t >= 0) & (t <= 1) & (u >= 0) & (u <= 1)
    points = a[:, :, None, :] + t[..., None] * da
    return points.reshape(len(a), 16, 2), real.reshape(len(a), 16)


def _hull_area(points: Floats, real: Flags) -> Floats:
    """Area of the convex figure that the real ones among points (n, k, 2) are the corners of."""
    count = np.maximum(real.sum(axis=1), 1)
    middle = (points * real[..., None]).sum(axis=1) / count[:, None]
    # An unreal point takes the place of the first real one: it adds no area wherever it comes in the order.
    first = points[np.arange(len(points)), real.argmax(axis=1)]
    offset = np.where(real[..., None], points, first[:, None, :]) - middle[:, None, :]
    order = np.argsort(np.arctan2(offset[..., 1], offset[..., 0]), axis=1)
    ring = np.take_along_axis(offset, order[..., None], axis=1)
    ahead = np.roll(ring, -1, axis=1)
    area = 0.5 * np.abs(_cross(ring[..., 0], ring[..., 1], ahead[..., 0], ahead[..., 1]).sum(axis=1))
    return np.asarray(np.where(real.sum(axis=1) >= 3, area, 0.0))


def quad_overlap(a: Floats, b: Floats) -> Floats:
    """Shared areas of convex quadrilaterals.

    Args:
        a: corners in the positive sense (x to y), shape (n, 4, 2).
        b: likewise, shape (n, 4, 2).

    Returns:
        Areas in squared units of the corners, shape (n,).
    """
    area = np.zeros(len(a))
    near = ((a.min(axis=1) <= b.max(axis=1)) & (b.min(axis=1) <= a.max(axis=1))).all(axis=1)
    if near.any():
        area[near] = _clipped(a[near], b[near])
    return area


def _clipped(a: Floats, b: Floats) -> Floats:
    crossings, crossed = _crossings(a, b)
    points = np.concatenate([a, b, crossings], axis=1)
    real = np.concatenate([_inside(a, b), _inside(b, a), crossed], axis=1)
    return _hull_area(points, real)
