"""Server-sent events: what has changed, so that pages ask anew only for that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from labelwright.entry.api.v1.access import Anyone
from labelwright.entry.api.v1.jobs import shape_of
from labelwright.entry.api.v1.problems import RESPONSES
from labelwright.entry.api.v1.state import Console, TheConsole

router = APIRouter(tags=["events"], responses=RESPONSES)
_LOOK = 1.0
_BEAT = 15


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Events `views` and `job`"}},
)
async def events(request: Request, _: Anyone, console: TheConsole) -> StreamingResponse:
    """`views` names the views that were made anew; `job` is a job that moved."""
    head = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(request, console), media_type="text/event-stream", headers=head)


async def _events(request: Request, console: Console) -> AsyncIterator[bytes]:
    views = await run_in_threadpool(_views, console)
    jobs: dict[str, int] = {}
    quiet = 0
    yield b": hello\n\n"
    while not await request.is_disconnected():
        now = await run_in_threadpool(_views, console)
        changed = sorted(k for k in now if now[k] != views.get(k))
        moved = [j for j in console.jobs.all() if jobs.get(j.id) != j.version]
        if changed:
            yield _event("views", {"changed": changed})
        for job in moved:
            jobs[job.id] = job.version
            yield _event("job", shape_of(job).model_dump())
        views, quiet = now, 0 if changed or moved else quiet + 1
        if quiet and quiet % _BEAT == 0:
            yield b": beat\n\n"
        await asyncio.sleep(_LOOK)


def _views(console: Console) -> dict[str, str]:
    return console.project.store.snapshot_stamps()


def _event(kind: str, body: dict[str, object]) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + orjson.dumps(body) + b"\n\n"
