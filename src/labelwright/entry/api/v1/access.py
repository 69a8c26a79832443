"""Who asks and what they may do: cookies with a protection token, or bearer tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response

from labelwright.app.console.accounts import SESSION_SECONDS, Principal, same
from labelwright.entry.api.v1.problems import Problem, ProblemError, forbidden
from labelwright.entry.api.v1.state import Console, TheConsole
from labelwright.model.console import Scope, Session

COOKIE = "labelwright_session"
CSRF_HEADER = "X-Labelwright-CSRF"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def set_cookie(request: Request, response: Response, cookie: str) -> None:
    """The session's cookie: not for scripts, not for other sites."""
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=int(SESSION_SECONDS),
        httponly=True,
        samesite="strict",
        secure=_is_secure(request),
        path="/",
    )


def _is_secure(request: Request) -> bool:
    public = request.app.state.console.place.settings.console_url or ""
    return request.url.scheme == "https" or public.startswith("https://")


def principal_of(request: Request, response: Response, console: TheConsole) -> Principal:
    """Who asks.

    Raises:
        ProblemError: 401 for nobody, 403 where a page of another site may be asking.
    """
    bearer = request.headers.get("authorization", "")
    if bearer[:7].lower() == "bearer ":
        found = console.accounts.of_token(bearer[7:].strip())
        if found is None:
            raise _nobody("This token is not known, or its time is over")
        return found
    return _of_cookie(request, response, console)


def _of_cookie(request: Request, response: Response, console: Console) -> Principal:
    cookie = request.cookies.get(COOKIE)
    known = console.accounts.of_cookie(cookie) if cookie else None
    if known is None:
        raise _nobody("Nobody is signed in")
    principal, session = known
    if request.method not in _SAFE_METHODS:
        _protect(request, session)
    fresh = console.accounts.rotated(session, principal.account)
    if fresh is not None:
        set_cookie(request, response, fresh)
    return principal


def _protect(request: Request, session: Session) -> None:
    """The page that asks must know the session's protection token, and must be ours."""
    if not same(request.headers.get(CSRF_HEADER, ""), session.csrf):
        raise forbidden("The protection token is missing", f"Send {CSRF_HEADER} as GET /session gives it")
    check_origin(request)


def check_origin(request: Request) -> None:
    """A browser names the page that asks: it must be one of this server.

    Raises:
        ProblemError: 403 for another site.
    """
    origin = request.headers.get("origin")
    if origin is None:
        return
    public = request.app.state.console.place.settings.console_url or ""
    allowed = {request.headers.get("host", ""), urlsplit(public).netloc}
    if urlsplit(origin).netloc not in allowed:
        raise forbidden("Another site asks for this", "Set server.public_url to the address that browsers use")


def _nobody(what: str) -> ProblemError:
    step = "Open the link that `labelwright up` prints, or sign in"
    return ProblemError(401, Problem(code="unauthenticated", message=what, next_step=step))


def need(scope: Scope) -> Callable[..., Principal]:
    """A dependency that lets in whoever has this right."""

    def check(principal: Annotated[Principal, Depends(principal_of)]) -> Principal:
        if scope not in principal.scopes:
            raise forbidden(f"This needs the right to {scope.value}", "Ask the lead for another role")
        return principal

    return check


Anyone = Annotated[Principal, Depends(principal_of)]
Reader = Annotated[Principal, Depends(need(Scope.READ))]
Reviewer = Annotated[Principal, Depends(need(Scope.REVIEW))]
Manager = Annotated[Principal, Depends(need(Scope.MANAGE))]
Oneself = Annotated[Principal, Depends(need(Scope.OWN))]


def note(console: Console, who: Principal, action: str, target: str, **detail: object) -> None:
    """Write down who changed what."""
    console.project.store.append_audit(console.project.clock.now(), who.who, who.via, action, target, detail)
