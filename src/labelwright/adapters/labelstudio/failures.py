"""What went wrong with Label Studio, in words: what, where, next step."""

from __future__ import annotations

import json
import re
import ssl
from typing import Any

import httpx

from labelwright.model.errors import OutsideServiceError

_DETAIL = 300


class PassingError(OutsideServiceError):
    """Label Studio failed, or its answer got lost: whether it did what was asked is not known."""


class RefusedError(OutsideServiceError):
    """Label Studio understood the request and says no (400, 403, 409, …); ``detail`` holds its words."""

    def __init__(self, status: int, detail: str, where: str) -> None:
        self.status = status
        self.detail = detail
        super().__init__(f"Label Studio refused the request with {status}: {detail}", where=where)


class NotFoundError(OutsideServiceError):
    """Label Studio has no such thing (404)."""

    def __init__(self, where: str, detail: str) -> None:
        self.detail = detail
        super().__init__(
            "Label Studio does not have what was asked for",
            where=where,
            next_step="The project or task may have been deleted there. `labelwright doctor` shows what is missing.",
        )


def of_exception(error: httpx.HTTPError, where: str) -> OutsideServiceError:
    """A request that got no answer."""
    if _is_tls(error):
        what = "The TLS certificate of Label Studio is not accepted"
        step = "Check the address (http or https?); for a private authority set SSL_CERT_FILE to its bundle."
    elif isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
        what = "Label Studio cannot be reached"
        step = "Start it (`labelwright up`), or correct `label_studio.url`; `labelwright doctor` looks further."
    elif isinstance(error, httpx.TimeoutException):
        what = "Label Studio does not answer in time"
        step = "It may be busy with an import: try again in a minute, and look into its log."
    else:
        what = "The connection to Label Studio broke"
        step = "Look whether it is running (`labelwright status`) and try again."
    return PassingError(what, where=where, next_step=step)


def of_response(response: httpx.Response, where: str) -> OutsideServiceError:
    """An answer that says no."""
    status, detail = response.status_code, detail_of(response)
    if status == httpx.codes.UNAUTHORIZED:
        return OutsideServiceError(
            "Label Studio does not accept the token",
            where=where,
            next_step="Copy it (legacy or personal access token) from Account & Settings into `label_studio.token`.",
        )
    if status == httpx.codes.NOT_FOUND:
        return NotFoundError(where, detail)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        step = f"Its log says why. It answered: {detail}" if detail else "Its log says why."
        return PassingError(f"Label Studio failed with {status}", where=where, next_step=step)
    return RefusedError(status, detail, where)


def detail_of(response: httpx.Response) -> str:
    """The server's own words, short and on one line; no page of HTML."""
    if "json" not in response.headers.get("content-type", ""):
        return ""
    try:
        body = response.json()
    except ValueError:
        return ""
    return re.sub(r"\s+", " ", _said(body))[:_DETAIL]


def _said(body: Any) -> str:
    if not isinstance(body, dict):
        return json.dumps(body, ensure_ascii=False)
    reasons = body.get("validation_errors") or body.get("detail") or body
    return reasons if isinstance(reasons, str) else json.dumps(reasons, ensure_ascii=False)


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError) or "SSL" in str(error) or "CERTIFICATE" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
