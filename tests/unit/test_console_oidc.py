"""Single sign-on against a real OpenID Connect provider: state, nonce, PKCE, signature, and who gets which role."""

from __future__ import annotations

import os
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient

os.environ.setdefault("AUTHLIB_INSECURE_TRANSPORT", "1")  # the test's provider speaks HTTP on this machine
from labelwright.entry.api.v1.access import CSRF_HEADER
from support import workspaces
from support.console import console
from support.oidc import CLIENT, SECRET, oidc_provider

HERE = "http://127.0.0.1"


@pytest.fixture(scope="module")
def provider():
    with oidc_provider() as running:
        running.redirect_uri = f"{HERE}/api/v1/oidc/callback"
        yield running


@pytest.fixture(scope="module")
def seeded(tmp_path_factory, provider):
    with console(tmp_path_factory.mktemp("oidc") / "place", 12) as found:
        values = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
        workspaces.configure(found.place, "console", **values, oidc_role="reviewer")
        found.service.console.reload()
        yield found


@pytest.fixture
def stranger(seeded, provider):
    provider.nonce, provider.audience, provider.forge, provider.expires_in = None, CLIENT, False, 300
    provider.user = {"sub": "u-1", "name": "Olga Single"}
    provider.asked.clear()
    return TestClient(seeded.app, base_url=HERE, follow_redirects=False)


def go(stranger: TestClient) -> httpx.Response:
    """From our page to the provider and back, as a browser goes."""
    begun = stranger.get("/api/v1/oidc/start")
    assert begun.status_code == 307, begun.text
    back = httpx.get(begun.headers["location"])
    assert back.status_code == 302, back.text
    return stranger.get(back.headers["location"].removeprefix(HERE))


def test_single_sign_on_lets_a_newcomer_in_with_the_role_of_the_settings(stranger, provider):
    """The whole way against a provider that demands PKCE and a nonce; the account is the same the next time."""
    answer = go(stranger)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    me = stranger.get("/api/v1/session").json()
    assert (me["name"], me["role"], me["has_password"]) == ("Olga Single", "reviewer", False)
    asked, exchanged = provider.asked
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) >= 43
    assert len(exchanged["code_verifier"]) >= 43
    assert stranger.delete("/api/v1/session", headers={CSRF_HEADER: me["csrf"]}).status_code == 204
    go(stranger)
    assert stranger.get("/api/v1/session").json()["id"] == me["id"]


def test_a_foreign_state_and_a_missing_cookie_let_nobody_in(stranger):
    """Somebody else's code pasted into our address is no sign-in of this browser."""
    begun = stranger.get("/api/v1/oidc/start")
    code = parse_qs(urlsplit(httpx.get(begun.headers["location"]).headers["location"]).query)["code"][0]
    assert stranger.get(f"/api/v1/oidc/callback?code={code}&state=guess").status_code == 403
    stranger.cookies.clear()
    query = httpx.get(stranger.get("/api/v1/oidc/start").headers["location"]).headers["location"].split("?", 1)[1]
    stranger.cookies.clear()
    assert stranger.get(f"/api/v1/oidc/callback?{query}").status_code == 403


@pytest.mark.parametrize(
    "wrong", [{"nonce": "another"}, {"audience": "another"}, {"forge": True}, {"expires_in": -3600}], ids=str
)
def test_what_the_provider_says_is_checked(stranger, provider, wrong):
    """A token for another nonce or client, signed by another key, or too old signs nobody in."""
    for name, value in wrong.items():
        setattr(provider, name, value)
    assert go(stranger).status_code == 403
    assert stranger.get("/api/v1/session").status_code == 401


def test_an_address_alone_makes_nobody_somebody_else(stranger, seeded, provider):
    """Whoever can choose the lead's e-mail at the provider becomes a newcomer with another account."""
    lead = seeded.sign_in()
    lead.put("/api/v1/session/profile", json={"name": "Lead", "email": "lead@example.org"})
    provider.user = {"sub": "u-2", "name": "Mallory", "email": "lead@example.org", "email_verified": True}
    go(stranger)
    me = stranger.get("/api/v1/session").json()
    assert (me["name"], me["role"], me["email"]) == ("Mallory", "reviewer", None)


def test_a_code_is_good_once_and_only_with_its_verifier(stranger, provider):
    """The provider refuses a code whose verifier is not that of the start: PKCE is in force."""
    begun = stranger.get("/api/v1/oidc/start")
    location = httpx.get(begun.headers["location"]).headers["location"]
    cookie = stranger.cookies["labelwright_oidc"]
    state, nonce, verifier = cookie.strip('"').split(".", 2)
    stranger.cookies.set(
        "labelwright_oidc", f"{state}.{nonce}.{'x' * len(verifier)}", domain="127.0.0.1", path="/api/v1/oidc"
    )
    assert stranger.get(location.removeprefix(HERE)).status_code in {403, 502, 503}
    assert stranger.get("/api/v1/session").status_code == 401
