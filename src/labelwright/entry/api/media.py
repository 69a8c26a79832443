"""The route for media: one file for one signed link, in ranges, to Label Studio's screens only."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.responses import FileResponse

from labelwright.adapters.media.files import LocalMedia, media_type
from labelwright.adapters.media.links import MEDIA_PATH, THUMBNAIL
from labelwright.adapters.media.thumbnails import BusyError
from labelwright.entry.api.media_ranges import answer_object
from labelwright.model.errors import OutsideServiceError
from labelwright.model.project import Item

#: `nosniff` and the policy keep a hostile file (an SVG with a script above all) from acting when it is opened alone.
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "private, max-age=3600",
    "Vary": "Origin",
}
_METHODS = "GET, HEAD"
_KEPT = "private, max-age=86400"


class _File(FileResponse):
    chunk_size = 1 << 20  # sixteen times fewer hops to the thread that reads


def media_router(
    current: Callable[[], LocalMedia], find: Callable[[str], Item | None], origins: Callable[[], Collection[str]]
) -> APIRouter:
    """Serves the files behind the items' fields.

    403 where a link is not ours or its time is over, 404 where there is no such item or field, 410 where its file is
    gone or has come to lead out of its folder, 415 where it is no image, audio or video. The same link followed by
    `/thumbnail` gives a small JPEG of it; 404 where none can be made.

    Args:
        current: signs and looks up, in the folders that the settings name now.
        find: the item of an id, if it was ever put on a desk.
        origins: where Label Studio's pages come from now: only they may read with a script.
    """
    router = APIRouter()
    address = MEDIA_PATH + "/{expires}/{signature}/{name}"

    @router.api_route(address, methods=["GET", "HEAD"])
    def serve(request: Request, expires: str, signature: str, name: str) -> Response:
        allowed, media = _cors(request, origins()), current()
        try:
            item, field = _wanted(media, find, expires, signature, name)
            remote = media.remote(item, field)
            if remote is None:
                return _answer(media.path(item, field), allowed)
            wish, head = request.headers.get("range"), request.method == "HEAD"
            return answer_object(media.buckets, remote, wish, {**_SAFE, **allowed}, head=head)
        except HTTPException as refusal:
            raise HTTPException(
                refusal.status_code, refusal.detail, {**_SAFE, "Cache-Control": "no-store", **allowed}
            ) from None

    @router.get(address + THUMBNAIL)
    def thumbnail(
        request: Request, expires: str, signature: str, name: str, side: Literal["96", "192", "480"] = "192"
    ) -> Response:
        allowed, media = _cors(request, origins()), current()
        try:
            item, field = _wanted(media, find, expires, signature, name)
            return _small(media, item, field, int(side), allowed)
        except HTTPException as refusal:
            raise HTTPException(
                refusal.status_code, refusal.detail, {**_SAFE, "Cache-Control": "no-store", **allowed}
            ) from None

    @router.options(address)
    def preflight(request: Request) -> Response:
        """A script that asks for a range asks this first."""
        allowed = _cors(request, origins())
        wishes = {
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Allow-Headers": "Range, If-Range, If-None-Match, If-Modified-Since",
            "Access-Control-Allow-Private-Network": "true",
            "Access-Control-Max-Age": "3600",
        }
        return Response(
            status_code=204, headers={"Vary": "Origin", "Allow": _METHODS, **(allowed | wishes if allowed else {})}
        )

    return router


def _wanted(
    media: LocalMedia, find: Callable[[str], Item | None], expires: str, signature: str, name: str
) -> tuple[Item, str]:
    opened = media.opened(name, expires, signature)
    if opened is None:
        raise HTTPException(403, "This link is not valid, or its time is over: deliver the task anew")
    item = find(opened[0])
    if item is None or opened[1] not in item.data:
        raise HTTPException(404, "There is no such item")
    return item, opened[1]


def _small(media: LocalMedia, item: Item, field: str, side: int, headers: dict[str, str]) -> Response:
    try:
        kept = media.small(item, field, side)
    except BusyError as busy:
        raise HTTPException(503, busy.what) from busy
    except (OSError, OutsideServiceError) as gone:
        raise HTTPException(410, "The file cannot be read") from gone
    if kept is None:
        raise HTTPException(404, "There is no small picture of it")
    return FileResponse(kept, media_type="image/jpeg", headers={**_SAFE, "Cache-Control": _KEPT, **headers})


def _answer(path: Path | None, headers: dict[str, str]) -> Response:
    if path is None:
        raise HTTPException(410, "The file is gone from its folder")
    kind = media_type(path)
    if kind is None:
        raise HTTPException(415, "Only image, audio and video files are shown")
    try:
        found = path.stat()
    except OSError as gone:
        raise HTTPException(410, "The file is gone from its folder") from gone
    if not stat.S_ISREG(found.st_mode) or not os.access(path, os.R_OK):
        raise HTTPException(410, "The file cannot be read")
    return _File(path, media_type=kind, stat_result=found, headers={**_SAFE, **headers})


def _cors(request: Request, origins: Collection[str]) -> dict[str, str]:
    origin = request.headers.get("origin")
    if origin is None or origin not in origins:
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range",
    }
