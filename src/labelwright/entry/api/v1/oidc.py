"""Single sign-on by OpenID Connect (authorization code with PKCE); joserfc checks what the provider says."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from labelwright.app.console.accounts import Principal, same
from labelwright.entry.api.v1.access import note, set_cookie
from labelwright.entry.api.v1.problems import RESPONSES, Problem, ProblemError, missing
from labelwright.entry.api.v1.state import Console, TheConsole
from labelwright.model.console import SCOPES, Role
from labelwright.model.errors import OutsideServiceError

router = APIRouter(tags=["session"], responses=RESPONSES)
_STATE_COOKIE = "labelwright_oidc"
_PATIENCE = 600
_TIMEOUT = 10.0
_LEEWAY = 60


@dataclass(frozen=True, slots=True)
class Provider:
    """Who vouches, and what it told about itself."""

    issuer: str
    client_id: str
    client_secret: str | None
    discovery: dict[str, Any]


@router.get("/oidc/start", response_class=RedirectResponse, status_code=307)
def start(request: Request, console: TheConsole) -> RedirectResponse:
    """Send the browser to the provider."""
    from authlib.common.security import generate_token  # noqa: PLC0415 - only where single sign-on is set
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415

    provider = _provider(console)
    state, nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(24), generate_token(48)
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": _redirect_uri(request, console),
        "scope": "openid profile email",
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    address = str(httpx.URL(provider.discovery["authorization_endpoint"]).copy_merge_params(query))
    answer = RedirectResponse(address, status_code=307)
    # Lax: the provider's redirect must bring it back. It opens nothing by itself.
    answer.set_cookie(
        _STATE_COOKIE,
        f"{state}.{nonce}.{verifier}",
        max_age=_PATIENCE,
        httponly=True,
        samesite="lax",
        path="/api/v1/oidc",
    )
    return answer


@router.get("/oidc/callback", response_class=RedirectResponse, status_code=303)
def callback(request: Request, console: TheConsole, code: str = "", state: str = "") -> RedirectResponse:
    """The provider sends the browser back: check what it says, and let the person in."""
    provider = _provider(console)
    kept = request.cookies.get(_STATE_COOKIE, "").split(".", 2)
    if len(kept) != 3 or not code or not same(kept[0], state):
        raise ProblemError(
            403, Problem(code="forbidden", message="This sign-in did not begin here", next_step="Start it again")
        )
    claims = _claims(provider, _redirect_uri(request, console), code, kept[1], kept[2])
    role = console.place.settings.console.oidc_role
    account = console.accounts.of_subject(
        f"{provider.issuer}|{claims['sub']}",
        str(claims.get("name") or claims.get("preferred_username") or claims["sub"]),
        str(claims["email"]) if claims.get("email") and claims.get("email_verified") else None,
        Role(role) if role else None,
    )
    if account is None:
        step = "Ask the lead to invite you, or to set console.oidc_role"
        raise ProblemError(403, Problem(code="forbidden", message="You have no account here", next_step=step))
    answer = RedirectResponse("/", status_code=303)
    cookie, _ = console.accounts.open_session(account)
    set_cookie(request, answer, cookie)
    answer.delete_cookie(_STATE_COOKIE, path="/api/v1/oidc")
    note(console, Principal(account, SCOPES[account.role], "session"), "sign-in", account.id, by="oidc")
    return answer


def _redirect_uri(request: Request, console: Console) -> str:
    public = console.place.settings.console_url
    base = public or f"{request.url.scheme}://{request.url.netloc}"
    return f"{base}/api/v1/oidc/callback"


def _provider(console: Console) -> Provider:
    settings = console.place.settings.console
    if not settings.oidc_issuer or not settings.oidc_client_id:
        raise missing("Single sign-on is not set up", "Set console.oidc_issuer and oidc_client_id in labelwright.yaml")
    address = settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration"
    return Provider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, _json("GET", address))


def _claims(provider: Provider, redirect_uri: str, code: str, nonce: str, verifier: str) -> dict[str, Any]:
    """The identity token's claims, its signature, issuer, audience, time and nonce checked."""
    from joserfc import jwt  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import KeySet  # noqa: PLC0415

    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": provider.client_id,
        "code_verifier": verifier,
    }
    if provider.client_secret:
        form["client_secret"] = provider.client_secret
    token = _json("POST", provider.discovery["token_endpoint"], form).get("id_token", "")
    wanted = jwt.JWTClaimsRegistry(
        now=int(time.time()),
        leeway=_LEEWAY,
        iss={"essential": True, "value": provider.discovery.get("issuer", provider.issuer)},
        aud={"essential": True, "value": provider.client_id},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
    )
    try:
        keys = KeySet.import_key_set(_json("GET", provider.discovery["jwks_uri"]))  # type: ignore[arg-type]  # JSON
        found = jwt.decode(token, keys, algorithms=["RS256", "PS256", "ES256"])
        wanted.validate(found.claims)
    except (JoseError, ValueError) as error:
        raise ProblemError(403, Problem(code="forbidden", message="The provider's answer is not valid")) from error
    return dict(found.claims)


def _json(method: str, address: str, form: dict[str, str] | None = None) -> dict[str, Any]:
    try:
        answer = httpx.request(method, address, data=form, timeout=_TIMEOUT)
        answer.raise_for_status()
        return dict(answer.json())
    except (httpx.HTTPError, ValueError) as error:
        raise OutsideServiceError(
            "The single sign-on provider does not answer as it should", next_step="Check console.oidc_issuer"
        ) from error
