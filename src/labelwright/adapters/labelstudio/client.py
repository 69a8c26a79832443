"""A thin client for Label Studio's REST interface: tokens, timeouts, retries, and errors that tell the next step."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Self

import httpx

from labelwright.adapters.labelstudio import failures
from labelwright.adapters.labelstudio.auth import auth_for
from labelwright.model.errors import OutsideServiceError, SettingsError

#: Seconds to connect, and to wait for an answer (an import of a full chunk takes a few).
TIMEOUT = httpx.Timeout(60.0, connect=5.0)
#: Seconds between the tries of a call that is safe to repeat.
BACKOFF = (0.25, 0.5, 1.0)
#: Oldest release whose interface this client was tried against in kind.
OLDEST = (1, 20)
_PASSING = frozenset({429, 500, 502, 503, 504})


class LabelStudioClient:
    """Talks to one server with one token.

    Calls that are safe to repeat are tried again a few times; any call is tried again while nothing listens, since
    then nothing was sent. A POST is never sent twice.

    Args:
        base_url: address of the server, with a sub-path if it has one.
        token: legacy or personal access token; never part of a message, a log line or a repr.
        timeout: seconds for connecting and answering.
        transport: for tests that need a server which misbehaves.
        sleep: waits that many seconds between tries.

    Attributes:
        ahead: how far the server's clock was ahead of this machine's at the last answer.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        timeout: httpx.Timeout = TIMEOUT,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base_url = checked_url(base_url)
        self._sleep = sleep
        self.ahead = timedelta()
        quiet_requests()
        self._http = httpx.Client(
            base_url=self.base_url,
            auth=auth_for(token, self.base_url),
            timeout=timeout,
            transport=transport,
            trust_env=uses_proxy(self.base_url),
        )

    def __repr__(self) -> str:
        return f"LabelStudioClient({shown(self.base_url)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """The JSON at that path."""
        return self._json(self._send("GET", path, params=params))

    def post(
        self,
        path: str,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        *,
        timeout: httpx.Timeout | None = None,
    ) -> Any:
        """What the server answers; sent at most once. ``timeout``: another than that of the client."""
        return self._json(self._send("POST", path, params=params, body=body, timeout=timeout))

    def patch(self, path: str, body: Any) -> Any:
        """The thing as it stands after the change."""
        return self._json(self._send("PATCH", path, body=body))

    def delete(self, path: str) -> None:
        """Make it go; that it is gone already is fine."""
        try:
            self._send("DELETE", path)
        except failures.NotFoundError:
            return

    def version(self) -> tuple[str, tuple[int, ...]]:
        """Release of the server, as it names itself and as numbers.

        Raises:
            OutsideServiceError: nothing answers there, it is not Label Studio, or it is older than 1.20.
        """
        try:
            answer = self.get("/api/version")
        except failures.NotFoundError:
            answer = None
        release = answer.get("release") if isinstance(answer, dict) else None
        if not isinstance(release, str):
            raise OutsideServiceError(
                "Something answers at that address, but it is not Label Studio",
                where=shown(self.base_url),
                next_step="Correct `label_studio.url`: it is the address of the start page, without /projects.",
            )
        return release, _supported(release, shown(self.base_url))

    def whoami(self) -> dict[str, Any]:
        """The account of the token. Raises OutsideServiceError when the token is not accepted."""
        answer: dict[str, Any] = self.get("/api/current-user/whoami")
        return answer

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        timeout: httpx.Timeout | None = None,
    ) -> httpx.Response:
        patience = httpx.USE_CLIENT_DEFAULT if timeout is None else timeout
        where = f"{method} {shown(self.base_url)}{path}"
        for pause in (*BACKOFF, None):
            try:
                response = self._http.request(method, path, params=params, json=body, timeout=patience)
            except (httpx.HTTPError, OSError) as error:
                if pause is None or not _may_repeat(method, error):
                    raise _explained(error, where) from error
                self._sleep(pause)
                continue
            if response.is_success:
                self.ahead = _ahead(response, self.ahead)
                return response
            if pause is None or method == "POST" or response.status_code not in _PASSING:
                raise failures.of_response(response, where)
            self._sleep(pause)
        raise AssertionError("the last try returns or raises")  # pragma: no cover

    def _json(self, response: httpx.Response) -> Any:
        if not response.content:
            return None
        try:
            return response.json()
        except ValueError:
            return None


def _ahead(response: httpx.Response, before: timedelta) -> timedelta:
    """How far the server's clock is ahead of ours, by the answer's own time (RFC 9110: whole seconds)."""
    try:
        theirs = parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError):
        return before
    return theirs - datetime.now(UTC) if theirs.tzinfo else before


def checked_url(url: str) -> str:
    """The address of the start page, from any address that was copied from the browser.

    Raises:
        SettingsError: not an http(s) address.
    """
    url = re.sub(r"/(projects|user|people|organization)(/.*)?$", "", url.strip().rstrip("/"))
    parsed = httpx.URL(url) if "://" in url else None
    if parsed is None or parsed.scheme not in {"http", "https"} or not parsed.host:
        raise SettingsError(
            "The address of Label Studio must begin with http:// or https://",
            where="label_studio.url",
            next_step="Write it as in the browser, such as https://labels.example.org.",
        )
    return url


def shown(url: str) -> str:
    """The address without a password that may stand in it."""
    return str(httpx.URL(url).copy_with(userinfo=b""))


def uses_proxy(url: str) -> bool:
    """Whether a proxy of the environment may stand between: never before a server on this machine."""
    host = httpx.URL(url).host
    return not (host in {"localhost", "::1"} or host.startswith("127."))


def quiet_requests() -> None:
    """Keep request lines out of the logs: the invitation's address holds a secret."""
    logger = logging.getLogger("httpx")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.WARNING)


def _supported(release: str, where: str) -> tuple[int, ...]:
    numbers = tuple(int(part) for part in release.split(".")[:3] if part.isdigit())
    if numbers < OLDEST:
        raise OutsideServiceError(
            f"Label Studio {release} is too old",
            where=where,
            next_step="Labelwright needs 1.20 or newer: upgrade the server, or let `labelwright up` run its own.",
        )
    return numbers


def _may_repeat(method: str, error: Exception) -> bool:
    nothing_was_sent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
    return nothing_was_sent or (method != "POST" and isinstance(error, httpx.TransportError))


def _explained(error: Exception, where: str) -> OutsideServiceError:
    if isinstance(error, httpx.HTTPError):
        return failures.of_exception(error, where)
    return OutsideServiceError("Label Studio cannot be reached", where=where, next_step="Look at the network settings.")
