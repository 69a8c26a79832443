"""Looks into media files before an annotator does: they decode, and how large or long they are.

Pictures are decoded whole by Pillow, recordings by libsndfile (MP4 and AAC sound only by their headers), of a film the
first and the last frame are decoded by OpenCV. A file that no annotator could see is refused with a reason.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path

from labelwright.model.errors import LabelwrightError

#: A browser on an office computer gets through so much, and no more.
MOST_PIXELS = 100_000_000
MOST_PICTURE_BYTES = 100 << 20
MOST_BYTES = 4 << 30
_MOST_DRAWING_BYTES = 10 << 20
_PICTURES = frozenset({"jpg", "jpeg", "png", "gif", "bmp", "webp", "tif", "tiff", "avif"})
_SOUNDS = frozenset({"wav", "mp3", "flac", "ogg", "oga", "opus"})
_TAGGED = frozenset({"m4a", "aac"})
_FILMS = frozenset({"mp4", "webm", "mov", "m4v", "ogv", "mkv", "avi"})
_BLOCK = 1 << 18
#: Decoding gives the interpreter back, so a few threads use all cores.
_THREADS = 4


@dataclass(frozen=True, slots=True)
class Probe:
    """What a media file is.

    Attributes:
        problem: why no annotator could work on it; None where it can be shown.
        width: in pixels, of a picture or film.
        height: in pixels.
        seconds: of a recording or film.
        rate: samples a second of a recording.
        channels: of a recording.
        fps: frames a second of a film.
    """

    problem: str | None = None
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    rate: int | None = None
    channels: int | None = None
    fps: float | None = None


#: What a folder of media offers as metadata besides names.
FACTS = tuple(f.name for f in fields(Probe) if f.name != "problem")


def probe(path: Path) -> Probe:
    """What the file is; never raises for what stands in it."""
    extension = path.suffix.lower().removeprefix(".")
    try:
        size = path.stat().st_size
        if size == 0:
            return Probe("empty file")
        look = _looker(extension)
        most = MOST_PICTURE_BYTES if extension in _PICTURES else MOST_BYTES
        if size > most:
            return Probe(f"larger than {most >> 20} MiB: no browser shows it in time")
        return look(path) if look else Probe()
    except LabelwrightError as refused:
        return Probe(refused.what)
    except Exception as broken:  # noqa: BLE001 - decoders raise what they like for a hostile file
        return Probe(f"cannot be decoded ({type(broken).__name__})")


def probe_all(paths: Iterable[Path]) -> list[Probe]:
    """`probe` of each, in this order, on several threads."""
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(probe, paths))


def _looker(extension: str) -> Callable[[Path], Probe] | None:
    kinds = ((_PICTURES, _picture), (_SOUNDS, _sound), (_TAGGED, _tagged), (_FILMS, _film), ({"svg"}, _drawing))
    return next((look for extensions, look in kinds if extension in extensions), None)


def _picture(path: Path) -> Probe:
    from PIL import Image  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(path) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                return Probe(f"{width} × {height} pixels: more than {MOST_PIXELS // 1_000_000} million")
            picture.load()
    return Probe(width=width, height=height)


def _drawing(path: Path) -> Probe:
    from defusedxml import ElementTree  # noqa: PLC0415

    if path.stat().st_size > _MOST_DRAWING_BYTES:
        return Probe(f"larger than {_MOST_DRAWING_BYTES >> 20} MiB: no browser shows it in time")
    root = ElementTree.parse(path).getroot()
    return Probe() if root is not None and root.tag.rpartition("}")[2] == "svg" else Probe("not an SVG drawing")


def _sound(path: Path) -> Probe:
    import soundfile  # noqa: PLC0415

    with soundfile.SoundFile(path) as sound:
        read = 0
        while got := len(sound.read(_BLOCK, dtype="int16")):
            read += got
        if read == 0:
            return Probe("holds no sound")
        if sound.frames > read + _BLOCK:
            return Probe(f"ends after {read / sound.samplerate:.1f} of {sound.frames / sound.samplerate:.1f} seconds")
        return Probe(seconds=round(read / sound.samplerate, 3), rate=sound.samplerate, channels=sound.channels)


def _tagged(path: Path) -> Probe:
    from tinytag import TinyTag  # noqa: PLC0415

    tag = TinyTag.get(path, tags=False)
    if not tag.duration:
        return Probe("holds no sound")
    return Probe(seconds=round(float(tag.duration), 3), rate=tag.samplerate, channels=tag.channels)


def _film(path: Path) -> Probe:
    import cv2  # noqa: PLC0415

    film = cv2.VideoCapture(str(path))
    try:
        if not film.isOpened():
            return Probe("cannot be decoded (no film in it)")
        fps, frames = film.get(cv2.CAP_PROP_FPS), film.get(cv2.CAP_PROP_FRAME_COUNT)
        if not film.read()[0]:
            return Probe("cannot be decoded (its first frame)")
        if frames > 1 and not _ends(film, frames):
            return Probe("breaks off before its end")
        size = (int(film.get(cv2.CAP_PROP_FRAME_WIDTH)), int(film.get(cv2.CAP_PROP_FRAME_HEIGHT)))
        known = fps > 0 and frames > 0
        return Probe(None, *size, round(frames / fps, 3) if known else None, fps=round(fps, 3) if known else None)
    finally:
        film.release()


def _ends(film: object, frames: float) -> bool:
    """One of the last frames is there. Players count a few more than some files hold."""
    import cv2  # noqa: PLC0415

    for back in (1, 5, 25):
        film.set(cv2.CAP_PROP_POS_FRAMES, max(frames - back, 0))  # type: ignore[attr-defined]
        if film.read()[0]:  # type: ignore[attr-defined]
            return True
    return False
