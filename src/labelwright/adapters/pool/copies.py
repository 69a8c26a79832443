"""Data files in an object store: copied once, in a stream, beside the index, and watched by the tag of the object.

An item is fetched by its place in a file; from the copy that costs a read of the disk instead of a request, and a
store that is down holds nobody up. The object stays the pool: when it has another tag, the pool has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path, PurePosixPath

import orjson

from labelwright.adapters.media.buckets import BucketObject, Buckets, checked, is_bucket
from labelwright.model.errors import DataError
from labelwright.ports import Progress

_BLOCK = 1 << 23


@dataclass(frozen=True)
class Copies:
    """Copies of objects in one folder.

    Attributes:
        folder: where they are kept.
        buckets: the store.
    """

    folder: Path
    buckets: Buckets

    def place(self, url: str) -> Path:
        """Where the copy of that object is, or would be."""
        name = PurePosixPath(checked(url)).name
        return self.folder / blake2b(url.encode(), digest_size=8).hexdigest() / name

    def fetch(self, url: str, progress: Progress) -> Path:
        """Copy the object, unless the copy is the object as it is now. A copy that is there is replaced in one step.

        Raises:
            DataError: there is no such object, or it changed while it was read.
            OutsideServiceError: the store does not answer, or refuses us.
        """
        found, place = self._look(url), self.place(url)
        if _tag_of(place) == found.etag:
            return place
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(place.name + ".part")
        progress.start(f"Copying {place.name}", found.size)
        with part.open("wb") as out:
            for start in range(0, found.size, _BLOCK):
                end = min(start + _BLOCK, found.size)
                out.writelines(self.buckets.read(url, start, end))
                progress.step(end - start)
        progress.done()
        if self._look(url).etag != found.etag:
            part.unlink()
            raise DataError("The object changed while it was read", where=url, next_step="Try again when it is whole")
        _note(place).unlink(missing_ok=True)  # a crash between the two leaves a copy that is made again
        part.replace(place)
        _note(place).write_bytes(orjson.dumps({"url": url, "etag": found.etag, "bytes": found.size}))
        return place

    def changed(self, urls: Iterable[str]) -> Iterator[str]:
        """Addresses whose object is not what was copied, or is gone.

        Raises:
            OutsideServiceError: the store does not answer, or refuses us.
        """
        for url in urls:
            found = self.buckets.look(url)
            if found is None or found.etag != _tag_of(self.place(url)):
                yield url

    def _look(self, url: str) -> BucketObject:
        found = self.buckets.look(checked(url))
        if found is None:
            raise DataError("There is no such object", where=url, next_step="Check bucket and key")
        return found


def remote(names: Iterable[str]) -> list[str]:
    """Those of the names that are addresses of objects."""
    return [name for name in names if is_bucket(name)]


def _note(place: Path) -> Path:
    return place.with_name(place.name + ".object.json")


def _tag_of(place: Path) -> str | None:
    try:
        return str(orjson.loads(_note(place).read_bytes())["etag"]) if place.is_file() else None
    except (OSError, orjson.JSONDecodeError, KeyError):
        return None
