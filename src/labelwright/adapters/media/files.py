"""Files of the user's own disk or bucket behind the fields of items: links for the screen, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from labelwright.adapters.media.buckets import Buckets, is_bucket
from labelwright.adapters.media.links import THUMBNAIL, link, read_name, verify
from labelwright.adapters.media.thumbnails import Thumbnails
from labelwright.adapters.pool.links import SERVED_LOCALLY
from labelwright.model.project import Item

#: Days that a link opens its file. An assignment that is delivered anew gets a new link; one that lies on a desk for
#: longer shows its file no more (403) until it is withdrawn and delivered again.
DAYS = 90

#: What a browser can be given, by extension. Written down rather than asked of the system, whose tables differ.
TYPES = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "bmp": "image/bmp",
    "webp": "image/webp", "svg": "image/svg+xml", "tif": "image/tiff", "tiff": "image/tiff", "avif": "image/avif",
    "wav": "audio/wav", "mp3": "audio/mpeg", "flac": "audio/flac", "ogg": "audio/ogg", "oga": "audio/ogg",
    "opus": "audio/ogg", "m4a": "audio/mp4", "aac": "audio/aac",
    "mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime", "m4v": "video/mp4", "ogv": "video/ogg",
    "mkv": "video/x-matroska", "avi": "video/x-msvideo",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LocalMedia:
    """The local files of one workspace. Implements `ports.Media`.

    Attributes:
        roots: folders where relative paths begin: a folder of media itself, or the folder of a data file. Where two
            of them hold the same path, the first counts, as it does when the pool is imported.
        fields: data fields that the screen loads from an address.
        secret: gives what links are signed with.
        address: gives where this machine's browsers reach Labelwright's server; raises where links would lead nowhere.
        now: seconds since the epoch.
        buckets: the object store behind ``s3://`` values.
        direct: whether browsers may be sent to the store itself for such a value; else it goes through this server.
        thumbnails: keeps small pictures; None where there are to be none.
    """

    roots: tuple[Path, ...]
    fields: frozenset[str]
    secret: Callable[[], str] = field(repr=False)
    address: Callable[[], str]
    now: Callable[[], float]
    buckets: Buckets = field(default_factory=Buckets)
    direct: Callable[[str], bool] = lambda _url: False
    thumbnails: Thumbnails | None = None

    def shown(self, item: Item, name: str) -> Any:
        """The value of a field as the screen takes it: a path as a signed link for `DAYS`, all else as it is."""
        value = item.data[name]
        if name not in self.fields or not (is_local(value) or is_bucket(value)):
            return value
        if is_bucket(value) and self.direct(value):
            return self.buckets.signed(value)
        expires = int(self.now()) + DAYS * 86_400
        return link(self.address(), self.secret(), item.id, name, expires)

    def thumbnail(self, item: Item, name: str) -> str | None:
        """Where Labelwright's own server gives a small picture of a field, as a path: ``/media/…/thumbnail``.

        None where the field shows no picture, recording or film of this disk or bucket; what http(s) links lead to is
        never fetched. The link is signed, opens for `DAYS`, and takes ``?side=96``, ``192`` (as without it) or ``480``:
        the longer side in pixels. The answer is a JPEG (a film's first frame, a recording's wave form), 404 where no
        picture can be made of the file. A page of the same server shows it by ``<img loading="lazy" src=…>``.
        """
        value = item.data.get(name)
        if self.thumbnails is None or name not in self.fields or not (is_local(value) or is_bucket(value)):
            return None
        if media_type(PurePath(str(value))) in {None, "image/svg+xml"}:
            return None
        return link("", self.secret(), item.id, name, self._expires()) + THUMBNAIL

    def small(self, item: Item, name: str, side: int) -> Path | None:
        """The small picture behind such a link, a file; None where there is none.

        Raises:
            BusyError: too many are asked for at once.
            OutsideServiceError: the store cannot be read.
        """
        remote, path = self.remote(item, name), self.path(item, name)
        if self.thumbnails is None or (remote is None and path is None):
            return None
        if remote is not None:
            return self.thumbnails.of_object(self.buckets, remote, side)
        return None if path is None else self.thumbnails.of_file(path, side)

    def _expires(self) -> int:
        """Of a list's pictures: the same all day long, so that a browser asks for each only once."""
        return (int(self.now()) // 86_400 + DAYS) * 86_400

    def opened(self, name: str, expires: str, signature: str) -> tuple[str, str] | None:
        """Item and field that a link opens; None where it was not signed here, or its time is over."""
        if not verify(self.secret(), name, expires, signature, self.now()):
            return None
        return read_name(name)

    def remote(self, item: Item, name: str) -> str | None:
        """The object behind a field."""
        value = item.data.get(name)
        return str(value) if name in self.fields and is_bucket(value) else None

    def content(self, item: Item, name: str) -> bytes | None:
        """The bytes of the file or object behind a field; None for what lies elsewhere, is gone, or is refused."""
        path, remote = self.path(item, name), self.remote(item, name)
        if path is not None:
            return path.read_bytes()
        found = self.buckets.look(remote) if remote else None
        return None if found is None else b"".join(self.buckets.read(found.url, 0, found.size))

    def preview(self, item: Item, name: str) -> str | None:
        """A small picture of what a field shows, as a ``data:`` address; None for what lies elsewhere."""
        from labelwright.adapters.media.previews import preview  # noqa: PLC0415 - decoders are slow to load

        path = self.path(item, name)
        return None if path is None else preview(path)

    def path(self, item: Item, name: str) -> Path | None:
        """The file behind a field, looked up now: what has become a link out of its folder is not given."""
        value = item.data.get(name)
        if name not in self.fields or not is_local(value):
            return None
        return _find(self.roots, str(value))


def is_local(value: Any) -> bool:
    """Whether a value names a file of this disk, and neither an address nor Label Studio's own media."""
    return isinstance(value, str) and "://" not in value and not value.startswith(SERVED_LOCALLY)


def media_type(path: PurePath) -> str | None:
    """The content type of an image, audio or video file by its extension; None for all else."""
    return TYPES.get(path.suffix.lower().removeprefix("."))


def _find(roots: Iterable[Path], value: str) -> Path | None:
    for root in roots:
        try:
            target = (root / value).resolve()
            if target.is_relative_to(root.resolve()) and target.is_file():
                return target
        except (OSError, ValueError, RuntimeError):  # too long a name, a zero byte, links in a circle
            continue
    return None
