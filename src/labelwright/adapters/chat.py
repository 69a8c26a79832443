"""A client for endpoints that speak the OpenAI chat-completions protocol."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from labelwright.model.errors import OutsideServiceError, SettingsError
from labelwright.ports.chat import Reply

BACKOFF = (1.0, 2.0, 4.0, 8.0)
_PASSING = frozenset({408, 409, 429, 500, 502, 503, 504})
#: A server that asks for a longer pause than this is taken as one that is not there.
_LONGEST_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the model is. ``key`` is never part of a message or a repr."""

    url: str
    model: str
    key: str | None
    most_tokens: int
    per_minute: int | None
    seconds: float


class ChatClient:
    """Asks one model, no faster than it may be asked, and again when it is busy.

    Args:
        endpoint: where it is.
        transport: for tests that need an endpoint which misbehaves.
        sleep: waits that many seconds.
        clock: seconds, ever growing.

    Raises:
        SettingsError: the address is none.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not endpoint.url.startswith(("http://", "https://")):
            raise SettingsError(
                "The address of the endpoint must begin with http:// or https://",
                where="labelwright.yaml: llm.url",
                next_step="Write it up to the version, as in http://127.0.0.1:8000/v1",
            )
        self._endpoint, self._sleep, self._clock = endpoint, sleep, clock
        self._url = endpoint.url.rstrip("/") + "/chat/completions"
        self._next = 0.0
        headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
        local = httpx.URL(endpoint.url).host.startswith("127.")
        timeout = httpx.Timeout(endpoint.seconds, connect=10.0)
        self._http = httpx.Client(headers=headers, timeout=timeout, transport=transport, trust_env=not local)

    def __repr__(self) -> str:
        return f"ChatClient({self._endpoint.model!r})"

    def ask(self, system: str, user: str) -> Reply:
        """One answer.

        Raises:
            OutsideServiceError: it cannot be reached, refuses the key, or stays busy.
        """
        body = {
            "model": self._endpoint.model,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
            "temperature": 0,
            "max_tokens": self._endpoint.most_tokens,
            "response_format": {"type": "json_object"},
        }
        for pause in (*BACKOFF, None):
            self._wait_turn()
            start = self._clock()
            try:
                response = self._http.post(self._url, json=body)
            except httpx.HTTPError as problem:
                if pause is None:
                    raise self._failed(f"It cannot be reached: {type(problem).__name__}") from problem
                self._sleep(pause)
                continue
            if response.is_success:
                return self._read(response, self._clock() - start)
            if pause is None or response.status_code not in _PASSING:
                raise self._failed(_REASONS.get(response.status_code, f"It answered with {response.status_code}"))
            self._sleep(_asked_pause(response) or pause)
        raise AssertionError("the last try returns or raises")  # pragma: no cover

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _wait_turn(self) -> None:
        if self._endpoint.per_minute is None:
            return
        now = self._clock()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + 60.0 / self._endpoint.per_minute

    def _read(self, response: httpx.Response, seconds: float) -> Reply:
        try:
            found: Any = response.json()
            text = found["choices"][0]["message"]["content"] or ""
        except (ValueError, KeyError, IndexError, TypeError) as problem:
            raise self._failed("Its answer is not what the protocol says") from problem
        usage = found.get("usage") or {}
        return Reply(str(text), _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")), seconds)

    def _failed(self, what: str) -> OutsideServiceError:
        shown = str(httpx.URL(self._url).copy_with(userinfo=b"", query=None))
        return OutsideServiceError(
            f"The language model is not well. {what}",
            where=shown,
            next_step="Correct llm.url, llm.model or llm.api_key in labelwright.yaml; what was answered is kept",
        )


_REASONS = {
    401: "It refuses the key",
    403: "It refuses the key",
    404: "There is no such address or model",
    429: "It is asked too often: set llm.per_minute",
}


def _asked_pause(response: httpx.Response) -> float | None:
    told = response.headers.get("Retry-After", "")
    return min(float(told), _LONGEST_PAUSE) if told.isdigit() else None


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
