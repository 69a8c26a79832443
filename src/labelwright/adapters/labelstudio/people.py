"""Accounts: people join through the invitation, because an account made over REST cannot log in."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx

from labelwright.adapters.labelstudio import failures
from labelwright.adapters.labelstudio.client import TIMEOUT, LabelStudioClient, shown, uses_proxy
from labelwright.model.desk import Member
from labelwright.model.errors import OutsideServiceError

_CSRF = re.compile(r"""name=["']csrfmiddlewaretoken["'][^>]*value=["']([^"']+)["']""")
_COMPLAINTS = re.compile(r"""<ul class=["']field_errors["']>(.*?)</ul>""", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_NAME = 100


def member(client: LabelStudioClient, email: str) -> Member | None:
    """The account with that address in any case, if there is one; nobody's token is known from outside."""
    wanted = email.strip().lower()
    for user in client.get("/api/users/"):
        if str(user.get("email", "")).lower() == wanted:
            return Member(user=int(user["id"]), email=str(user["email"]))
    return None


def add_member(client: LabelStudioClient, email: str, password: str, name: str) -> Member:
    """Sign somebody up as they would do it themselves, with the invitation's form.

    Args:
        client: speaks for an administrator.
        email: address to log in with.
        password: 8 to 128 characters, unlike the address.
        name: shown beside their annotations to administrators.

    Returns:
        The new account with a token of its own; the account that exists already, as it is and without a token.

    Raises:
        OutsideServiceError: the form was refused.
    """
    existing = member(client, email)
    if existing is not None:
        return existing
    invitation = httpx.URL(str(client.get("/api/invite")["invite_url"]))
    with httpx.Client(base_url=client.base_url, timeout=TIMEOUT, trust_env=uses_proxy(client.base_url)) as browser:
        try:
            _sign_up(browser, invitation.raw_path.decode(), email, password)
            made = _of_session(browser, client)
        except httpx.HTTPError as error:
            raise failures.of_exception(error, f"{shown(client.base_url)}/user/signup/") from error
    client.patch(f"/api/users/{made.user}/", {"first_name": name.strip()[:_NAME]})
    return made


def _sign_up(browser: httpx.Client, path: str, email: str, password: str) -> None:
    page = browser.get(path)
    if not page.is_success:
        raise failures.of_response(page, "the invitation of Label Studio")
    form = {
        "csrfmiddlewaretoken": _csrf(page, browser),
        "email": email.strip(),
        "password": password,
        "allow_newsletters": "false",
    }
    answer = browser.post(path, data=form, headers={"Referer": str(browser.base_url.join(path).copy_with(query=None))})
    if not answer.is_redirect:
        raise OutsideServiceError(
            f"Label Studio did not take the account of {email}{_complaints(answer)}",
            where="the invitation of Label Studio",
            next_step="Correct the address or the password and run the command again.",
        )


def _of_session(browser: httpx.Client, client: LabelStudioClient) -> Member:
    me = browser.get("/api/current-user/whoami").raise_for_status().json()
    return Member(user=int(me["id"]), email=str(me["email"]), token=_token(browser, client))


def _token(browser: httpx.Client, client: LabelStudioClient) -> str:
    """A token of the new account's own: of the old kind where the server takes it, else a personal one."""
    if _takes_legacy_tokens(client):
        return str(browser.get("/api/current-user/token").raise_for_status().json()["token"])
    headers = {"X-CSRFToken": browser.cookies.get("csrftoken") or "", "Referer": str(browser.base_url)}
    return str(browser.post("/api/token/", headers=headers).raise_for_status().json()["token"])


def _takes_legacy_tokens(client: LabelStudioClient) -> bool:
    try:
        settings: dict[str, Any] = client.get("/api/jwt/settings")
    except (failures.NotFoundError, failures.RefusedError):
        return True
    return bool(settings.get("legacy_api_tokens_enabled", True))


def _csrf(page: httpx.Response, browser: httpx.Client) -> str:
    found = _CSRF.search(page.text)
    return found.group(1) if found else browser.cookies.get("csrftoken") or ""


def _complaints(answer: httpx.Response) -> str:
    """What the form says beside its fields, such as the length that a password must have."""
    said = (" ".join(unescape(_TAG.sub(" ", block)).split()) for block in _COMPLAINTS.findall(answer.text))
    return "".join(f": {text}" for text in said if text)[:300]
