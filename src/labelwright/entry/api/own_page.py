"""The route of an annotator's own page: for whoever holds its signed link, and for nobody else."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from labelwright.adapters.personal_links import ME_PATH, is_signed, personal_link
from labelwright.app.context import Project
from labelwright.app.onboarding import read_guidelines, start_attempt
from labelwright.entry.pages import own_page
from labelwright.model.errors import LabelwrightError
from labelwright.model.project import Annotator, AnnotatorStatus

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


def own_page_router(current: Callable[[], Project], secret: str, *, console: bool = False) -> APIRouter:
    """Pages below ``/me/{id}/{signature}``. A link that is not ours, or somebody who has left, gets 404 alike.

    Args:
        current: the labeling project as its files are now.
        secret: signs the links of this workspace.
        console: the web app is built: the link leads to its page of the annotator, below ``/own``.
    """
    router = APIRouter(include_in_schema=False)
    address = ME_PATH + "/{annotator}/{signature}"

    def person(annotator: str, signature: str) -> Annotator:
        signed = is_signed(secret, annotator, signature)
        found = next((a for a in current().store.annotators() if a.id == annotator), None)
        if not signed or found is None or found.status is AnnotatorStatus.LEFT:
            raise HTTPException(404, "There is no such page", _HEADERS)
        return found

    @router.get(address)
    def show(annotator: str, signature: str) -> Response:
        found = person(annotator, signature)
        if console:
            return RedirectResponse(f"/own/{quote(annotator, safe='')}/{signature}", 303, headers=_HEADERS)
        return HTMLResponse(own_page(current(), found, personal_link("", secret, found.id)), headers=_HEADERS)

    @router.post(address + "/read")
    def read(annotator: str, signature: str) -> Response:
        """She says that she has read the guidelines."""
        found = person(annotator, signature)
        try:
            read_guidelines(current(), found)
        except LabelwrightError as problem:
            raise HTTPException(409, f"{problem.what}. {problem.next_step}", _HEADERS) from problem
        return RedirectResponse(personal_link("", secret, found.id), 303, headers=_HEADERS)

    @router.post(address + "/try")
    def try_again(annotator: str, signature: str) -> Response:
        """Another try at the qualification round."""
        found = person(annotator, signature)
        try:
            start_attempt(current(), found)
        except LabelwrightError as problem:
            raise HTTPException(409, f"{problem.what}. {problem.next_step}", _HEADERS) from problem
        return RedirectResponse(personal_link("", secret, found.id), 303, headers=_HEADERS)

    return router
