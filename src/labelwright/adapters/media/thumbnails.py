"""Small pictures of media for lists, made once and kept in a folder that stays small."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import BoundedSemaphore, Lock

from labelwright.adapters.media.buckets import Buckets
from labelwright.adapters.media.previews import jpeg
from labelwright.model.errors import LabelwrightError

#: The longer side in pixels. Few sizes, so that nobody fills the folder by asking for each.
SIDES = (96, 192, 480)
#: Of an object in a bucket; a larger one is not fetched for a small picture.
MOST_FETCHED_BYTES = 64 << 20
MOST_KEPT_BYTES = 512 << 20
#: Decoders at work at one time: each may hold a whole picture in memory.
_DECODERS = 2
_WAIT_SECONDS = 20.0
_LOOK_EVERY = 200


class BusyError(LabelwrightError):
    """More pictures are asked for than can be made in time."""


@dataclass
class Thumbnails:
    """A folder of JPEGs, named after what they show: a file that has changed is pictured anew.

    Attributes:
        folder: where they are kept; made when needed.
        most: bytes that are kept; beyond, those go first that were not asked for the longest.
    """

    folder: Path
    most: int = MOST_KEPT_BYTES
    _gate: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(_DECODERS), init=False)
    _lock: Lock = field(default_factory=Lock, init=False)
    _made: int = field(default=0, init=False)

    def of_file(self, path: Path, side: int) -> Path | None:
        """The small picture of a file; None where none can be made of it.

        Raises:
            BusyError: too many are asked for at once.
        """
        state = path.stat()
        return self._kept(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\0{side}", lambda: jpeg(path, side))

    def of_object(self, buckets: Buckets, url: str, side: int) -> Path | None:
        """The small picture of an object in a bucket, as `of_file`.

        Raises:
            BusyError: too many are asked for at once.
            OutsideServiceError: the store cannot be read.
        """
        found = buckets.look(url)
        if found is None or not 0 < found.size <= MOST_FETCHED_BYTES:
            return None

        def make() -> bytes | None:
            with tempfile.NamedTemporaryFile(suffix=Path(url).suffix.lower()) as copy:
                copy.writelines(buckets.read(url, 0, found.size))
                copy.flush()
                return jpeg(Path(copy.name), side)

        return self._kept(f"{url}\0{found.size}\0{found.etag}\0{side}", make)

    def _kept(self, key: str, make: Callable[[], bytes | None]) -> Path | None:
        """What was made before, an empty file for what could not be."""
        name = sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        kept = self.folder / name[:2] / f"{name}.jpg"
        if not kept.exists():
            self._write(kept, self._made_now(make))
        if not kept.stat().st_size:
            return None
        os.utime(kept)
        return kept

    def _made_now(self, make: Callable[[], bytes | None]) -> bytes:
        if not self._gate.acquire(timeout=_WAIT_SECONDS):
            raise BusyError("Too many small pictures are asked for at once", next_step="Ask again")
        try:
            return make() or b""
        finally:
            self._gate.release()

    def _write(self, kept: Path, picture: bytes) -> None:
        """Whole or not at all: others may ask for it meanwhile."""
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=kept.parent, suffix=".part", delete=False) as part:
            part.write(picture)
        Path(part.name).replace(kept)
        with self._lock:
            self._made += 1
            if self._made % _LOOK_EVERY == 1:
                self._shrink()

    def _shrink(self) -> None:
        """Back to nine tenths of the limit once it is passed."""
        found = [(p, p.stat()) for p in self.folder.glob("*/*.jpg")]
        held = sum(state.st_size for _, state in found)
        if held <= self.most:
            return
        for path, state in sorted(found, key=lambda f: f[1].st_mtime_ns):
            path.unlink(missing_ok=True)
            held -= state.st_size
            if held <= self.most * 9 // 10:
                return
