"""Objects of a store, handed on in ranges: what Starlette does for files, for what is not one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from fastapi import HTTPException, Response
from starlette.responses import StreamingResponse

from labelwright.adapters.media.buckets import BucketObject, Buckets
from labelwright.adapters.media.files import media_type

_RANGE = re.compile(r"^bytes=(\d{0,18})-(\d{0,18})$")


def answer_object(
    buckets: Buckets, url: str, wish: str | None, headers: dict[str, str], *, head: bool = False
) -> Response:
    """The object or the part of it that is wished for (RFC 9110, section 14; several parts at once are not given).

    410 where it is gone, 415 where it is no image, audio or video, 416 where the part lies behind its end.
    """
    kind = media_type(PurePosixPath(url))
    if kind is None:
        raise HTTPException(415, "Only image, audio and video files are shown")
    found = buckets.look(url)
    if found is None:
        raise HTTPException(410, "The object is gone from its bucket")
    part = part_of(wish, found.size)
    start, end = part or (0, found.size)
    told = {**headers, "Accept-Ranges": "bytes", "ETag": f'"{found.etag}"', "Content-Length": str(end - start)}
    if part:
        told["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
    status = 206 if part else 200
    if head:
        return Response(status_code=status, headers=told, media_type=kind)
    return StreamingResponse(_bytes(buckets, found, start, end), status, told, kind)


def part_of(wish: str | None, size: int) -> tuple[int, int] | None:
    """Start and end (exclusive) of what a Range header asks for; None for the whole.

    Raises:
        HTTPException: 416 where nothing of it is there.
    """
    asked = _RANGE.match(wish or "")
    if asked is None or asked.group(0) == "bytes=-":
        return None
    first, last = asked.groups()
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last) + 1, size) if first and last else size
    if start >= end:
        raise HTTPException(416, "The part lies behind the end", {"Content-Range": f"bytes */{size}"})
    return start, end


def _bytes(buckets: Buckets, found: BucketObject, start: int, end: int) -> Iterator[bytes]:
    yield from buckets.read(found.url, start, end)
