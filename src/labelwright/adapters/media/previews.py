"""Small pictures of media for reports: a picture itself, a film's first frame, a recording's wave form."""

from __future__ import annotations

import base64
import warnings
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from labelwright.adapters.media.probe import MOST_BYTES, MOST_PIXELS, probe
from labelwright.adapters.pool.media import kind_of

if TYPE_CHECKING:
    from PIL.Image import Image
    from soundfile import SoundFile

#: The longer side in pixels.
SIDE = 480
_QUALITY = 75
_WAVE = (480, 96)
#: Samples that are looked at for one column of a wave form: a recording of ten hours costs no more than a short one.
_COLUMN = 4_096


def preview(path: Path) -> str | None:
    """The file as a ``data:`` address of a JPEG; None where it cannot be decoded or is a drawing."""
    found = None if probe(path).problem else jpeg(path)
    return None if found is None else "data:image/jpeg;base64," + base64.b64encode(found).decode()


def jpeg(path: Path, side: int = SIDE) -> bytes | None:
    """The file as a small JPEG; None where it cannot be decoded, is a drawing, or claims to be too large to decode.

    Args:
        path: an image, recording or film; its extension says which.
        side: the longer side in pixels, at most.
    """
    look = _PICTURED.get(kind_of(path.name) or "")
    try:
        if look is None or path.suffix.lower() == ".svg" or not 0 < path.stat().st_size <= MOST_BYTES:
            return None
        picture = look(path, side)
    except Exception:  # noqa: BLE001 - decoders raise what they like; a page goes without the picture
        return None
    return None if picture is None else _written(picture, side)


def _written(picture: Image, side: int) -> bytes:
    small = picture.convert("RGB")
    small.thumbnail((side, side))
    out = BytesIO()
    small.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _image(path: Path, side: int) -> Image | None:
    """Its size is read before its pixels: what claims to be huge is never decoded."""
    from PIL import Image  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(path) as found:
            if found.width * found.height > MOST_PIXELS:
                return None
            found.draft("RGB", (side, side))
            found.load()
            return found.copy()


def _frame(path: Path, _side: int) -> Image | None:
    import cv2  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    film = cv2.VideoCapture(str(path))
    try:
        if film.get(cv2.CAP_PROP_FRAME_WIDTH) * film.get(cv2.CAP_PROP_FRAME_HEIGHT) > MOST_PIXELS:
            return None
        there, frame = film.read()
        return Image.fromarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)) if there else None
    finally:
        film.release()


def _wave(path: Path, _side: int) -> Image | None:
    """Loudest sample of each column, up and down from the middle."""
    import soundfile  # noqa: PLC0415
    from PIL import Image, ImageDraw  # noqa: PLC0415

    width, height = _WAVE
    with soundfile.SoundFile(path) as sound:
        loud = [float(np.abs(part).max(initial=0)) for part in _columns(sound, width)]
    loudest = max(loud, default=0.0) or 1.0
    picture = Image.new("RGB", _WAVE, "white")
    draw = ImageDraw.Draw(picture)
    for x, peak in enumerate(loud):
        half = max(peak / loudest * (height / 2 - 4), 0.5)
        draw.line((x, height / 2 - half, x, height / 2 + half), fill=(0, 95, 158))
    return picture


def _columns(sound: SoundFile, width: int) -> Iterator[np.ndarray[Any, Any]]:
    """Samples of each column of a wave form, at most `_COLUMN` frames of each."""
    block = max(sound.frames // width, 1)
    for x in range(min(width, sound.frames)):
        if block > _COLUMN:
            sound.seek(x * block)
        yield sound.read(min(block, _COLUMN), dtype="float32")


_PICTURED: dict[str, Callable[[Path, int], Image | None]] = {"image": _image, "video": _frame, "audio": _wave}
