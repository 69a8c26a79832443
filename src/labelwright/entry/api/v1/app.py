"""The API as one application, mounted at `/api/v1`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response

from labelwright import __version__
from labelwright.entry.api.v1 import (
    accounts,
    agreement,
    datasets,
    downloads,
    events,
    guidelines,
    items,
    jobs,
    me,
    oidc,
    overview,
    people,
    review,
    rounds,
    session,
    setup,
)
from labelwright.entry.api.v1.problems import handle_problems
from labelwright.entry.api.v1.state import Console

ROUTERS = (session, oidc, accounts, overview, items, agreement, people, review, rounds, datasets, guidelines, setup,
           me, jobs, events, downloads)  # fmt: skip
PATH = "/api/v1"


def create_v1(console: Console | None) -> FastAPI:
    """The API; without a console it can only say what it would answer (its OpenAPI document)."""
    app = FastAPI(
        title="Labelwright",
        version=__version__,
        description="Everything that the console shows and does. Sign in with a cookie (`POST /session`) or send "
        "`Authorization: Bearer …` with an API token.",
        docs_url=None,
        redoc_url=None,
        root_path_in_servers=False,
        servers=[{"url": PATH}],
    )
    app.state.console = console
    handle_problems(app)
    for module in ROUTERS:
        app.include_router(module.router)

    @app.middleware("http")
    async def _never_stored(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        return response

    return app
