"""Labelwright's own server: the webhook's ear, media, a health check. The work is done beside it, by the worker."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, FastAPI, Header, Path, Response
from pydantic import BaseModel

from labelwright import __version__
from labelwright.app.hooks import HOOK_PATH


class Health(BaseModel):
    """Whether the server and its worker are well."""

    status: str
    version: str
    worker: str


def create_app(
    secret: str,
    append: Callable[[int], None],
    worker_state: Callable[[], str],
    media: APIRouter | None = None,
    console: Callable[[FastAPI], None] | None = None,
) -> FastAPI:
    """The server.

    Args:
        secret: what Label Studio sends with every webhook.
        append: keeps one hint, the Label Studio project to look at, in the event log.
        worker_state: one word on how the worker is.
        media: serves local files (`media.media_router`).
        console: adds the REST API and the web pages (`console_site.add_console`), which take every other path.
    """
    app = FastAPI(title="Labelwright", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health", response_model=Health)
    def health() -> Health:
        return Health(status="ok", version=__version__, worker=worker_state())

    @app.post(HOOK_PATH + "/{project}", status_code=204)
    def hook(
        project: Annotated[int, Path(gt=0, lt=2**31)], x_labelwright_secret: Annotated[str, Header()] = ""
    ) -> Response:
        """One append. The body is never read: any member of Label Studio can know the secret."""
        if not hmac.compare_digest(x_labelwright_secret.encode(), secret.encode()):
            return Response(status_code=401)
        append(project)
        return Response(status_code=204)

    if media is not None:
        app.include_router(media)
    if console is not None:
        console(app)
    return app
