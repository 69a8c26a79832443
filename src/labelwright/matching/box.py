"""Similarity of boxes, upright and rotated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labelwright.matching.arrays import Compare, Flags, Floats, Ints, ratio
from labelwright.matching.quads import quad_overlap
from labelwright.model.values import Box, ImageSize

#: Pairs of rotated boxes clipped at a time, to bound memory.
_BATCH = 20_000


def scale_of(size: ImageSize | None) -> tuple[float, float]:
    """Pixels a percent, across and down; NaN where the picture's size is not recorded (or recorded as nothing)."""
    known = size is not None and size.width > 0 and size.height > 0
    return (size.width / 100, size.height / 100) if size is not None and known else (float("nan"), float("nan"))


def frame_of(box: Box) -> tuple[float, float, float, float]:
    """Left, top, width and height in percent, with no negative size."""
    left, top = min(box.x, box.x + box.width), min(box.y, box.y + box.height)
    return left, top, abs(box.width), abs(box.height)


def corners(frames: Floats, degrees: Floats, scales: Floats) -> Floats:
    """Corners in pixels of boxes rotated clockwise about their top left corner.

    Args:
        frames: left, top, width, height in percent, shape (n, 4).
        degrees: clockwise as seen on the screen, shape (n,).
        scales: pixels a percent, across and down, shape (n, 2).

    Returns:
        Shape (n, 4, 2): top left, top right, bottom right, bottom left before the rotation.
    """
    place, size = frames[:, :2] * scales, frames[:, 2:] * scales
    angle = np.deg2rad(degrees)
    right = np.stack([np.cos(angle), np.sin(angle)], axis=1) * size[:, :1]
    down = np.stack([-np.sin(angle), np.cos(angle)], axis=1) * size[:, 1:]
    return np.stack([place, place + right, place + right + down, place + down], axis=1)


def upright_overlap(a: Floats, b: Floats) -> Floats:
    """Shared areas of upright boxes (left, top, width, height), each of shape (n, 4)."""
    wide = np.minimum(a[:, 0] + a[:, 2], b[:, 0] + b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
    tall = np.minimum(a[:, 1] + a[:, 3], b[:, 1] + b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    return np.asarray(np.maximum(wide, 0.0) * np.maximum(tall, 0.0))


def common_scale(a: Floats, b: Floats) -> Floats:
    """The recorded scale of either, else a square picture's, shape (n, 2)."""
    either = np.where(np.isnan(a), b, a)
    return np.where(np.isnan(either), 1.0, either)


def rotated_overlap(a: Floats, b: Floats, turns: tuple[Floats, Floats], scales: Floats) -> Floats:
    """Shared areas of rotated boxes in squared percent, shape (n,); see `corners` for the arguments."""
    area = np.zeros(len(a))
    for at in range(0, len(a), _BATCH):
        part = slice(at, at + _BATCH)
        one = corners(a[part], turns[0][part], scales[part])
        two = corners(b[part], turns[1][part], scales[part])
        area[part] = quad_overlap(one, two) / scales[part].prod(axis=1)
    return area


def box_iou(boxes: Sequence[Box]) -> Compare:
    """Intersection over union of boxes; a rotated one is turned in pixels, not in percent.

    Rotated boxes are clipped as convex polygons (exact up to floating point). Without a recorded picture size, a
    rotated box is taken to lie in a square picture; upright ones do not depend on the size.
    """
    frames = np.array([frame_of(b) for b in boxes], dtype=np.float64).reshape(-1, 4)
    turns = np.array([b.rotation % 360.0 for b in boxes], dtype=np.float64)
    scales = np.array([scale_of(b.size) for b in boxes], dtype=np.float64).reshape(-1, 2)

    def compare(left: Ints, right: Ints) -> Floats:
        a, b = frames[left], frames[right]
        shared = upright_overlap(a, b)
        turned: Flags = (turns[left] != 0) | (turns[right] != 0)
        if turned.any():
            one, two = left[turned], right[turned]
            scale = common_scale(scales[one], scales[two])
            shared[turned] = rotated_overlap(frames[one], frames[two], (turns[one], turns[two]), scale)
        union = a[:, 2] * a[:, 3] + b[:, 2] * b[:, 3] - shared
        same: Flags = (a == b).all(axis=1) & (turns[left] == turns[right])
        return ratio(shared, union, same)

    return compare
