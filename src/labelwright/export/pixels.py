"""Pixels of what was drawn: masks as runs down the columns (COCO), and whole pictures of class codes."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from labelwright.export.places import Frame, outline
from labelwright.matching.brush import painted
from labelwright.model.errors import DataError
from labelwright.model.values import Geometry, ImageSize, Mask

Flags = NDArray[np.bool_]
#: More pixels than this are refused: what a broken or hostile file claims.
MOST = 400_000_000


def pixels_of(place: Geometry, size: ImageSize) -> Flags | None:
    """Which pixels a place covers, shape (height, width); None for what covers none.

    Raises:
        DataError: the mask's code is broken, or the picture is said to be larger than 400 million pixels.
    """
    if size.width * size.height > MOST:
        raise DataError(f"The picture is said to have {size.width} × {size.height} pixels", next_step="Check its size")
    if isinstance(place, Mask):
        flat = np.zeros(size.width * size.height, dtype=bool)
        runs = painted(place)
        for start, end in zip(runs.starts.tolist(), runs.ends.tolist(), strict=True):
            flat[start:end] = True
        return flat.reshape(size.height, size.width)
    corners = outline(place, size.width, size.height)
    return _filled(corners, size) if corners and len(corners) > 2 else None


def _filled(corners: Sequence[tuple[float, float]], size: ImageSize) -> Flags:
    from PIL import Image, ImageDraw  # noqa: PLC0415 - the core of the library does without

    picture = Image.new("1", (size.width, size.height))
    ImageDraw.Draw(picture).polygon(list(corners), fill=1)
    return np.asarray(picture, dtype=bool)


def column_counts(mask: Mask, size: ImageSize) -> tuple[list[int], Frame, int]:
    """A mask as COCO's uncompressed code: unpainted and painted pixels in turn, down the columns.

    Returns:
        The code, the true bounds in pixels, and the number of painted pixels.

    Raises:
        DataError: the mask's code is broken, or nothing is painted.
    """
    found = pixels_of(mask, size)
    if found is None or not found.any():
        raise DataError("The mask is empty")
    flat = found.ravel(order="F")
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat, [False]]).astype(np.int8)))
    counts = np.diff(np.concatenate([[0], edges, [len(flat)]])).tolist()
    down, across = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    frame = Frame(float(across[0]), float(down[0]), float(np.ptp(across) + 1), float(np.ptp(down) + 1))
    return counts if counts[-1] else counts[:-1], frame, int(found.sum())


def png(codes: NDArray[np.uint8]) -> bytes:
    """A picture of class codes, shape (height, width), as PNG with a palette: code 0 is black, the others differ."""
    from PIL import Image  # noqa: PLC0415

    picture = Image.fromarray(codes, mode="L").convert("P")
    picture.putdata(codes.ravel().tolist()) if codes.size < 1 else None
    picture = Image.frombytes("P", (codes.shape[1], codes.shape[0]), codes.tobytes())
    picture.putpalette(palette())
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


def palette() -> list[int]:
    """The colours of Pascal VOC: 256 times red, green, blue."""
    found = []
    for code in range(256):
        red = green = blue = 0
        for bit in range(8):
            part = code >> (3 * bit)
            red |= (part & 1) << (7 - bit)
            green |= (part >> 1 & 1) << (7 - bit)
            blue |= (part >> 2 & 1) << (7 - bit)
        found += [red, green, blue]
    return found
