"""One box, ellipse, key point or mask out of several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from labelwright.consensus.structures.weighing import median, voted
from labelwright.matching.box import frame_of
from labelwright.matching.brush import encode, painted, pixel_count
from labelwright.model.values import Box, Ellipse, ImageSize, KeyPoint, Mask

#: A figure by its centre, half sizes and clockwise rotation in degrees, in pixels.
_Figure = tuple[float, float, float, float, float]


def size_of(sizes: Sequence[ImageSize | None]) -> ImageSize | None:
    """The first recorded size that is one."""
    return next((size for size in sizes if size is not None and size.width > 0 and size.height > 0), None)


def _scale(size: ImageSize | None) -> tuple[float, float]:
    return (1.0, 1.0) if size is None else (size.width / 100, size.height / 100)


def fuse_boxes(boxes: Sequence[Box], weights: Sequence[float]) -> Box:
    """Weighted median of each edge; of centre, sides and angle where a box is rotated (in pixels)."""
    size = size_of([b.size for b in boxes])
    if any(b.rotation % 360 for b in boxes):
        return _fuse_rotated(boxes, weights, size)
    lefts, tops, widths, heights = zip(*[frame_of(b) for b in boxes], strict=True)
    left, top = median(lefts, weights), median(tops, weights)
    right = median([x + wide for x, wide in zip(lefts, widths, strict=True)], weights)
    bottom = median([y + tall for y, tall in zip(tops, heights, strict=True)], weights)
    return Box(left, top, right - left, bottom - top, 0.0, size)


def _fuse_rotated(boxes: Sequence[Box], weights: Sequence[float], size: ImageSize | None) -> Box:
    scale = _scale(size)
    x, y, half_w, half_h, degrees = _middle([_box_figure(b, scale) for b in boxes], weights)
    dx, dy = _turned(-half_w, -half_h, degrees)
    across, down = scale
    return Box((x + dx) / across, (y + dy) / down, 2 * half_w / across, 2 * half_h / down, degrees % 360, size)


def _turned(x: float, y: float, degrees: float) -> tuple[float, float]:
    angle = math.radians(degrees)
    return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)


def _box_figure(box: Box, scale: tuple[float, float]) -> _Figure:
    left, top, width, height = frame_of(box)
    half_w, half_h = width * scale[0] / 2, height * scale[1] / 2
    dx, dy = _turned(half_w, half_h, box.rotation)
    return left * scale[0] + dx, top * scale[1] + dy, half_w, half_h, box.rotation


def _middle(figures: Sequence[_Figure], weights: Sequence[float]) -> _Figure:
    """Weighted median of figures; a turn by 90 degrees with the sides swapped, or by 180, is the same figure.

    Every figure is first written as near to the heaviest one's angle as it can be.
    """
    lead = max(range(len(figures)), key=lambda row: weights[row])
    alike = [_nearest(figure, figures[lead][4]) for figure in figures]
    x, y, half_w, half_h, degrees = (median([f[part] for f in alike], weights) for part in range(5))
    return x, y, half_w, half_h, degrees


def _nearest(figure: _Figure, degrees: float) -> _Figure:
    x, y, half_w, half_h, own = figure
    quarter = round((own - degrees) / 90)
    near = own - 90 * quarter
    return (x, y, half_h, half_w, near) if quarter % 2 else (x, y, half_w, half_h, near)


def fuse_ellipses(ellipses: Sequence[Ellipse], weights: Sequence[float]) -> Ellipse:
    """Weighted median of centre, radii and angle, in pixels."""
    size = size_of([e.size for e in ellipses])
    across, down = _scale(size)
    figures = [(e.x * across, e.y * down, e.radius_x * across, e.radius_y * down, e.rotation) for e in ellipses]
    x, y, wide, tall, degrees = _middle(figures, weights)
    return Ellipse(x / across, y / down, wide / across, tall / down, degrees % 360, size)


def fuse_keypoints(points: Sequence[KeyPoint], weights: Sequence[float]) -> KeyPoint:
    """Weighted median of each coordinate."""
    x, y, width = (median([getattr(p, name) for p in points], weights) for name in ("x", "y", "width"))
    return KeyPoint(x, y, width, size_of([p.size for p in points]))


def fuse_masks(masks: Sequence[Mask], weights: Sequence[float]) -> Mask:
    """The pixels that at least half of the weight painted."""
    size = size_of([m.size for m in masks])
    runs = voted([painted(m) for m in masks], weights)
    if size is not None:
        return encode(runs, size)
    return replace(encode(runs, ImageSize(max(pixel_count(m) for m in masks), 1)), size=None)
