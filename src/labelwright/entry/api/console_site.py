"""The REST API and the web app on Labelwright's server: every path that is nobody else's is the app's."""

from __future__ import annotations

import secrets
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, Request, Response
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, HTMLResponse
from starlette.staticfiles import StaticFiles

from labelwright.entry.api.v1.app import PATH, create_v1
from labelwright.entry.api.v1.state import Console

_NONCE = "__CSP_NONCE__"
_YEAR = "public, max-age=31536000, immutable"
_NOT_BUILT = """<!doctype html><html lang="en"><title>Labelwright</title><h1>The console is not built</h1>
<p>The REST API works: <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</p>
<p>In a source checkout run <code>make console</code>; an installed wheel brings it along.</p></html>"""


class _Assets(StaticFiles):
    """Files whose names change with their content."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = _YEAR
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def static_folder() -> Path:
    """Where the built app lies."""
    return Path(str(files("labelwright.entry.console") / "static"))


def is_built() -> bool:
    """Whether the web app is there, not only the API."""
    return (static_folder() / "index.html").is_file()


def add_console(app: FastAPI, console: Console, folder: Path | None = None) -> None:
    """Mount the API and the app."""
    folder = folder or static_folder()
    app.mount(PATH, create_v1(console))
    if (folder / "assets").is_dir():
        app.mount("/assets", GZipMiddleware(_Assets(directory=folder / "assets"), minimum_size=1_000, compresslevel=6))
    page = folder / "index.html"

    @app.get("/favicon.svg", include_in_schema=False)
    def icon() -> Response:
        return FileResponse(folder / "favicon.svg") if (folder / "favicon.svg").is_file() else Response(status_code=404)

    @app.get("/{path:path}", include_in_schema=False)
    def view(request: Request, path: str) -> Response:  # noqa: ARG001 - every deep link is the app's
        nonce = secrets.token_urlsafe(16)
        text = page.read_text(encoding="utf-8") if page.is_file() else _NOT_BUILT
        return HTMLResponse(text.replace(_NONCE, nonce), headers=_page_headers(nonce))


def _page_headers(nonce: str) -> dict[str, str]:
    """Only our own scripts and styles, no other host, in nobody's frame."""
    policy = (
        "default-src 'none'; script-src 'self'; "
        f"style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Cache-Control": "no-store",
    }
