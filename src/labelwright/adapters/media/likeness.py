"""What a picture looks like, in 64 bits: equal for copies, a few bits apart for other sizes and compressions."""

from __future__ import annotations

from pathlib import Path


def picture_hash(path: Path) -> int | None:
    """The difference hash of a picture (N. Krawetz, 2013); None where it cannot be read, or shows one colour only.

    Nine by eight shades of grey are left of it; each bit says whether a shade is darker than the next to its right.
    """
    from PIL import Image  # noqa: PLC0415 - decoders are slow to load

    try:
        with Image.open(path) as picture:
            picture.draft("L", (72, 64))  # of a large JPEG an eighth is decoded
            shades = list(picture.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes())
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    value = 0
    for row in range(8):
        for column in range(8):
            value = value << 1 | (shades[9 * row + column] < shades[9 * row + column + 1])
    return value or None
