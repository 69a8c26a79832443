"""Places on a picture in pixels: true bounds of whatever was drawn, and its outline."""

from __future__ import annotations

import math
from typing import NamedTuple

from labelwright.model.values import Box, Ellipse, Geometry, ImageSize, KeyPoint, Polygon

#: Corners of an ellipse's outline.
ELLIPSE_CORNERS = 64

Point = tuple[float, float]


class Frame(NamedTuple):
    """Left, top, width and height."""

    x: float
    y: float
    width: float
    height: float


def size_of(place: Geometry) -> ImageSize | None:
    """The picture's size in pixels, where it was recorded with the place."""
    size: ImageSize | None = getattr(place, "size", None)
    return size if size is not None and size.width > 0 and size.height > 0 else None


def outline(place: Geometry, width: float, height: float) -> list[Point] | None:
    """The corners of a place on a picture of that size; None for what has none.

    A box is turned clockwise about its top left corner in pixels, not in percent, so that it stays a rectangle.
    """
    if isinstance(place, Box):
        return _box(place, width, height)
    if isinstance(place, Polygon):
        return [(x / 100 * width, y / 100 * height) for x, y in place.points]
    if isinstance(place, Ellipse):
        return _ellipse(place, width, height)
    return None


def _box(box: Box, width: float, height: float) -> list[Point]:
    x, y = box.x / 100 * width, box.y / 100 * height
    w, h = box.width / 100 * width, box.height / 100 * height
    cos, sin = _turn(box.rotation)
    return [
        (x, y),
        (x + w * cos, y + w * sin),
        (x + w * cos - h * sin, y + w * sin + h * cos),
        (x - h * sin, y + h * cos),
    ]


def _turn(degrees: float) -> tuple[float, float]:
    """Cosine and sine; exact for quarter turns, so that a box turned by 90° has whole numbers for corners."""
    quarters, rest = divmod(degrees, 90)
    if rest == 0:
        return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters) % 4]
    angle = math.radians(degrees)
    return math.cos(angle), math.sin(angle)


def _ellipse(ellipse: Ellipse, width: float, height: float) -> list[Point]:
    x, y = ellipse.x / 100 * width, ellipse.y / 100 * height
    a, b = ellipse.radius_x / 100 * width, ellipse.radius_y / 100 * height
    cos, sin = _turn(ellipse.rotation)
    steps = (2 * math.pi * k / ELLIPSE_CORNERS for k in range(ELLIPSE_CORNERS))
    figures = ((a * math.cos(t), b * math.sin(t)) for t in steps)
    return [(x + u * cos - v * sin, y + u * sin + v * cos) for u, v in figures]


def bounds(place: Geometry, width: float, height: float) -> Frame | None:
    """The upright box around a place, in pixels of a picture of that size; None for what has none."""
    if isinstance(place, Box) and not place.rotation:
        return _upright(place, width, height)
    if isinstance(place, KeyPoint):
        return Frame(place.x / 100 * width, place.y / 100 * height, 0.0, 0.0)
    corners = outline(place, width, height)
    return around(corners) if corners else None


def _upright(box: Box, width: float, height: float) -> Frame:
    # In this order of operations: the same floats as Label Studio's converter.
    x, y, w, h = box.x, box.y, box.width, box.height
    if w < 0 or h < 0:
        x, y, w, h = min(x, x + w), min(y, y + h), abs(w), abs(h)
    return Frame(x * width / 100, y * height / 100, w * width / 100, h * height / 100)


def around(corners: list[Point]) -> Frame:
    """The upright box around some corners."""
    across, down = [p[0] for p in corners], [p[1] for p in corners]
    left, top = min(across), min(down)
    return Frame(left, top, max(across) - left, max(down) - top)


def area_of(corners: list[Point]) -> float:
    """Area within an outline (the shoelace formula)."""
    ahead = zip(corners, [*corners[1:], corners[0]], strict=True)
    return abs(math.fsum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in ahead)) / 2
