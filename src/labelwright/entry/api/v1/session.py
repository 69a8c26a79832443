"""Signing in and out, and one's own profile and tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from labelwright.app.console.accounts import Principal
from labelwright.entry.api.v1.access import COOKIE, Anyone, check_origin, note, set_cookie
from labelwright.entry.api.v1.problems import RESPONSES, Problem, ProblemError, missing
from labelwright.entry.api.v1.shapes import Name
from labelwright.entry.api.v1.state import Console, TheConsole
from labelwright.model.console import SCOPES, Account, ApiToken, Role, Scope

router = APIRouter(tags=["session"], responses=RESPONSES)


class Me(BaseModel):
    """Who is signed in. Send ``csrf`` as the header X-Labelwright-CSRF with everything that changes something."""

    id: str
    name: str
    email: str | None
    role: Role
    scopes: list[Scope]
    annotator: str | None
    has_password: bool
    csrf: str | None
    via: str


class SignIn(BaseModel):
    """E-mail and password."""

    email: Annotated[str, Field(max_length=320)]
    password: Annotated[str, Field(max_length=1000)]


class LinkIn(BaseModel):
    """The secret of a link that lets somebody in once."""

    token: Annotated[str, Field(min_length=1, max_length=200)]


class Profile(BaseModel):
    """What one may change of oneself. A password needs at least ten characters."""

    name: Name
    email: Annotated[str | None, Field(max_length=320)] = None
    password: Annotated[str | None, Field(max_length=1000)] = None


class Ways(BaseModel):
    """How one can sign in here."""

    password: bool
    oidc: bool
    project: str


class Token(BaseModel):
    """An API token; its secret is never shown again."""

    id: str
    name: str
    account: str
    scopes: list[Scope]
    created_at: datetime
    ends_at: float | None


class NewToken(BaseModel):
    """A token to be made."""

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=4)]
    days: Annotated[int | None, Field(ge=1, le=3650)] = None


class MadeToken(Token):
    """With the secret, this once. Send it as ``Authorization: Bearer …``."""

    secret: str


@router.get("/session/ways")
def ways(console: TheConsole) -> Ways:
    """How one can sign in here; asked before anybody is."""
    settings = console.place.settings
    known = any(a.password and a.active for a in console.project.store.accounts())
    return Ways(password=known, oidc=settings.console.oidc_issuer is not None, project=settings.name)


@router.get("/session")
def me(who: Anyone) -> Me:
    """Who is signed in."""
    return _me(who)


@router.post("/session")
def sign_in(request: Request, response: Response, body: SignIn, console: TheConsole) -> Me:
    """Sign in with a password."""
    check_origin(request)
    client = request.client.host if request.client else "?"
    keys = (f"address:{body.email.strip().casefold()}", f"client:{client}")
    _wait(console, *keys)
    account = console.accounts.sign_in(body.email, body.password)
    if account is None:
        console.throttle.failed(*keys)
        step = "Try again, or ask the lead for a new link"
        raise ProblemError(
            401, Problem(code="unauthenticated", message="E-mail and password do not fit", next_step=step)
        )
    console.throttle.succeeded(*keys)
    return _let_in(request, response, console, account, "password")


@router.post("/session/link")
def by_link(request: Request, response: Response, body: LinkIn, console: TheConsole) -> Me:
    """Sign in with a link that works once."""
    check_origin(request)
    client = f"link:{request.client.host if request.client else '?'}"
    _wait(console, client)
    try:
        account = console.accounts.use_link(body.token)
    except Exception:
        console.throttle.failed(client)
        raise
    return _let_in(request, response, console, account, "link")


@router.delete("/session", status_code=204)
def sign_out(request: Request, who: Anyone, console: TheConsole) -> Response:
    """Sign out of this browser."""
    cookie = request.cookies.get(COOKIE)
    if cookie and who.via == "session":
        console.accounts.sign_out(cookie)
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer


@router.put("/session/profile")
def change_profile(request: Request, response: Response, body: Profile, who: Anyone, console: TheConsole) -> Me:
    """Name, e-mail and password of one's own. A new password signs every other browser out."""
    if who.via != "session":
        raise ProblemError(403, Problem(code="forbidden", message="A token cannot change its account"))
    changed = console.accounts.set_profile(who.account, body.name, body.email, body.password)
    note(console, who, "profile.change", changed.id, password=body.password is not None)
    if body.password is None:
        return _me(Principal(changed, SCOPES[changed.role], who.via, who.csrf))
    return _let_in(request, response, console, changed, "password")


@router.get("/tokens")
def tokens(who: Anyone, console: TheConsole) -> list[Token]:
    """One's own API tokens; a lead sees everybody's."""
    everyones = Scope.MANAGE in who.scopes
    return [Token(**_token(t)) for t in console.project.store.tokens() if everyones or t.account == who.account.id]


@router.post("/tokens", status_code=201)
def make_token(body: NewToken, who: Anyone, console: TheConsole) -> MadeToken:
    """Make an API token. It never allows more than its account."""
    if who.via != "session":
        raise ProblemError(403, Problem(code="forbidden", message="A token cannot make tokens"))
    end = None if body.days is None else console.project.clock.now().timestamp() + body.days * 86_400
    secret, token = console.accounts.new_token(who.account, body.name, body.scopes, end)
    note(console, who, "token.make", token.id, name=token.name, scopes=sorted(token.scopes))
    return MadeToken(secret=secret, **_token(token))


@router.delete("/tokens/{token}", status_code=204)
def revoke_token(token: str, who: Anyone, console: TheConsole) -> Response:
    """Revoke a token."""
    found = next((t for t in console.project.store.tokens() if t.id == token), None)
    if found is None or (found.account != who.account.id and Scope.MANAGE not in who.scopes):
        raise missing("There is no such token")
    console.project.store.delete_token(token)
    note(console, who, "token.revoke", token, name=found.name)
    return Response(status_code=204)


def _token(token: ApiToken) -> dict[str, Any]:
    names = ("id", "name", "account", "created_at", "ends_at", "scopes")
    return {n: getattr(token, n) for n in names}


def _wait(console: Console, *keys: str) -> None:
    seconds = console.throttle.wait(*keys)
    if seconds > 0:
        problem = Problem(code="throttled", message="Too many tries", next_step=f"Try again in {seconds:.0f} s")
        raise ProblemError(429, problem, {"Retry-After": str(int(seconds) + 1)})


def _let_in(request: Request, response: Response, console: Console, account: Account, way: str) -> Me:
    """A new key with every sign-in: one that was known before opens nothing."""
    old = request.cookies.get(COOKIE)
    if old:
        console.accounts.sign_out(old)
    cookie, session = console.accounts.open_session(account)
    set_cookie(request, response, cookie)
    who = Principal(account, SCOPES[account.role], "session", session.csrf)
    note(console, who, "sign-in", account.id, by=way)
    return _me(who)


def _me(who: Principal) -> Me:
    account = who.account
    return Me(
        id=account.id,
        name=account.name,
        email=account.email,
        role=account.role,
        scopes=sorted(who.scopes),
        annotator=account.annotator,
        has_password=account.password is not None,
        csrf=who.csrf,
        via=who.via,
    )
