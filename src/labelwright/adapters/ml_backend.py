"""A client for programs that speak Label Studio's ML-backend protocol: `/health`, `/setup`, `/predict`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from labelwright.model.errors import OutsideServiceError, SettingsError

TIMEOUT = httpx.Timeout(120.0, connect=5.0)
BACKOFF = (0.5, 1.0, 2.0)
_PASSING = frozenset({429, 500, 502, 503, 504})
#: Tasks of one request: a backend holds them all at once.
BATCH = 32


class MlBackend:
    """One backend.

    Args:
        url: its address, where ``/health`` answers.
        project: tells the backend which project asks, as Label Studio does.
        config: the labeling config.
        transport: for tests that need a backend which misbehaves.
        sleep: waits that many seconds between tries.
    """

    def __init__(
        self,
        url: str,
        project: str,
        config: str,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise SettingsError(
                "The address of a model must begin with http:// or https://",
                where="labelwright.yaml: model.url",
                next_step="Write it as in http://127.0.0.1:9090",
            )
        self.url = url.rstrip("/")
        self._asked_by = {"project": project, "label_config": config}
        self._config, self._sleep = config, sleep
        host = httpx.URL(self.url).host
        self._http = httpx.Client(timeout=TIMEOUT, transport=transport, trust_env=not host.startswith("127."))

    def health(self) -> Mapping[str, Any]:
        """What the backend says of itself.

        Raises:
            OutsideServiceError: nothing answers there, or it is not well.
        """
        found: Mapping[str, Any] = self._send("GET", "/health")
        return found

    def setup(self) -> str:
        """Tell it the labeling config; the version of its model.

        Raises:
            OutsideServiceError: nothing answers there, or it refuses the config.
        """
        body = {"project": self._asked_by["project"], "schema": self._config, "hostname": "", "access_token": ""}
        return str(self._send("POST", "/setup", body).get("model_version") or "unnamed")

    def predict(self, tasks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """One prediction a task, in the order of the tasks: ``result``, ``score``, ``model_version``.

        Raises:
            OutsideServiceError: nothing answers there, or the answer is none that the protocol knows.
        """
        found: list[Mapping[str, Any]] = []
        for start in range(0, len(tasks), BATCH):
            part = [dict(task) for task in tasks[start : start + BATCH]]
            answer = self._send("POST", "/predict", {"tasks": part, **self._asked_by, "params": {"context": {}}})
            results = answer.get("results")
            if not isinstance(results, list) or len(results) != len(part):
                told = len(results) if isinstance(results, list) else "no"
                raise self._failed(f"It was given {len(part)} tasks and answered with {told} predictions")
            found += [r if isinstance(r, dict) else {} for r in results]
        return found

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _send(self, method: str, path: str, body: Any = None) -> Mapping[str, Any]:
        for pause in (*BACKOFF, None):
            try:
                response = self._http.request(method, self.url + path, json=body)
            except httpx.HTTPError as problem:
                if pause is None:
                    raise self._failed(f"It cannot be reached: {type(problem).__name__}") from problem
            else:
                if response.is_success:
                    return self._read(response)
                if pause is None or response.status_code not in _PASSING:
                    raise self._failed(f"It answered {path} with {response.status_code}")
            self._sleep(pause)
        raise AssertionError("the last try returns or raises")  # pragma: no cover

    def _read(self, response: httpx.Response) -> Mapping[str, Any]:
        try:
            found = response.json()
        except ValueError as problem:
            raise self._failed("Its answer is not JSON") from problem
        if not isinstance(found, dict):
            raise self._failed("Its answer is not what the protocol says")
        return found

    def _failed(self, what: str) -> OutsideServiceError:
        shown = str(httpx.URL(self.url).copy_with(userinfo=b""))
        return OutsideServiceError(
            f"The model behind an address is not well. {what}",
            where=shown,
            next_step="Start it, look into its log, or correct model.url in labelwright.yaml",
        )
