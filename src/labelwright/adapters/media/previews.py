"""Small pictures of media for reports: a picture itself, a film's first frame, a recording's wave form."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from labelwright.adapters.media.probe import probe
from labelwright.adapters.pool.media import kind_of

if TYPE_CHECKING:
    from PIL.Image import Image

#: The longer side in pixels.
SIDE = 480
_QUALITY = 75
_WAVE = (480, 96)


def preview(path: Path) -> str | None:
    """The file as a ``data:`` address of a JPEG; None where it cannot be decoded or is a drawing."""
    look = _PICTURED.get(kind_of(path.name) or "")
    if look is None or path.suffix.lower() == ".svg" or probe(path).problem:
        return None
    try:
        picture = look(path)
    except Exception:  # noqa: BLE001 - decoders raise what they like; a report goes without the picture
        return None
    return None if picture is None else _written(picture)


def _written(picture: Image) -> str:
    small = picture.convert("RGB")
    small.thumbnail((SIDE, SIDE))
    out = BytesIO()
    small.save(out, "JPEG", quality=_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


def _image(path: Path) -> Image:
    from PIL import Image  # noqa: PLC0415

    with Image.open(path) as found:
        found.draft("RGB", (SIDE, SIDE))
        found.load()
        return found.copy()


def _frame(path: Path) -> Image | None:
    import cv2  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    film = cv2.VideoCapture(str(path))
    try:
        there, frame = film.read()
        return Image.fromarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)) if there else None
    finally:
        film.release()


def _wave(path: Path) -> Image | None:
    """Loudest sample of each column, up and down from the middle."""
    import soundfile  # noqa: PLC0415
    from PIL import Image, ImageDraw  # noqa: PLC0415

    width, height = _WAVE
    with soundfile.SoundFile(path) as sound:
        block = max(sound.frames // width, 1)
        loud = [float(np.abs(part).max(initial=0)) for part in sound.blocks(block, dtype="float32")][:width]
    loudest = max(loud, default=0.0) or 1.0
    picture = Image.new("RGB", _WAVE, "white")
    draw = ImageDraw.Draw(picture)
    for x, peak in enumerate(loud):
        half = max(peak / loudest * (height / 2 - 4), 0.5)
        draw.line((x, height / 2 - half, x, height / 2 + half), fill=(0, 95, 158))
    return picture


_PICTURED: dict[str, Callable[[Path], Image | None]] = {"image": _image, "video": _frame, "audio": _wave}
