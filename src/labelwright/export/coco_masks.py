"""COCO's masks as ours: run lengths down the columns, as numbers or packed as text, and outlines of several parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from labelwright.export.pixels import MOST, Flags, pixels_of
from labelwright.matching.brush import encode, pixel_runs
from labelwright.model.errors import DataError
from labelwright.model.values import Geometry, ImageSize, Mask, Polygon


def mask_of_runs(code: Mapping[str, Any]) -> Mask:
    """A mask of a ``segmentation`` in run lengths: ``{"size": [height, width], "counts": numbers or text}``.

    Raises:
        DataError: the lengths do not fill the picture, or it is said to be huge.
    """
    height, width = (int(n) for n in code["size"])
    given = code["counts"]
    counts = unpacked(given) if isinstance(given, str) else [int(n) for n in given]
    if not 0 < height * width <= MOST or min(counts, default=0) < 0 or sum(counts) != height * width:
        raise DataError(
            f"The run lengths of a mask do not fill its {width} × {height} pixels",
            next_step="Mend or remove the annotation",
        )
    painted = np.arange(len(counts)) % 2 == 1
    flat = np.repeat(painted, counts)
    return mask_of(flat.reshape((height, width), order="F"))


def mask_of_parts(parts: Sequence[Sequence[float]], size: ImageSize) -> Mask:
    """A mask of an outline of several parts, each ``[x, y, x, y, …]`` in pixels."""
    found = np.zeros((size.height, size.width), dtype=bool)
    for flat in parts:
        corners = zip(flat[::2], flat[1::2], strict=True)
        part = Polygon(tuple((100 * x / size.width, 100 * y / size.height) for x, y in corners), size=size)
        found |= as_pixels(part, size)
    return mask_of(found)


def as_pixels(place: Geometry, size: ImageSize) -> Flags:
    """Which pixels a place covers, shape (height, width)."""
    found = pixels_of(place, size)
    return np.zeros((size.height, size.width), dtype=bool) if found is None else found


def mask_of(picture: Flags) -> Mask:
    """A mask of the true pixels of a picture, shape (height, width)."""
    return encode(pixel_runs(picture), ImageSize(picture.shape[1], picture.shape[0]))


def unpacked(text: str) -> list[int]:
    """Run lengths out of COCO's text: five bits a character, and from the fourth on the change to the last but one.

    The code is that of ``rleFrString`` in `cocoapi` (T.-Y. Lin, P. Dollár, 2014).

    Raises:
        DataError: the text breaks off.
    """
    counts: list[int] = []
    at = 0
    while at < len(text):
        value, bits, more = 0, 0, True
        while more:
            if at == len(text):
                raise DataError("The run lengths of a mask break off", next_step="Mend or remove the annotation")
            found = ord(text[at]) - 48
            value |= (found & 31) << bits
            bits, at, more = bits + 5, at + 1, bool(found & 32)
            if not more and found & 16:
                value -= 1 << bits
        counts.append(value + counts[-2] if len(counts) > 2 else value)
    return counts
