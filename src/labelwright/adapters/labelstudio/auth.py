"""How a token travels: legacy tokens as they are, personal access tokens exchanged for short-lived ones."""

from __future__ import annotations

import base64
import binascii
import json
import threading
import time
from collections.abc import Callable, Generator

import httpx

from labelwright.model.errors import OutsideServiceError

#: Seconds before its expiry at which an access token is renewed.
_MARGIN = 30.0
_JWT_PARTS = 3


def auth_for(token: str, base_url: str, *, now: Callable[[], float] = time.time) -> httpx.Auth:
    """The way to send that kind of token.

    Args:
        token: a legacy token (40 hex characters) or a personal access token (a JWT refresh token).
        base_url: the server, where a personal access token is exchanged.
        now: seconds since the epoch, to renew before expiry.
    """
    token = token.strip()
    if len(token.split(".")) == _JWT_PARTS:
        return PersonalToken(token, base_url, now=now)
    return LegacyToken(token)


class LegacyToken(httpx.Auth):
    """``Authorization: Token …``."""

    def __init__(self, token: str) -> None:
        self._header = f"Token {token}"

    def __repr__(self) -> str:
        return "LegacyToken(hidden)"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header."""
        request.headers["Authorization"] = self._header
        yield request


class PersonalToken(httpx.Auth):
    """A refresh token, exchanged at ``/api/token/refresh`` and renewed before it expires or when refused."""

    requires_response_body = True

    def __init__(self, token: str, base_url: str, *, now: Callable[[], float] = time.time) -> None:
        self._refresh = token
        self._url = f"{base_url.rstrip('/')}/api/token/refresh"
        self._now = now
        self._access: str | None = None
        self._expires = 0.0
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "PersonalToken(hidden)"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Exchange when needed, send, and once more when the access token was refused."""
        if self._is_stale():
            exchanged = yield self._exchange()
            self._take(exchanged)
        response = yield self._signed(request)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            exchanged = yield self._exchange()
            self._take(exchanged)
            yield self._signed(request)

    def _is_stale(self) -> bool:
        with self._lock:
            return self._access is None or self._now() > self._expires - _MARGIN

    def _exchange(self) -> httpx.Request:
        return httpx.Request("POST", self._url, json={"refresh": self._refresh})

    def _take(self, response: httpx.Response) -> None:
        access = _access_of(response)
        if access is None:
            raise OutsideServiceError(
                "Label Studio does not accept the personal access token",
                where=self._url,
                next_step="Make a new one under Account & Settings and put it into `label_studio.token`.",
            )
        with self._lock:
            self._access, self._expires = access, expiry_of(access, default=self._now() + 60)

    def _signed(self, request: httpx.Request) -> httpx.Request:
        with self._lock:
            request.headers["Authorization"] = f"Bearer {self._access}"
        return request


def _access_of(response: httpx.Response) -> str | None:
    if response.status_code != httpx.codes.OK:
        return None
    try:
        access = response.json().get("access")
    except (ValueError, AttributeError):
        return None
    return access if isinstance(access, str) else None


def expiry_of(jwt: str, default: float) -> float:
    """When that JWT expires, in seconds since the epoch; ``default`` where it does not say."""
    try:
        part = jwt.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return float(claims["exp"])
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return default
